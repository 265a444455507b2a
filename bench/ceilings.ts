/** The machine's limits as a contender. */
import fs from 'node:fs';
import path from 'node:path';
import { ceilingTask } from './ceilingTask.js';
import { type Contender, serve, Unsupported } from './serve.js';

const load = (file: string): Uint8Array<ArrayBuffer> => fs.readFileSync(path.join(import.meta.dirname, file));

await serve(
  async (): Promise<Contender> => ({
    version: '',
    threads: 1,
    fast: false,
    open: (work) => {
      if (work.kind !== 'ceiling') throw new Unsupported(`${work.kind} is not a ceiling`);
      return ceilingTask(work, load);
    },
  }),
);
