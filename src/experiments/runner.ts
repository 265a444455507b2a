/** Runs a list of runs: several at a time, each once more where it crashed, those that are done already not at all. */
import { FileWriteError, MissingDataError } from '../index.js';
import type { Executor, RunEvent } from './executor.js';
import { writeResult } from './layout.js';
import type { RunRequest } from './request.js';
import { failedResult, type RunResult } from './result.js';
import type { ErrorFields } from './worker.js';

export interface RunnerOptions {
  readonly onEvent?: (request: RunRequest, event: RunEvent) => void;
  /** A run crashed and is tried again. */
  readonly onRetry?: (request: RunRequest, error: unknown) => void;
  readonly onResult?: (request: RunRequest, result: RunResult) => void;
  /** What the user should know about files that were found, in a line. */
  readonly onNote?: (text: string) => void;
  /** Ends all runs after the batch at hand, with a checkpoint. */
  readonly signal?: AbortSignal;
}

/** Codes of refusals that a second try meets again. */
const PERMANENT = new Set(['LANEWISE_ARGUMENT', 'LANEWISE_CHECKPOINT', 'LANEWISE_LOCKED', 'LANEWISE_FILE_FORMAT']);
const MISSING_DATA = 'LANEWISE_MISSING_DATA';

/**
 * Executes runs. One that crashes is tried once more, from its last checkpoint; then it counts as failed, which does
 * not stop the others.
 *
 * @param requests in the order in which they are begun
 * @returns the results, in the order of the requests; shorter when `signal` ended it
 * @throws {MissingDataError} when the data are not there: then no run can be executed
 */
export async function runAll(
  requests: readonly RunRequest[],
  executor: Executor,
  options: RunnerOptions = {},
): Promise<RunResult[]> {
  const { onResult } = options;
  // Where one run cannot be executed because no run can, the others are ended as well.
  const hopeless = new AbortController();
  const signal = options.signal === undefined ? hopeless.signal : AbortSignal.any([options.signal, hopeless.signal]);
  const results = new Array<RunResult | null>(requests.length).fill(null);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < requests.length && !signal.aborted) {
      const i = next++;
      const result = await runOne(requests[i]!, executor, { ...options, signal });
      results[i] = result;
      if (result !== null) onResult?.(requests[i]!, result);
    }
  };
  const lanes = Array.from({ length: Math.min(executor.jobs ?? Infinity, requests.length) }, () =>
    lane().catch((error: unknown) => {
      hopeless.abort();
      throw error;
    }),
  );
  const [lost] = (await Promise.allSettled(lanes)).filter((end) => end.status === 'rejected');
  if (lost !== undefined) throw lost.reason;
  return results.filter((result) => result !== null);
}

async function runOne(
  request: RunRequest,
  executor: Executor,
  { onEvent, onRetry, signal }: RunnerOptions & { readonly signal: AbortSignal },
): Promise<RunResult | null> {
  for (let attempt = 1; ; attempt++) {
    const asked = { ...request, attempt };
    try {
      return await executor.execute(asked, {
        signal,
        ...(onEvent !== undefined && { onEvent: (event: RunEvent) => onEvent(asked, event) }),
      });
    } catch (error) {
      if (signal.aborted) return null;
      const code = codeOf(error);
      if (code === MISSING_DATA) {
        if (error instanceof MissingDataError) throw error;
        // It comes from another process, where its class is gone.
        const { message, where, reason = message, hint } = error as Error & Partial<ErrorFields>;
        throw new MissingDataError(reason, { where, hint, cause: error });
      }
      if (attempt === 1 && !PERMANENT.has(code)) {
        onRetry?.(asked, error);
        continue;
      }
      return keepFailure(asked, error);
    }
  }
}

/** The result of a run that failed, also written to its directory where possible. */
function keepFailure(request: RunRequest, error: unknown): RunResult {
  const result = failedResult(request, error);
  try {
    writeResult(request.directory, result);
  } catch (cause) {
    if (!(cause instanceof FileWriteError)) throw cause;
    // The caller gets the result all the same, and the other runs continue.
  }
  return result;
}

/** The code of an error that may come from another process, where its class is gone. */
function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null | undefined)?.code ?? '');
}
