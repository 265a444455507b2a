/**
 * Sums over a run of adjacent elements, and the map that normalises it: what batch, layer and group norm are made of.
 *
 * A mean is kept as the sum of two floats, mean and rest, and a deviation is (x − mean) − rest: so values far from zero
 * lose nothing but what their own rounding lost. Sums are over deviations from a value of the run (or from the mean), 32
 * at a time by a tree of float additions per lane, the totals in doubles.
 */
import { load_part, store_part } from '../simd/part';
import { f32x4_madd, f64x2_from_high, f64x2_from_low, f64x2_hsum } from '../simd/vector';

// @ts-ignore: decorator
@inline
function deviation(x: v128, mean: v128, rest: v128): v128 {
  return f32x4.sub(f32x4.sub(x, mean), rest);
}

// @ts-ignore: decorator
@inline
function tree(a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

/** Σ (x[i] − pivot) over `count` elements. */
export function run_sum(x: usize, count: i32, pivot: f32): f64 {
  const k = f32x4.splat(pivot);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const blocks = x + (<usize>(count & ~31) << 2);
  for (; x < blocks; x += 128) {
    const a = tree(f32x4.sub(v128.load(x), k), f32x4.sub(v128.load(x, 16), k), f32x4.sub(v128.load(x, 32), k), f32x4.sub(v128.load(x, 48), k));
    const b = tree(f32x4.sub(v128.load(x, 64), k), f32x4.sub(v128.load(x, 80), k), f32x4.sub(v128.load(x, 96), k), f32x4.sub(v128.load(x, 112), k));
    const sum = f32x4.add(a, b);
    low = f64x2.add(low, f64x2_from_low(sum));
    high = f64x2.add(high, f64x2_from_high(sum));
  }
  const vectors = x + (<usize>(count & 28) << 2);
  for (; x < vectors; x += 16) {
    const d = f32x4.sub(v128.load(x), k);
    low = f64x2.add(low, f64x2_from_low(d));
    high = f64x2.add(high, f64x2_from_high(d));
  }
  let total = f64x2_hsum(f64x2.add(low, high));
  const last = x + (<usize>(count & 3) << 2);
  for (; x < last; x += 4) total += <f64>(load<f32>(x) - pivot);
  return total;
}

// @ts-ignore: decorator
@inline
function square(x: usize, mean: v128, rest: v128): v128 {
  const d = deviation(v128.load(x), mean, rest);
  return f32x4.mul(d, d);
}

/** Σ ((x[i] − mean) − rest)² over `count` elements. */
export function run_squares(x: usize, count: i32, mean: f32, rest: f32): f64 {
  const m = f32x4.splat(mean);
  const r = f32x4.splat(rest);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const blocks = x + (<usize>(count & ~31) << 2);
  for (; x < blocks; x += 128) {
    const a = tree(square(x, m, r), square(x + 16, m, r), square(x + 32, m, r), square(x + 48, m, r));
    const b = tree(square(x + 64, m, r), square(x + 80, m, r), square(x + 96, m, r), square(x + 112, m, r));
    const sum = f32x4.add(a, b);
    low = f64x2.add(low, f64x2_from_low(sum));
    high = f64x2.add(high, f64x2_from_high(sum));
  }
  const vectors = x + (<usize>(count & 28) << 2);
  for (; x < vectors; x += 16) {
    const s = square(x, m, r);
    low = f64x2.add(low, f64x2_from_low(s));
    high = f64x2.add(high, f64x2_from_high(s));
  }
  let total = f64x2_hsum(f64x2.add(low, high));
  const last = x + (<usize>(count & 3) << 2);
  for (; x < last; x += 4) {
    const d = (load<f32>(x) - mean) - rest;
    total += <f64>(d * d);
  }
  return total;
}

/** (Σ dy[i], Σ dy[i]·((x[i] − mean) − rest)) over `count` elements, as two doubles in a vector. */
export function run_products(dy: usize, x: usize, count: i32, mean: f32, rest: f32): v128 {
  const m = f32x4.splat(mean);
  const r = f32x4.splat(rest);
  let sums = f64x2.splat(0);
  let products = f64x2.splat(0);
  const blocks = dy + (<usize>(count & ~15) << 2);
  for (; dy < blocks; dy += 64, x += 64) {
    const a = v128.load(dy);
    const b = v128.load(dy, 16);
    const c = v128.load(dy, 32);
    const d = v128.load(dy, 48);
    const sum = tree(a, b, c, d);
    const product = f32x4.add(
      f32x4_madd(b, deviation(v128.load(x, 16), m, r), f32x4.mul(a, deviation(v128.load(x), m, r))),
      f32x4_madd(d, deviation(v128.load(x, 48), m, r), f32x4.mul(c, deviation(v128.load(x, 32), m, r))));
    sums = f64x2.add(sums, f64x2.add(f64x2_from_low(sum), f64x2_from_high(sum)));
    products = f64x2.add(products, f64x2.add(f64x2_from_low(product), f64x2_from_high(product)));
  }
  const vectors = dy + (<usize>(count & 12) << 2);
  for (; dy < vectors; dy += 16, x += 16) {
    const a = v128.load(dy);
    const product = f32x4.mul(a, deviation(v128.load(x), m, r));
    sums = f64x2.add(sums, f64x2.add(f64x2_from_low(a), f64x2_from_high(a)));
    products = f64x2.add(products, f64x2.add(f64x2_from_low(product), f64x2_from_high(product)));
  }
  let sum = f64x2_hsum(sums);
  let product = f64x2_hsum(products);
  const last = dy + (<usize>(count & 3) << 2);
  for (; dy < last; dy += 4, x += 4) {
    sum += <f64>load<f32>(dy);
    product += <f64>(load<f32>(dy) * ((load<f32>(x) - mean) - rest));
  }
  return f64x2.replace_lane(f64x2.splat(sum), 1, product);
}

// @ts-ignore: decorator
@inline
function map(y: usize, x: usize, mean: v128, rest: v128, scale: v128, shift: v128, count: i32): void {
  store_part(y, f32x4_madd(deviation(load_part(x, count), mean, rest), scale, shift), count);
}

/** y[i] = ((x[i] − mean) − rest)·scale + shift over `count` elements. */
export function run_map(y: usize, x: usize, count: i32, mean: f32, rest: f32, scale: f32, shift: f32): void {
  const m = f32x4.splat(mean);
  const r = f32x4.splat(rest);
  const a = f32x4.splat(scale);
  const b = f32x4.splat(shift);
  const last = x + (<usize>count << 2);
  for (; x + 16 <= last; x += 16, y += 16) map(y, x, m, r, a, b, 4);
  if (x < last) map(y, x, m, r, a, b, <i32>(last - x) >> 2);
}

// @ts-ignore: decorator
@inline
function combine(dx: usize, dy: usize, x: usize, mean: v128, rest: v128, scale: v128, slope: v128, shift: v128, count: i32): void {
  const d = deviation(load_part(x, count), mean, rest);
  store_part(dx, f32x4_madd(load_part(dy, count), scale, f32x4_madd(d, slope, shift)), count);
}

/** dx[i] = dy[i]·scale + (((x[i] − mean) − rest)·slope + shift) over `count` elements. */
export function run_combine(dx: usize, dy: usize, x: usize, count: i32, mean: f32, rest: f32, scale: f32, slope: f32, shift: f32): void {
  const m = f32x4.splat(mean);
  const r = f32x4.splat(rest);
  const a = f32x4.splat(scale);
  const b = f32x4.splat(slope);
  const c = f32x4.splat(shift);
  const last = x + (<usize>count << 2);
  for (; x + 16 <= last; x += 16, dx += 16, dy += 16) combine(dx, dy, x, m, r, a, b, c, 4);
  if (x < last) combine(dx, dy, x, m, r, a, b, c, <i32>(last - x) >> 2);
}

/** The mean as it is kept at `statistics` (of row or channel i of `count`): the float nearest to it, and the rest. */
// @ts-ignore: decorator
@inline
export function store_statistics(statistics: usize, count: i32, i: i32, mean: f64, variance: f64, eps: f64): void {
  const at = statistics + (<usize>i << 2);
  const stride = <usize>count << 2;
  const nearest = <f32>mean;
  store<f32>(at, nearest);
  store<f32>(at + stride, <f32>(mean - <f64>nearest));
  store<f32>(at + 2 * stride, <f32>(1 / Math.sqrt(variance + eps)));
}

/** The address `bytes` behind that of an array that may not be there: 0 stays 0. */
// @ts-ignore: decorator
@inline
export function further(array: usize, bytes: usize): usize {
  return array == 0 ? array : array + bytes;
}
