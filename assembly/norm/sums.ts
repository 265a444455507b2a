/**
 * Sums over a row of adjacent elements, and the maps that normalise it: what batch, layer and group norm are made of.
 *
 * A mean is kept in two floats: `mean`, the float nearest to it, and `rest`, what that is short of it. Sums are over
 * deviations x − mean (exact where x is near the mean), and the rest is put right in the sums and shifts: so values far
 * from zero lose nothing but what their own rounding lost. Lanes sum up to 512 elements as floats, 16 at a time by a
 * tree, then join a total in doubles.
 *
 * Where a ReLU follows the normalisation, the map does it too, and the gradients read its output y (`relu`).
 */
import { loadNext, loadPart, storeNext, storePart } from '../simd/part';
import { f32x4_relu, f32x4_relu_gradient } from '../simd/relu';
import { f32x4_madd, f64x2_from_high, f64x2_from_low, f64x2_hsum, x32x4_load_tail } from '../simd/vector';
import { WIDE } from '../simd/width';
import { SEGMENT } from './tuning';

// @ts-ignore: decorator
@inline
function tree(a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

/** The totals of twice four floats, in doubles. */
// @ts-ignore: decorator
@inline
function totals(a: v128, b: v128): v128 {
  const p = f64x2.add(f64x2_from_low(a), f64x2_from_high(a));
  const q = f64x2.add(f64x2_from_low(b), f64x2_from_high(b));
  return f64x2.add(v128.shuffle<f64>(p, q, 0, 2), v128.shuffle<f64>(p, q, 1, 3));
}

/** (Σ d, Σ d²), d = x[i] − mean, over `count` elements, as two doubles in a vector. */
// @ts-ignore: decorator
@inline
export function moments(x: usize, count: i32, mean: v128): v128 {
  const rest = count & 3;
  const last = x + (<usize>count << 2);
  let sums = f64x2.splat(0);
  do {
    const segment = min(x + SEGMENT, last);
    let s = f32x4.splat(0);
    let q = f32x4.splat(0);
    for (const blocks = x + ((segment - x) & ~63); x < blocks; x += 64) {
      const a = f32x4.sub(v128.load(x), mean);
      const b = f32x4.sub(v128.load(x, 16), mean);
      const c = f32x4.sub(v128.load(x, 32), mean);
      const d = f32x4.sub(v128.load(x, 48), mean);
      s = f32x4.add(s, tree(a, b, c, d));
      q = f32x4.add(q, f32x4.add(f32x4_madd(b, b, f32x4.mul(a, a)), f32x4_madd(d, d, f32x4.mul(c, c))));
    }
    for (; x + 16 <= segment; x += 16) {
      const d = f32x4.sub(v128.load(x), mean);
      s = f32x4.add(s, d);
      q = f32x4_madd(d, d, q);
    }
    if (x < segment) {
      // The lanes behind the row are 0, as its mean is there.
      const d = f32x4.sub(x32x4_load_tail(x, rest), v128.and(mean, firstLanes(rest)));
      s = f32x4.add(s, d);
      q = f32x4_madd(d, d, q);
      x = segment;
    }
    sums = f64x2.add(sums, totals(s, q));
  } while (x < last);
  return sums;
}

/** All ones in the lanes before `count`. */
// @ts-ignore: decorator
@inline
function firstLanes(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

export function rowMoments(x: usize, count: i32, mean: f32): v128 {
  return moments(x, count, f32x4.splat(mean));
}

/** Σ (x[i] − pivot) over `count` elements. */
export function rowSum(x: usize, count: i32, pivot: f32): f64 {
  const k = f32x4.splat(pivot);
  const rest = count & 3;
  const last = x + (<usize>count << 2);
  let sum = f64x2.splat(0);
  while (x < last) {
    const segment = min(x + SEGMENT, last);
    let s = f32x4.splat(0);
    for (const blocks = x + ((segment - x) & ~63); x < blocks; x += 64) {
      s = f32x4.add(
        s,
        tree(
          f32x4.sub(v128.load(x), k), f32x4.sub(v128.load(x, 16), k), f32x4.sub(v128.load(x, 32), k),
          f32x4.sub(v128.load(x, 48), k)));
    }
    for (; x + 16 <= segment; x += 16) s = f32x4.add(s, f32x4.sub(v128.load(x), k));
    if (x < segment) {
      s = f32x4.add(s, f32x4.sub(x32x4_load_tail(x, rest), v128.and(k, firstLanes(rest))));
      x = segment;
    }
    sum = f64x2.add(sum, f64x2.add(f64x2_from_low(s), f64x2_from_high(s)));
  }
  return f64x2_hsum(sum);
}

/** dy, with `relu` 0 where y ≤ 0. */
// @ts-ignore: decorator
@inline
export function gradient(dy: usize, y: usize, relu: bool, count: i32): v128 {
  const g = loadPart(dy, count);
  return relu ? f32x4_relu_gradient(g, loadPart(y, count)) : g;
}

/** The next four, of a pair of vectors. */
// @ts-ignore: decorator
@inline
export function nextGradient(dy: usize, y: usize, relu: bool, first: v128, pair: bool): v128 {
  if (!pair) return first;
  const g = v128.load(dy, 16);
  return relu ? f32x4_relu_gradient(g, v128.load(y, 16)) : g;
}

/** (Σ g, Σ g·(x[i] − mean)), g = `gradient`, over `count` elements, as two doubles in a vector. */
// @ts-ignore: decorator
@inline
export function products(dy: usize, x: usize, y: usize, count: i32, mean: v128, relu: bool): v128 {
  const rest = count & 3;
  const last = x + (<usize>count << 2);
  let sums = f64x2.splat(0);
  do {
    const segment = min(x + SEGMENT, last);
    let s = f32x4.splat(0);
    let p = f32x4.splat(0);
    for (const blocks = x + ((segment - x) & ~63); x < blocks; x += 64, dy += 64, y += 64) {
      const a = gradient(dy, y, relu, 4);
      const b = gradient(dy + 16, y + 16, relu, 4);
      const c = gradient(dy + 32, y + 32, relu, 4);
      const d = gradient(dy + 48, y + 48, relu, 4);
      s = f32x4.add(s, tree(a, b, c, d));
      p = f32x4.add(p, f32x4.add(
        f32x4_madd(b, f32x4.sub(v128.load(x, 16), mean), f32x4.mul(a, f32x4.sub(v128.load(x), mean))),
        f32x4_madd(d, f32x4.sub(v128.load(x, 48), mean), f32x4.mul(c, f32x4.sub(v128.load(x, 32), mean)))));
    }
    for (; x + 16 <= segment; x += 16, dy += 16, y += 16) {
      const a = gradient(dy, y, relu, 4);
      s = f32x4.add(s, a);
      p = f32x4_madd(a, f32x4.sub(v128.load(x), mean), p);
    }
    if (x < segment) {
      // The lanes behind the row have the gradient 0.
      const a = gradient(dy, y, relu, rest);
      s = f32x4.add(s, a);
      p = f32x4_madd(a, f32x4.sub(x32x4_load_tail(x, rest), mean), p);
      x = segment;
    }
    sums = f64x2.add(sums, totals(s, p));
  } while (x < last);
  return sums;
}

/** (Σ dy[i], Σ dy[i]·((x[i] − mean) − rest)) over `count` elements, as two doubles in a vector. */
export function rowProducts(dy: usize, x: usize, count: i32, mean: f32, rest: f32): v128 {
  return withRest(products(dy, x, 0, count, f32x4.splat(mean), false), rest);
}

/** (a, b) → (a, b − rest·a) */
// @ts-ignore: decorator
@inline
export function withRest(sums: v128, rest: f32): v128 {
  return f64x2.replace_lane(sums, 1, f64x2.extract_lane(sums, 1) - <f64>rest * f64x2.extract_lane(sums, 0));
}

/** y[i] = (x[i] − mean)·scale + shift over `count` elements, or with `relu` the ReLU of that. y may be x. */
// @ts-ignore: decorator
@inline
export function maps(y: usize, x: usize, count: i32, mean: v128, scale: v128, shift: v128, relu: bool): void {
  const last = x + (<usize>count << 2);
  for (; x + 64 <= last; x += 64, y += 64) {
    map(y, x, mean, scale, shift, relu, 4, WIDE);
    if (!WIDE) map(y + 16, x + 16, mean, scale, shift, relu, 4);
    map(y + 32, x + 32, mean, scale, shift, relu, 4, WIDE);
    if (!WIDE) map(y + 48, x + 48, mean, scale, shift, relu, 4);
  }
  for (; x + 16 <= last; x += 16, y += 16) map(y, x, mean, scale, shift, relu, 4);
  if (x < last) map(y, x, mean, scale, shift, relu, count & 3);
}

// @ts-ignore: decorator
@inline
function map(
  y: usize, x: usize, mean: v128, scale: v128, shift: v128, relu: bool, count: i32, pair: bool = false,
): void {
  const value = loadPart(x, count), value1 = loadNext(x, value, pair);
  const v = f32x4_madd(f32x4.sub(value, mean), scale, shift), v1 = f32x4_madd(f32x4.sub(value1, mean), scale, shift);
  storePart(y, relu ? f32x4_relu(v) : v, count);
  storeNext(y, relu ? f32x4_relu(v1) : v1, pair);
}

/** y[i] = ((x[i] − mean) − rest)·scale + shift over `count` elements. */
export function rowMap(y: usize, x: usize, count: i32, mean: f32, rest: f32, scale: f32, shift: f32): void {
  maps(y, x, count, f32x4.splat(mean), f32x4.splat(scale), f32x4.splat(shift - rest * scale), false);
}

/** dx[i] = g·scale + ((x[i] − mean)·slope + shift), g = `gradient`, over `count` elements. */
// @ts-ignore: decorator
@inline
export function combines(
  dx: usize, dy: usize, x: usize, y: usize, count: i32, mean: v128, scale: v128, slope: v128, shift: v128, relu: bool,
): void {
  const last = x + (<usize>count << 2);
  for (; x + 32 <= last; x += 32, dx += 32, dy += 32, y += 32) {
    combine(dx, dy, x, y, mean, scale, slope, shift, relu, 4, WIDE);
    if (!WIDE) combine(dx + 16, dy + 16, x + 16, y + 16, mean, scale, slope, shift, relu, 4);
  }
  if (x + 16 <= last) {
    combine(dx, dy, x, y, mean, scale, slope, shift, relu, 4);
    x += 16;
    dx += 16;
    dy += 16;
    y += 16;
  }
  if (x < last) combine(dx, dy, x, y, mean, scale, slope, shift, relu, count & 3);
}

// @ts-ignore: decorator
@inline
function combine(
  dx: usize, dy: usize, x: usize, y: usize, mean: v128, scale: v128, slope: v128, shift: v128, relu: bool, count: i32,
  pair: bool = false,
): void {
  const value = loadPart(x, count), value1 = loadNext(x, value, pair);
  const g = gradient(dy, y, relu, count), g1 = nextGradient(dy, y, relu, g, pair);
  const d = f32x4.sub(value, mean), d1 = f32x4.sub(value1, mean);
  storePart(dx, f32x4_madd(g, scale, f32x4_madd(d, slope, shift)), count);
  storeNext(dx, f32x4_madd(g1, scale, f32x4_madd(d1, slope, shift)), pair);
}

/** dx[i] = dy[i]·scale + (((x[i] − mean) − rest)·slope + shift) over `count` elements. */
export function rowCombine(
  dx: usize, dy: usize, x: usize, count: i32, mean: f32, rest: f32, scale: f32, slope: f32, shift: f32,
): void {
  combines(
    dx, dy, x, 0, count, f32x4.splat(mean), f32x4.splat(scale), f32x4.splat(slope), f32x4.splat(shift - rest * slope),
    false);
}

/**
 * Mean and deviation as they are kept, in column i of statistics [3 or more, count]: mean, rest, 1/√(variance + eps).
 */
// @ts-ignore: decorator
@inline
export function storeStatistics(statistics: usize, count: i32, i: i32, mean: f64, variance: f64, eps: f64): void {
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
