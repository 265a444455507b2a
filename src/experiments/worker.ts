/** What a process of the pool runs: one run after the other. */
import process from 'node:process';
import { executeRun } from './run.js';
import type { RunEvent, RunRequest } from './executor.js';
import type { RunResult } from './result.js';

/** What the pool's owner sends beside the runs. */
export type PoolMessage = { readonly lanewise: 'stop' };

// Ctrl-C reaches every process of the terminal; when to stop, the pool's owner says.
process.on('SIGINT', () => {});
// It was killed: the last checkpoint is what remains.
process.on('disconnect', () => process.exit(1));

let stop: AbortController | undefined;
process.on('message', (message: PoolMessage | null) => {
  if (message?.lanewise === 'stop') stop?.abort();
});

/** What a run came to, or the error that ended it: an error by itself would lose its fields on the way. */
export type PoolAnswer =
  | { readonly result: RunResult | null }
  | { readonly error: { readonly name: string; readonly message: string; readonly stack?: string; readonly code?: unknown } };

export default async function work(request: RunRequest): Promise<PoolAnswer> {
  stop = new AbortController();
  try {
    return { result: await executeRun(request, { signal: stop.signal, onEvent: (event: RunEvent) => process.send?.(event) }) };
  } catch (thrown) {
    if (!(thrown instanceof Error)) return { error: { name: 'Error', message: String(thrown) } };
    const { name, message, stack, code } = thrown as Error & { code?: unknown };
    return { error: { name, message, ...(stack !== undefined && { stack }), ...(code !== undefined && { code }) } };
  }
}
