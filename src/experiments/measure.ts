/** A figure of a run, by name. */
import type { RunResult } from './result.js';

/**
 * What a study measures of a run:
 *
 *   testAccuracy, trainAccuracy   share from 0 to 1, after the last epoch, the best one, or the one of that number
 *                                 (from 1)
 *   epochsTo                      the first epoch that ended above a test accuracy
 *   epochsToLoss                  the first epoch with a mean training loss below that
 *   secondsPerEpoch               of training, without evaluation
 *   stepsTo90                     steps until the training accuracy (mean of 100 batches) reached 90 %
 *   parameters                    how many numbers are trained
 */
export type Measure =
  | { readonly of: 'testAccuracy' | 'trainAccuracy'; readonly at: 'last' | 'best' | number }
  /** The best of the first so many epochs. */
  | { readonly of: 'testAccuracy'; readonly within: number }
  | { readonly of: 'epochsTo'; readonly accuracy: number }
  | { readonly of: 'epochsToLoss'; readonly loss: number }
  | { readonly of: 'secondsPerEpoch' | 'stepsTo90' | 'parameters' };

/** The figure; null where the run has none: it never got there, or failed. */
export function measure(result: RunResult, wanted: Measure): number | null {
  const { history } = result;
  switch (wanted.of) {
    case 'testAccuracy':
    case 'trainAccuracy': {
      const values = history.map((epoch) => epoch[wanted.of]);
      if ('within' in wanted) return highest(values.slice(0, wanted.within));
      if (wanted.at === 'best') return highest(values);
      return (wanted.at === 'last' ? values.at(-1) : values[wanted.at - 1]) ?? null;
    }
    case 'epochsTo':
      return history.find(({ testAccuracy }) => testAccuracy !== null && testAccuracy > wanted.accuracy)?.epoch ?? null;
    case 'epochsToLoss':
      return history.find(({ trainLoss }) => trainLoss < wanted.loss)?.epoch ?? null;
    case 'secondsPerEpoch':
      return result.secondsPerEpoch;
    case 'stepsTo90':
      return result.stepsTo90;
    case 'parameters':
      return result.parameters;
  }
}

function highest(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>(
    (best, value) => (value !== null && (best === null || value > best) ? value : best),
    null,
  );
}

/** Whether the figure is a share, to be shown in percent. */
export function isShare({ of }: Measure): boolean {
  return of === 'testAccuracy' || of === 'trainAccuracy';
}
