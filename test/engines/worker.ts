/**
 * The suite in a worker: a Web Worker that is sent the number of threads, or one of node:worker_threads that has it as
 * its data.
 */
import { here } from './inWorker.js';

if (typeof postMessage === 'function') {
  onmessage = async ({ data }: MessageEvent<number>) => postMessage(await here(data));
} else {
  const { parentPort, workerData } = await import('node:worker_threads');
  parentPort!.postMessage(await here(workerData as number));
}
