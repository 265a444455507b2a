/** What a process of the pool runs: one run after the other. */
import process from 'node:process';
import type { LanewiseError } from '../index.js';
import type { RunEvent } from './executor.js';
import type { RunRequest } from './request.js';
import type { RunResult } from './result.js';
import { executeRun } from './run.js';

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

/** The result of a run, or the error that ended it, as plain data: processes do not keep the fields of errors. */
export type PoolAnswer =
  | { readonly result: RunResult | null }
  | { readonly error: Pick<Error, 'name' | 'message' | 'stack'> & Partial<ErrorFields> };

/** What an error of lanewise says beside its message. */
export type ErrorFields = Pick<LanewiseError, 'code' | 'where' | 'reason' | 'hint'>;

export default async function work(request: RunRequest): Promise<PoolAnswer> {
  stop = new AbortController();
  try {
    const onEvent = (event: RunEvent): void => {
      process.send?.(event);
    };
    return { result: await executeRun(request, { signal: stop.signal, onEvent }) };
  } catch (thrown) {
    if (!(thrown instanceof Error)) return { error: { name: 'Error', message: String(thrown) } };
    const { name, message, stack, code, where, reason, hint } = thrown as Error & Partial<ErrorFields>;
    return { error: { name, message, stack, code, where, reason, hint } };
  }
}
