import { expect, test } from 'vitest';
import { fittedExponent, quartiles } from '../../bench/statistics.js';

test('quartiles lie between the numbers where they must', () => {
  expect(quartiles([4, 1, 3, 2, 5])).toEqual({ p25: 2, median: 3, p75: 4 });
  expect(quartiles([10, 20])).toEqual({ p25: 12.5, median: 15, p75: 17.5 });
  expect(quartiles([7])).toEqual({ p25: 7, median: 7, p75: 7 });
});

test('the fitted exponent of a power law is its exponent', () => {
  expect(fittedExponent([1, 2, 8, 64].map((size) => [size, 3 * size ** 1.5]))).toBeCloseTo(1.5, 12);
  expect(
    fittedExponent([
      [1, 5],
      [10, 5],
      [100, 5],
    ]),
  ).toBeCloseTo(0, 12);
});
