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

export default async function work(request: RunRequest): Promise<RunResult | null> {
  stop = new AbortController();
  return executeRun(request, { signal: stop.signal, onEvent: (event: RunEvent) => process.send?.(event) });
}
