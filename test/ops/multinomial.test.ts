import { beforeAll, beforeEach, expect, test } from 'vitest';
import { init, manualSeed, memory, multinomial, ShapeError, tensor, zeros } from '../../src/index.js';

beforeAll(() => init({ threads: 1 }));
beforeEach(() => manualSeed(3));

const counts = (drawn: ArrayLike<number>, length: number) =>
  Array.from({ length }, (_, i) => Array.from(drawn).filter((each) => each === i).length);

test('with replacement, indices come as often as their weights say', () => {
  // 5 weights are no power of two; sums of float32 numbers, one of them 0.
  const weights = [1, 0, 2, 4, 3];
  const y = multinomial(tensor(weights), 20_000, { replacement: true });
  expect([y.dtype, y.shape]).toEqual(['int32', [20_000]]);
  const seen = counts(y.data(), 5);
  // Four standard deviations of a binomial distribution.
  weights.forEach((weight, i) => {
    const p = weight / 10;
    expect(Math.abs(seen[i]! - 20_000 * p)).toBeLessThanOrEqual(4 * Math.sqrt(20_000 * p * (1 - p)));
  });
});

test('without replacement, the second index has the probability that is left', () => {
  const rows = 20_000;
  const weights = tensor(Array.from({ length: rows }, () => [1, 2, 0, 1]).flat(), { shape: [rows, 4] });
  const drawn = weights.multinomial(2).data();
  const pairs = counts(
    Array.from({ length: rows }, (_, row) => 4 * drawn[2 * row]! + drawn[2 * row + 1]!),
    16,
  );
  // P(a, b) = w[a] / 4 · w[b] / (4 − w[a])
  const w = [1, 2, 0, 1];
  pairs.forEach((count, pair) => {
    const [a, b] = [pair >> 2, pair & 3];
    const p = a === b ? 0 : ((w[a]! / 4) * w[b]!) / (4 - w[a]!);
    expect(Math.abs(count - rows * p)).toBeLessThanOrEqual(4 * Math.sqrt(rows * p * (1 - p)));
  });
});

test('all of them without replacement are each one once', () => {
  const drawn = multinomial(tensor([1e-30, 1, 1e30, 5, 7]), 5).data();
  expect(Array.from(drawn).sort()).toEqual([0, 1, 2, 3, 4]);
  expect(multinomial(tensor([3]), 1).toArray()).toEqual([0]);
});

test('one seed gives one result, and nothing is left', () => {
  const weights = tensor([1, 2, 3]);
  const first = multinomial(weights, 9, { replacement: true }).toArray();
  manualSeed(3);
  const before = memory().tensors;
  const again = multinomial(weights, 9, { replacement: true });
  expect(again.toArray()).toEqual(first);
  expect(memory().tensors).toBe(before + 1);
});

test('weights that cannot be drawn from are refused', () => {
  expect(() => multinomial(tensor([1, -1]), 1)).toThrow('multinomial: weights must be finite numbers ≥ 0');
  expect(() => multinomial(tensor([1, NaN]), 1)).toThrow('weights must be finite numbers ≥ 0');
  expect(() => multinomial(tensor([1, 0, 0, 0], { shape: [2, 2] }), 1)).toThrow(
    'cannot draw 1 of 0 weights above 0 in row 1',
  );
  expect(() => multinomial(tensor([1, 0, 2]), 3)).toThrow('cannot draw 3 of 2 weights above 0\n  hint: pass');
  expect(() => multinomial(zeros([2, 2, 2]), 1)).toThrow(ShapeError);
});
