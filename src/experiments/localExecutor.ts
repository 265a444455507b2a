/** Executes runs in processes of this machine. */
import process from 'node:process';
import { Tinypool } from 'tinypool';
import type { ExecuteOptions, Executor, RunEvent } from './executor.js';
import type { RunRequest } from './request.js';
import type { RunResult } from './result.js';
import type { PoolAnswer, PoolMessage } from './worker.js';

/**
 * A pool of processes, each of which reads a data set once and executes one run after the other. One that dies takes
 * no other run with it, and is replaced.
 */
export class LocalExecutor implements Executor {
  readonly #pool: Tinypool;

  /** @param jobs processes, and so runs at a time */
  constructor(readonly jobs: number) {
    this.#pool = new Tinypool({
      runtime: 'child_process',
      filename: new URL('./experiment-worker.js', import.meta.url).href,
      minThreads: jobs,
      maxThreads: jobs,
      env: process.env as Record<string, string>,
      execArgv: [],
    });
    // A process that dies between two runs is replaced like any other.
    this.#pool.on('error', () => {});
  }

  async execute(request: RunRequest, { onEvent = () => {}, signal }: ExecuteOptions = {}): Promise<RunResult | null> {
    if (signal?.aborted) return null;
    let send: (message: PoolMessage) => void = () => {};
    const stop = (): void => send({ lanewise: 'stop' });
    signal?.addEventListener('abort', stop);
    try {
      const answer = (await this.#pool.run(request, {
        channel: {
          onMessage: (callback) => {
            send = callback;
            if (signal?.aborted) stop();
          },
          postMessage: (message) => onEvent(message as RunEvent),
        },
      })) as PoolAnswer;
      if ('result' in answer) return answer.result;
      const { message, ...fields } = answer.error;
      throw Object.assign(new Error(message), fields);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
