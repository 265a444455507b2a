/** The suite in a process of Node, Deno or Bun: process.js THREADS main|worker FILE writes its answer to the file. */
import fs from 'node:fs';
import process from 'node:process';
import { here, inWorker } from './inWorker.js';

const [threads, place, file] = process.argv.slice(2);
const answer = await (place === 'worker' ? inWorker : here)(Number(threads));
fs.writeFileSync(file!, JSON.stringify(answer));
