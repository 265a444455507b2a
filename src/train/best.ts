/** Which epoch is the best. */
import { ArgumentError } from '../runtime/errors.js';
import type { EpochMetrics } from './checkpoint.js';

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

const WORST: Record<Monitored, number> = { testLoss: Infinity, trainLoss: Infinity, testAccuracy: -Infinity, trainAccuracy: -Infinity };

/** Epochs since the last one that was better than all before. */
export function epochsWithoutGain(history: readonly EpochMetrics[], { monitor = 'testLoss', minDelta }: Omit<EarlyStopping, 'patience'>): number {
  let best = WORST[monitor];
  let since = 0;
  for (const metrics of history) {
    const value = metrics[monitor];
    if (value === null) throw new ArgumentError(`there is no ${monitor} to watch`, { where: 'earlyStopping', hint: monitor.startsWith('test') ? 'give a testLoader' : 'watch a loss instead' });
    since++;
    if (isBetter(monitor, value, best, minDelta)) [best, since] = [value, 0];
  }
  return since;
}

/** Whether the last epoch is the best so far: by test accuracy, else test loss, else training loss. */
export function isBest(history: readonly EpochMetrics[]): boolean {
  const last = history.at(-1)!;
  const monitor: Monitored = last.testAccuracy !== null ? 'testAccuracy' : last.testLoss !== null ? 'testLoss' : 'trainLoss';
  return epochsWithoutGain(history, { monitor }) === 0;
}
