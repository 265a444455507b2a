import { describe, expect, test } from 'vitest';
import { evenlySpaced, logSpaced } from '../../src/experiments/spacing.js';

describe('spacing', () => {
  test('has both ends, and equal ratios or differences between', () => {
    expect(logSpaced(1e-4, 1e-1, 4)).toEqual([1e-4, 1e-3, 1e-2, 1e-1]);
    expect(evenlySpaced(0, 0.9, 4)).toEqual([0, 0.3, 0.6, 0.9]);
    expect(logSpaced(0.5, 0.5, 1)).toEqual([0.5]);
    expect(evenlySpaced(2, 7, 1)).toEqual([2]);
  });

  test('rounds to five digits, as no two engines need agree on more', () => {
    for (const value of logSpaced(1e-8, 1e-4, 14)) expect(value).toBe(Number(value.toPrecision(5)));
    // The second value of 14 over four decades: 10^(−8 + 4/13).
    expect(logSpaced(1e-8, 1e-4, 14)[1]).toBe(2.0309e-8);
  });
});
