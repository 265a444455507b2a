import type { RunResult } from '../experiments/result.js';
import type { TrialValues } from './params.js';

/** A trial and its result. */
export interface RankedTrial {
  readonly id: string;
  readonly values: TrialValues;
  readonly status: RunResult['status'];
  /** Epochs that it was trained for. */
  readonly epochs: number;
  /** The highest after an epoch; null where there was none. */
  readonly validationAccuracy: number | null;
  /** The epoch with it. */
  readonly bestEpoch: number | null;
  readonly trainLoss: number | null;
  readonly seconds: number;
}
