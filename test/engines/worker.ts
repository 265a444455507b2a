/**
 * The suite in a worker: a Web Worker that is sent what to run it with, or one of node:worker_threads that has it as
 * its data.
 */

import { here } from './inWorker.js';
import type { Order } from './suite.js';

if (typeof postMessage === 'function') {
  onmessage = async ({ data }: MessageEvent<Order>) => postMessage(await here(data));
} else {
  const { parentPort, workerData } = await import('node:worker_threads');
  parentPort!.postMessage(await here(workerData as Order));
}
