/** What a sweep's report suggests and shows. */
import { describe, expect, test } from 'vitest';
import { adviceOf, numericParams } from '../../src/sweep/advice.js';
import type { RankedTrial } from '../../src/sweep/ranking.js';

/** Trials with these values and accuracies, the best first. */
function ranked(...trials: readonly (readonly [values: RankedTrial['values'], accuracy: number | null])[]) {
  return trials
    .map(
      ([values, validationAccuracy], i): RankedTrial => ({
        id: `t${i}`,
        values,
        status: validationAccuracy === null ? 'diverged' : 'done',
        epochs: 4,
        validationAccuracy,
        bestEpoch: validationAccuracy === null ? null : 3,
        trainLoss: 1,
        seconds: 1,
      }),
    )
    .sort((a, b) => (b.validationAccuracy ?? -1) - (a.validationAccuracy ?? -1));
}

const advice = (ranking: readonly RankedTrial[], images: number | null = null): string =>
  adviceOf({ trials: ranking.map(({ values }) => values) }, ranking, images).join('\n');

describe('what to try next', () => {
  test('beyond the end of a range, unless that is zero', () => {
    const text = advice(ranked([{ lr: 0.1 }, 0.9], [{ lr: 0.01 }, 0.8], [{ lr: 0.001 }, 0.5]));
    expect(text).toContain('the largest `lr` that was tried, 0.1: try larger ones');
    expect(advice(ranked([{ lr: 0.1 }, 0.5], [{ lr: 0.01 }, 0.8], [{ lr: 0.001 }, 0.9]))).toContain('smallest `lr`');
    expect(advice(ranked([{ lr: 0.1 }, 0.5], [{ lr: 0.01 }, 0.9], [{ lr: 0.001 }, 0.7]))).toBe('');
    expect(advice(ranked([{ weightDecay: 0 }, 0.9], [{ weightDecay: 0.1 }, 0.8], [{ weightDecay: 1 }, 0.5]))).toBe('');
  });

  test('where the best quarter lies', () => {
    const rates = [1e-4, 1e-3, 3e-3, 1e-2, 2e-2, 1e-1, 0.3, 1];
    const text = advice(ranked(...rates.map((lr) => [{ lr }, 1 - Math.abs(Math.log10(lr) + 1.9) / 4] as const)));
    expect(text).toContain('The best quarter of the trials has `lr` from 0.01 to 0.02');
  });

  test('more epochs, or fewer', () => {
    const [best] = ranked([{ lr: 1 }, 0.9]);
    expect(advice([{ ...best!, bestEpoch: 4 }])).toContain('train for more epochs');
    expect(advice([{ ...best!, bestEpoch: 1 }])).toContain('after epoch 1 of 4: fewer epochs do');
  });

  test('trials that chance may have ordered', () => {
    const close = ranked([{ lr: 1 }, 0.9], [{ lr: 2 }, 0.89], [{ lr: 3 }, 0.7]);
    expect(advice(close, 500)).toContain('2 trials lie within one standard error (1.34 %, of about 500 images)');
    expect(advice(close, 50_000)).not.toContain('standard error');
  });

  test('rates that diverge, and a sweep in which nothing was trained', () => {
    const some = ranked([{ lr: 0.1 }, 0.5], [{ lr: 1 }, null], [{ lr: 10 }, null]);
    expect(advice(some)).toContain('All trials with `lr` 1 or more diverged');
    expect(advice(ranked([{ lr: 1 }, null]))).toContain('No trial was trained to its end');
  });

  test('numbers that vary are told from names and from what is the same', () => {
    const trials = [
      { lr: 0.001, model: 'mlp', epochs: 2, batchSize: 32 },
      { lr: 0.1, model: 'cnn', epochs: 2, batchSize: 64 },
    ];
    expect(numericParams(trials)).toEqual([
      { name: 'lr', values: [0.001, 0.1], log: true },
      { name: 'batchSize', values: [32, 64], log: false },
    ]);
  });
});
