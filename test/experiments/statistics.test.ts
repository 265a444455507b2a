import { describe, expect, test } from 'vitest';
import { median, spread } from '../../src/experiments/statistics.js';

describe('spread', () => {
  test('of eight values that are easy to reckon with', () => {
    // Σ(x − 5)² = 32; 32 / 7 = 4.571428…
    expect(spread([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({
      count: 8,
      mean: 5,
      deviation: expect.closeTo(2.138089935299395, 14),
      low: 2,
      high: 9,
    });
  });
  test('of one value: no deviation', () =>
    expect(spread([0.5])).toEqual({ count: 1, mean: 0.5, deviation: null, low: 0.5, high: 0.5 }));
  test('of equal values: none apart', () => expect(spread([3, 3, 3])?.deviation).toBe(0));
  test('of nothing', () => expect(spread([])).toBeNull());
});

describe('median', () => {
  test('of an odd number', () => expect(median([9, 1, 4])).toBe(4));
  test('of an even number', () => expect(median([9, 1, 4, 3])).toBe(3.5));
  test('of nothing', () => expect(median([])).toBeNull());
});
