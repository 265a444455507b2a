import type { Order, Report } from './suite.js';

/** What a worker or page sends: a report, or why there is none. */
export type Answer = { readonly report: Report } | { readonly error: string };

/** The suite in a worker: a Web Worker where the engine has them, one of node:worker_threads otherwise. */
export async function inWorker(order: Order): Promise<Answer> {
  if (typeof Worker === 'undefined') {
    const { Worker } = await import('node:worker_threads');
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: order });
    return new Promise((resolve, reject) => void worker.once('message', resolve).once('error', reject));
  }
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  const answer = new Promise<Answer>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
    worker.onerror = ({ message }) => resolve({ error: `the worker failed: ${message}` });
    worker.postMessage(order);
  });
  return answer.finally(() => worker.terminate());
}

/** The suite on this thread. */
export function here(order: Order): Promise<Answer> {
  return import('./suite.js')
    .then(({ run }) => run(order))
    .then(
      (report) => ({ report }),
      (error: Error) => ({ error: `${error.message}\n${error.stack}` }),
    );
}
