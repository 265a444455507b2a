/** Where runs are executed: the one place that knows. */
import type { RunRequest } from './request.js';
import type { EpochResult, RunResult } from './result.js';

/** What a run reports while it goes on. */
export type RunEvent =
  /** Begun, or taken up again at `epoch` complete epochs; with what is to be known about the data. */
  | {
      readonly event: 'start';
      readonly pid: number;
      readonly epoch: number;
      readonly epochs: number;
      readonly notes: readonly string[];
    }
  /** How much is done, from 0 to 1; a few times a second. */
  | { readonly event: 'progress'; readonly done: number; readonly trainLoss: number | null }
  | ({ readonly event: 'epoch' } & EpochResult);

export interface ExecuteOptions {
  readonly onEvent?: (event: RunEvent) => void;
  /** Ends the run after the batch at hand, with a checkpoint. */
  readonly signal?: AbortSignal;
}

/** A place where runs are executed. A queue of jobs on other machines can stand in for the processes of this one. */
export interface Executor {
  /** How many runs it executes at a time; null: as many as others have room for. */
  readonly jobs: number | null;
  /**
   * Executes a run, or goes on with it.
   *
   * @returns the result; null when `signal` ended it
   * @throws whatever made it crash: its process died, its data are missing, its directory cannot be written to. A
   *   `LanewiseError` from another process may have lost its class, but has its `code`
   */
  execute(request: RunRequest, options?: ExecuteOptions): Promise<RunResult | null>;
  close(): Promise<void>;
}
