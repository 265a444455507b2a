import { assertShare, assertSizes, assertWords } from '../assert';
import { loadPart, storePart } from '../simd/part';
import { f64_power } from '../simd/power';
import { f32x4_hmax, f64x2_from_high, f64x2_from_low, f64x2_hsum } from '../simd/vector';

/** Σ x[i]² over `count` elements, in doubles: neither the squares nor their sum overflow. One share, one order. */
export function f32_sum_of_squares(x: usize, count: i32): f64 {
  assertWords(x);
  assertSizes(count);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let left = count; left > 0; left -= 4, x += 16) {
    const v = left >= 4 ? v128.load(x) : loadPart(x, left);
    const a = f64x2_from_low(v);
    const b = f64x2_from_high(v);
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  return f64x2_hsum(f64x2.add(low, high));
}

/** Σ |x[i]|ᵖ over `count` elements, in doubles. p > 0. */
export function f32_sum_of_powers(x: usize, count: i32, p: f64): f64 {
  assertWords(x);
  assertSizes(count);
  let sum: f64 = 0;
  for (const last = x + (<usize>count << 2); x < last; x += 4) {
    const value = Math.abs(<f64>load<f32>(x));
    sum += p == 1 ? value : f64_power(value, p);
  }
  return sum;
}

/** The p-th root of a sum of powers. */
export function f64_root(value: f64, p: f64): f64 {
  return p == 1 ? value : f64_power(value, 1 / p);
}

/** max |x[i]| over `count` elements; 0 of none, NaN if any is. */
export function f32_largest(x: usize, count: i32): f32 {
  assertWords(x);
  assertSizes(count);
  let largest = f32x4.splat(0);
  for (let left = count; left > 0; left -= 4, x += 16) {
    largest = f32x4.max(largest, f32x4.abs(left >= 4 ? v128.load(x) : loadPart(x, left)));
  }
  return f32x4_hmax(largest);
}

/** x[i] *= factor for i in [begin, end). */
export function f32_scale(x: usize, factor: f32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(x);
  const by = f32x4.splat(factor);
  let i = begin;
  for (; i + 4 <= end; i += 4) storePart(x + (<usize>i << 2), f32x4.mul(loadPart(x + (<usize>i << 2), 4), by), 4);
  if (i < end) storePart(x + (<usize>i << 2), f32x4.mul(loadPart(x + (<usize>i << 2), end - i), by), end - i);
}
