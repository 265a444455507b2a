/** Sums over the batches of an epoch, and what they come to. */
import type { Tensor } from '../tensor/tensor.js';
import type { EpochMetrics, EpochTotals } from './checkpoint.js';
import { areClassScores, countCorrect } from './metrics.js';

/** Of an epoch that has not begun. */
export const NO_TOTALS: EpochTotals = { loss: 0, correct: 0, images: 0, seconds: 0 };

/** The sums with one more batch, without its time. */
export function withBatch(totals: EpochTotals, x: Tensor, output: Tensor, target: Tensor, loss: number): EpochTotals {
  const count = x.shape[0] ?? 1;
  const correct =
    totals.correct !== null && areClassScores(output, target) ? totals.correct + countCorrect(output, target) : null;
  return { ...totals, loss: totals.loss + loss * count, images: totals.images + count, correct };
}

/** The sums with more time spent on training. */
export const withSeconds = (totals: EpochTotals, seconds: number): EpochTotals => ({
  ...totals,
  seconds: totals.seconds + seconds,
});

/** Means over the epoch so far. */
export function metricsOf({
  loss,
  correct,
  images,
  seconds,
}: EpochTotals): Pick<EpochMetrics, 'trainLoss' | 'trainAccuracy' | 'imagesPerSecond'> {
  return {
    trainLoss: loss / images,
    trainAccuracy: correct === null ? null : correct / images,
    imagesPerSecond: images / seconds,
  };
}
