/**
 * The suite in a process of Node, Deno or Bun: process.js THREADS main|worker FILE writes its answer to the file. A
 * fourth argument is the file of the wide kernels, to be taken instead of the baseline.
 */
import fs from 'node:fs';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { here, inWorker } from './inWorker.js';

const [threads, place, file, wide] = process.argv.slice(2);
const answer = await (place === 'worker' ? inWorker : here)({
  threads: Number(threads),
  ...(wide === undefined ? {} : { wide: pathToFileURL(wide).href }),
});
fs.writeFileSync(file!, JSON.stringify(answer));
