/** The suite in a worker: a Web Worker worker.js?threads=N, or one of node:worker_threads with N as its data, posts its answer. */
import { here } from './inWorker.js';

if (typeof postMessage === 'function') {
  postMessage(await here(Number(new URL(import.meta.url).searchParams.get('threads'))));
} else {
  const { parentPort, workerData } = await import('node:worker_threads');
  parentPort!.postMessage(await here(workerData as number));
}
