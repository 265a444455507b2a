/** Which epoch is the best. */
import type { Module } from '../nn/core/module.js';
import { ArgumentError, CheckpointError } from '../runtime/errors.js';
import type { Tensor } from '../tensor/tensor.js';
import type { BestWeights, EpochMetrics, StoredRunState } from './checkpoint.js';

/** When `fit` stops before its last epoch. */
export interface EarlyStopping {
  /** Stop after so many epochs in a row without a better value. */
  readonly patience: number;
  /** What is watched. Default: testLoss. */
  readonly monitor?: 'testLoss' | 'testAccuracy' | 'trainLoss' | 'trainAccuracy';
  /** How much better is better. Default: 0. */
  readonly minDelta?: number;
}

type Monitored = NonNullable<EarlyStopping['monitor']>;

/** Whether `value` is better than `best` by more than `minDelta`: higher accuracy, lower loss. */
function isBetter(monitor: Monitored, value: number, best: number, minDelta = 0): boolean {
  return monitor.endsWith('Accuracy') ? value > best + minDelta : value < best - minDelta;
}

/** What decides which epoch is better. */
type Watched = Omit<EarlyStopping, 'patience'>;

/** Epochs since the last one that was better than all before. */
export function epochsWithoutGain(
  history: readonly EpochMetrics[],
  { monitor = 'testLoss', minDelta }: Watched,
): number {
  let best = monitor.endsWith('Accuracy') ? -Infinity : Infinity;
  let since = 0;
  for (const metrics of history) {
    const value = metrics[monitor];
    if (value === null)
      throw new ArgumentError(`there is no ${monitor} to watch`, {
        where: 'earlyStopping',
        hint: monitor.startsWith('test') ? 'give a testLoader' : 'watch a loss instead',
      });
    since++;
    if (isBetter(monitor, value, best, minDelta)) [best, since] = [value, 0];
  }
  return since;
}

/** The best epoch so far, from 1; 0: none. By default by test accuracy, else test loss, else training loss. */
function bestEpoch(history: readonly EpochMetrics[], watched?: Watched): number {
  const last = history.at(-1);
  if (last === undefined) return 0;
  const monitor: Monitored =
    last.testAccuracy !== null ? 'testAccuracy' : last.testLoss !== null ? 'testLoss' : 'trainLoss';
  return history.length - epochsWithoutGain(history, watched ?? { monitor });
}

/** Whether the last epoch is the best so far. */
export function isBest(history: readonly EpochMetrics[], watched?: Watched): boolean {
  return history.length > 0 && bestEpoch(history, watched) === history.length;
}

/** The highest test accuracy after an epoch; null where there was none. */
export function bestTestAccuracy(history: readonly EpochMetrics[]): number | null {
  const accuracies = history.map(({ testAccuracy }) => testAccuracy).filter((value) => value !== null);
  return accuracies.length === 0 ? null : accuracies.reduce((best, value) => Math.max(best, value));
}

/** The state dict of a model after its best epoch so far: a copy, to be put back at the end of a run. */
export class BestEpoch {
  weights: BestWeights | null = null;

  constructor(
    private readonly model: Module,
    private readonly watched?: Watched,
  ) {}

  /** Takes note of the end of an epoch. */
  see(history: readonly EpochMetrics[]): void {
    if (isBest(history, this.watched)) this.weights = { epoch: history.length, model: copyOf(this.model.stateDict()) };
  }

  /**
   * Takes over what was saved of a run.
   *
   * @throws {CheckpointError} when the weights of the best epoch were not saved
   */
  resume({ best = null, model, progress: { history, batch } }: StoredRunState, name: string): void {
    const epoch = bestEpoch(history, this.watched);
    if (best?.epoch === epoch) this.weights = best;
    else if (epoch > 0 && epoch === history.length && batch === 0) this.weights = { epoch, model };
    else if (epoch > 0) {
      throw new CheckpointError(`the weights of epoch ${epoch}, the best so far, were not kept for restoreBest`, {
        where: name,
        hint: 'continue as the run was begun: with the same restoreBest and earlyStopping',
      });
    }
  }

  /** Gives the model the weights of the best epoch. */
  putBack(): void {
    if (this.weights !== null) this.model.loadStateDict(this.weights.model);
  }
}

function copyOf(state: Readonly<Record<string, Tensor>>): BestWeights['model'] {
  return Object.fromEntries(
    Object.entries(state).map(([key, value]) => [key, { dtype: value.dtype, shape: value.shape, data: value.data() }]),
  );
}
