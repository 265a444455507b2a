import { describe, expect, test } from 'vitest';
import { cosPi, power } from '../../src/optim/math.js';
import { uniform } from '../support/random.js';

const BITS = 160n;
const ONE = 1n << BITS;
/** π to 58 places. */
const PI = (3141592653589793238462643383279502884197169399375105820974n * ONE) / 10n ** 57n;

/** A double in units of 2^−160, rounded down. */
function exact(x: number): bigint {
  const bits = new BigInt64Array(new Float64Array([Math.abs(x)]).buffer)[0]!;
  const exponent = bits >> 52n;
  const mantissa = (bits & ((1n << 52n) - 1n)) | (exponent > 0n ? 1n << 52n : 0n);
  const value = (mantissa << (BITS + exponent)) >> 1075n;
  return x < 0 ? -value : value;
}

/** cos(π·x) in 160-bit fixed point, by its series. */
function exactCosPi(x: number): bigint {
  const t = (exact(x) * PI) >> BITS;
  const square = (t * t) >> BITS;
  let [sum, term] = [ONE, ONE];
  for (let k = 1n; term !== 0n && k < 200n; k++) {
    term = -(((term * square) >> BITS) / ((2n * k - 1n) * 2n * k));
    sum += term;
  }
  return sum;
}

describe('cosPi', () => {
  test('is within 3e-16 of the cosine', () => {
    const random = uniform(4);
    let largest = 0;
    for (let i = 0; i < 3000; i++) {
      const x = i < 100 ? i / 50 : 4 * random() - 1;
      const error = exact(cosPi(x)) - exactCosPi(x);
      largest = Math.max(largest, Math.abs(Number(error) / Number(ONE)));
    }
    expect(largest).toBeLessThan(3e-16);
    expect(largest).toBeGreaterThan(1e-17);
  });

  test('is exact at halves', () => {
    expect([0, 0.5, 1, 1.5, 2, -0.5, -1, 7, 100.5].map((x) => Math.abs(cosPi(x)))).toEqual([1, 0, 1, 0, 1, 0, 1, 1, 0]);
    expect([0, 1, 2, -1, 7].map(cosPi)).toEqual([1, -1, 1, -1, -1]);
  });
});

test('power is good to n roundings', () => {
  for (const base of [0, 0.5, 0.9, 0.999, 1, 1.1, -0.5]) {
    for (const n of [0, 1, 2, 3, 10, 1000, 4097]) {
      const want = base ** n;
      expect(Math.abs(power(base, n) - want)).toBeLessThanOrEqual((n + 1) * 1.2e-16 * Math.abs(want));
    }
  }
  expect(power(0.5, 10)).toBe(2 ** -10);
});
