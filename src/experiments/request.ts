/** What is asked of an executor: a run, described. */
import type { TrainSettings } from '../recipes/index.js';

/** A run to execute, with all that it needs. As JSON it can be sent anywhere that sees the directory and the data. */
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
