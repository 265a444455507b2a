/** Where runs are executed: the one place that knows. */
import type { TrainSettings } from '../recipes/index.js';
import type { EpochResult, RunResult } from './result.js';

/** A run to execute, with all that it needs: it can be JSON, and be sent anywhere that sees the directory and the data. */
export interface RunRequest {
  readonly id: string;
  readonly row: string;
  readonly group: string;
  readonly label: string;
  /** Where the run lies, or is to lie; what is there is continued. */
  readonly directory: string;
  /** Seed and directory of the data included. */
  readonly settings: Partial<TrainSettings>;
  /** The share of the training images to evaluate on, instead of the test images. */
  readonly validation: number;
  /** Stop after so many epochs of those that the settings (and the scheduler) are laid out for; null: after all. */
  readonly until: number | null;
  /** Threads that the kernels run on. */
  readonly threads: number;
  /** Whether only result and last weights are kept when the run is done. */
  readonly prune: boolean;
  /** 1; 2 when it is tried again after a crash. */
  readonly attempt: number;
}

/** What is told while a run goes on. */
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
  /** How many runs it executes at a time. */
  readonly jobs: number;
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
