/** What a run leaves: `runs/ID/result.json`. */
import type { EpochMetrics, LanewiseError, RuntimeInfo } from '../index.js';
import { type RunSettings, resolveTrainSettings } from '../recipes/index.js';
import type { RunRequest } from './request.js';

/** An epoch, with where it ended. */
export interface EpochResult extends EpochMetrics {
  /** Updates of the weights since the run began. */
  readonly steps: number;
  /** Of training since the run began, without evaluations. */
  readonly trainSeconds: number;
}

/** The most points of a curve. */
export const CURVE_POINTS = 500;

/**
 * Loss and accuracy of the training batches against the step, as means over bins of equal length: entry i is the mean
 * over the steps i·every + 1 … (i + 1)·every; the last bin may be shorter.
 */
export interface Curve {
  readonly every: number;
  readonly loss: readonly (number | null)[];
  readonly accuracy: readonly (number | null)[];
}

/**
 * Why a run is called diverged:
 *
 *   nonFinite   a loss or a weight became NaN or infinite
 *   exploded    in the end it is not better than naming the most frequent class, and its loss is more than ten times
 *               that of guessing, ln(classes): the weights are finite, but have run away
 *   collapsed   in the end its outputs are the same for all test images: units are off for good. (Runs that merely have
 *               not learned yet have outputs that differ, however little; they are `atChance`.)
 */
export interface Divergence {
  readonly kind: 'nonFinite' | 'exploded' | 'collapsed';
  /** In a sentence. */
  readonly reason: string;
  /** The last step that was done. */
  readonly step: number;
}

export interface Milestone {
  /** Test accuracy, from 0 to 1. */
  readonly accuracy: number;
  /** The first epoch that ended above it; null where none did. */
  readonly epoch: number | null;
  /** Of training up to the end of that epoch. */
  readonly seconds: number | null;
}

/** A run that has come to its end, in whatever way. Accuracies are shares from 0 to 1. */
export interface RunResult {
  /** `ROW-sSEED`, also the name of its directory. */
  readonly id: string;
  readonly row: string;
  readonly group: string;
  readonly label: string;
  readonly seed: number;
  /** Everything that it was trained with. */
  readonly settings: RunSettings;
  /**
   * The share of the training images that the accuracies below are of, instead of the test images; 0: of the test
   * images.
   */
  readonly validation: number;
  readonly status: 'done' | 'diverged' | 'failed';
  readonly divergence: Divergence | null;
  /** Of a run that failed, twice: why, in one line. */
  readonly error: string | null;
  /**
   * Whether it is not better in the end than always naming the most frequent class: of the test images, and of the last
   * 100 batches it was trained on.
   */
  readonly atChance: boolean;
  readonly parameters: number | null;
  /** What the user should know about the data that it was trained on: one line each. */
  readonly notes: readonly string[];
  /** The epochs that it completed. */
  readonly history: readonly EpochResult[];
  readonly curve: Curve;
  readonly finalTrainAccuracy: number | null;
  readonly finalTestAccuracy: number | null;
  readonly bestTestAccuracy: number | null;
  /** Of training, median of the epochs; null where there is none. */
  readonly secondsPerEpoch: number | null;
  /** For 98 % and 99 % (of MNIST; empty for other data sets). */
  readonly milestones: readonly Milestone[];
  /**
   * The first step up to which the mean training accuracy of 100 batches in a row reached 90 %; null where it never
   * did.
   */
  readonly stepsTo90: number | null;
  /** SHA-256 of the final weights; null where there are none. */
  readonly digest: string | null;
  readonly steps: number;
  /** Of the whole run, evaluations included, interruptions not. */
  readonly seconds: number;
  readonly runtime: RuntimeInfo | null;
  /** How often it was begun or taken up again. */
  readonly attempts: number;
  /** When it ended, as in ISO 8601. */
  readonly ended: string;
}

type Failing = Pick<RunRequest, 'id' | 'row' | 'group' | 'label' | 'settings' | 'validation' | 'attempt'>;

/** The result of a run that crashed or cannot be continued. */
export function failedResult(request: Failing, error: unknown): RunResult {
  const { id, row, group, label, validation, attempt } = request;
  const settings = resolveTrainSettings(request.settings);
  return {
    id,
    row,
    group,
    label,
    seed: settings.seed,
    settings,
    validation,
    status: 'failed',
    divergence: null,
    error: lineOf(error),
    atChance: false,
    parameters: null,
    notes: [],
    history: [],
    curve: { every: 1, loss: [], accuracy: [] },
    finalTrainAccuracy: null,
    finalTestAccuracy: null,
    bestTestAccuracy: null,
    secondsPerEpoch: null,
    milestones: milestonesOf([], settings),
    stepsTo90: null,
    digest: null,
    steps: 0,
    seconds: 0,
    runtime: null,
    attempts: attempt,
    ended: new Date().toISOString(),
  };
}

/** What went wrong, in one line. An error from another process has the fields of a `LanewiseError`, not its class. */
export function lineOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { message, where, reason, hint } = thrown as Error & Partial<LanewiseError>;
  const summary = reason === undefined ? message : where === undefined ? reason : `${where}: ${reason}`;
  return hint === undefined ? summary : `${summary}; ${hint}`;
}

/** Test accuracies whose time is counted, by data set. */
const GOALS: Readonly<Record<string, readonly number[]>> = { mnist: [0.98, 0.99] };

/** When a run reached the accuracies that are counted for its data set. */
export function milestonesOf(history: readonly EpochResult[], { dataset }: RunSettings): Milestone[] {
  return (GOALS[dataset] ?? []).map((accuracy) => {
    const reached = history.find(({ testAccuracy }) => testAccuracy !== null && testAccuracy > accuracy);
    return { accuracy, epoch: reached?.epoch ?? null, seconds: reached?.trainSeconds ?? null };
  });
}
