/** What `fit` takes, and what it returns. */
import type { Optimizer, Scheduler } from '../optim/index.js';
import type { BatchSource, LossFunction } from './batches.js';
import type { EarlyStopping } from './best.js';
import type { CheckpointStore, EpochMetrics } from './checkpoint.js';
import type { RunControl } from './control.js';
import type { Metrics } from './namedMetrics.js';

/** What `onBatch` gets, after the update. */
export interface BatchReport {
  /** Counted from 1. */
  readonly epoch: number;
  /** Counted from 1, in the epoch. */
  readonly batch: number;
  /** Batches in an epoch. */
  readonly batches: number;
  /** Updates so far, this one included. */
  readonly step: number;
  /** Of this batch, before the update. */
  readonly loss: number;
  /** Samples trained on in the epoch so far. */
  readonly images: number;
  /** Over the epoch so far. */
  readonly trainLoss: number;
  /** Over the epoch so far; null where the outputs are no class scores. */
  readonly trainAccuracy: number | null;
  /** Over the epoch so far. */
  readonly imagesPerSecond: number;
}

/** Of a run that sets neither epochs nor steps. @internal */
export const DEFAULT_EPOCHS = 10;

/** What `fit` trains with, how long, and whom it tells. */
export interface FitOptions {
  /** Over the parameters of the model. */
  readonly optimizer: Optimizer;
  readonly loader: BatchSource;
  /** Evaluated after each epoch. */
  readonly testLoader?: BatchSource;
  /** Default: 10; with `steps`: as many as that takes. */
  readonly epochs?: number;
  /** End after so many updates, even within an epoch. */
  readonly steps?: number;
  /** Mean loss of a batch. Default: `crossEntropy`. */
  readonly lossFn?: LossFunction;
  /** What is measured on the test samples besides the loss: `['accuracy', 'f1']`. See {@link Metrics}. */
  readonly metrics?: Metrics;
  readonly scheduler?: Scheduler;
  /**
   * When the scheduler steps. Default: after each step for `OneCycleLR` and `CyclicLR`, after each epoch for others.
   */
  readonly schedulerEvery?: 'step' | 'epoch';
  /** Scales the gradients down to this norm where theirs is larger. */
  readonly clipGradNorm?: number;
  /** Called after each step. A promise is waited for before the next one; where it is rejected, so is the run's. */
  readonly onBatch?: (report: BatchReport) => unknown;
  /** After each epoch, once its checkpoint is kept; likewise. */
  readonly onEpoch?: (metrics: EpochMetrics) => unknown;
  /** Ends the run after the batch at hand, with a checkpoint; it is not an error. */
  readonly signal?: AbortSignal;
  /** Pauses, steps and stops the run from outside. */
  readonly control?: RunControl;
  readonly earlyStopping?: EarlyStopping;
  /**
   * Give the model the weights and running statistics of its best epoch when the run has ended (but not when it was
   * aborted): the best by what `earlyStopping` watches; without it by test accuracy, else test loss, else training
   * loss. Default: false, the model keeps those of the last step.
   */
  readonly restoreBest?: boolean;
  /**
   * Where checkpoints go. When one is there already, the run continues from it, to the bits of an uninterrupted one.
   */
  readonly checkpoints?: CheckpointStore;
  /** How often within an epoch; one follows each epoch anyway. Default: every 60 seconds. */
  readonly checkpointEvery?: { readonly steps?: number; readonly seconds?: number };
  /** JSON that a checkpoint keeps: a run continues only from one with the same values (the seed, the data set, …). */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Texts for the header of the file of weights. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Go on when a loss is NaN or infinite. Default: stop with a `NonFiniteError`. */
  readonly allowNonFinite?: boolean;
}

/** What `fit` came to. */
export interface FitResult {
  /** One entry for each complete epoch, those before a resume included. */
  readonly history: readonly EpochMetrics[];
  /** Updates of the weights. */
  readonly steps: number;
  /** Of the whole run, those before a resume included. */
  readonly seconds: number;
  /** What ended it. */
  readonly ended: 'epochs' | 'steps' | 'early' | 'aborted';
  /** The highest test accuracy after an epoch; null where there was none. */
  readonly bestTestAccuracy: number | null;
  /** The epoch whose weights the model was given, with `restoreBest`; null where it has those of the last step. */
  readonly restoredEpoch: number | null;
}
