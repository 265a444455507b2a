/**
 * Sums over a run of adjacent elements, and the maps that normalise it: what batch, layer and group norm are made of.
 *
 * A mean is kept in two floats: `mean`, the float nearest to it, and `rest`, what that is short of it. Sums are over
 * deviations x − mean (exact where x is near the mean), and the rest is put right in the sums and shifts: so values far
 * from zero lose nothing but what their own rounding lost. Lanes sum up to 512 elements as floats, 16 at a time by a
 * tree, then join a total in doubles.
 */
import { loadPart, storePart } from '../simd/part';
import { f32x4_madd, f64x2_from_high, f64x2_from_low, f64x2_hsum } from '../simd/vector';

/** Bytes that lanes sum up as floats. */
const SEGMENT: usize = 2048;

// @ts-ignore: decorator
@inline
function tree(a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

/** The total of four floats, in doubles. */
// @ts-ignore: decorator
@inline
function total(v: v128): f64 {
  return f64x2_hsum(f64x2.add(f64x2_from_low(v), f64x2_from_high(v)));
}

// @ts-ignore: decorator
@inline
function two(first: f64, second: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(first), 1, second);
}

/** (Σ d, Σ d²), d = x[i] − mean, over `count` elements, as two doubles in a vector. */
export function runMoments(x: usize, count: i32, mean: f32): v128 {
  const m = f32x4.splat(mean);
  const vectors = x + (<usize>(count & ~3) << 2);
  let sum: f64 = 0;
  let squares: f64 = 0;
  while (x < vectors) {
    const segment = min(x + SEGMENT, vectors);
    const blocks = x + ((segment - x) & ~63);
    let s = f32x4.splat(0);
    let q = f32x4.splat(0);
    for (; x < blocks; x += 64) {
      const a = f32x4.sub(v128.load(x), m);
      const b = f32x4.sub(v128.load(x, 16), m);
      const c = f32x4.sub(v128.load(x, 32), m);
      const d = f32x4.sub(v128.load(x, 48), m);
      s = f32x4.add(s, tree(a, b, c, d));
      q = f32x4.add(q, f32x4.add(f32x4_madd(b, b, f32x4.mul(a, a)), f32x4_madd(d, d, f32x4.mul(c, c))));
    }
    for (; x < segment; x += 16) {
      const d = f32x4.sub(v128.load(x), m);
      s = f32x4.add(s, d);
      q = f32x4_madd(d, d, q);
    }
    sum += total(s);
    squares += total(q);
  }
  for (const last = x + (<usize>(count & 3) << 2); x < last; x += 4) {
    const d = load<f32>(x) - mean;
    sum += <f64>d;
    squares += <f64>(d * d);
  }
  return two(sum, squares);
}

/** Σ (x[i] − pivot) over `count` elements. */
export function runSum(x: usize, count: i32, pivot: f32): f64 {
  const k = f32x4.splat(pivot);
  const vectors = x + (<usize>(count & ~3) << 2);
  let sum: f64 = 0;
  while (x < vectors) {
    const segment = min(x + SEGMENT, vectors);
    const blocks = x + ((segment - x) & ~63);
    let s = f32x4.splat(0);
    for (; x < blocks; x += 64) {
      s = f32x4.add(s, tree(f32x4.sub(v128.load(x), k), f32x4.sub(v128.load(x, 16), k), f32x4.sub(v128.load(x, 32), k), f32x4.sub(v128.load(x, 48), k)));
    }
    for (; x < segment; x += 16) s = f32x4.add(s, f32x4.sub(v128.load(x), k));
    sum += total(s);
  }
  for (const last = x + (<usize>(count & 3) << 2); x < last; x += 4) sum += <f64>(load<f32>(x) - pivot);
  return sum;
}

/** (Σ dy[i], Σ dy[i]·((x[i] − mean) − rest)) over `count` elements, as two doubles in a vector. */
export function runProducts(dy: usize, x: usize, count: i32, mean: f32, rest: f32): v128 {
  const m = f32x4.splat(mean);
  const vectors = x + (<usize>(count & ~3) << 2);
  let sum: f64 = 0;
  let products: f64 = 0;
  while (x < vectors) {
    const segment = min(x + SEGMENT, vectors);
    const blocks = x + ((segment - x) & ~63);
    let s = f32x4.splat(0);
    let p = f32x4.splat(0);
    for (; x < blocks; x += 64, dy += 64) {
      const a = v128.load(dy);
      const b = v128.load(dy, 16);
      const c = v128.load(dy, 32);
      const d = v128.load(dy, 48);
      s = f32x4.add(s, tree(a, b, c, d));
      p = f32x4.add(p, f32x4.add(
        f32x4_madd(b, f32x4.sub(v128.load(x, 16), m), f32x4.mul(a, f32x4.sub(v128.load(x), m))),
        f32x4_madd(d, f32x4.sub(v128.load(x, 48), m), f32x4.mul(c, f32x4.sub(v128.load(x, 32), m)))));
    }
    for (; x < segment; x += 16, dy += 16) {
      const a = v128.load(dy);
      s = f32x4.add(s, a);
      p = f32x4_madd(a, f32x4.sub(v128.load(x), m), p);
    }
    sum += total(s);
    products += total(p);
  }
  for (const last = x + (<usize>(count & 3) << 2); x < last; x += 4, dy += 4) {
    sum += <f64>load<f32>(dy);
    products += <f64>(load<f32>(dy) * (load<f32>(x) - mean));
  }
  return two(sum, products - <f64>rest * sum);
}

// @ts-ignore: decorator
@inline
function map(y: usize, x: usize, mean: v128, scale: v128, shift: v128, count: i32): void {
  storePart(y, f32x4_madd(f32x4.sub(loadPart(x, count), mean), scale, shift), count);
}

/** y[i] = ((x[i] − mean) − rest)·scale + shift over `count` elements. */
export function runMap(y: usize, x: usize, count: i32, mean: f32, rest: f32, scale: f32, shift: f32): void {
  const m = f32x4.splat(mean);
  const a = f32x4.splat(scale);
  const b = f32x4.splat(shift - rest * scale);
  const last = x + (<usize>count << 2);
  for (; x + 64 <= last; x += 64, y += 64) {
    map(y, x, m, a, b, 4);
    map(y + 16, x + 16, m, a, b, 4);
    map(y + 32, x + 32, m, a, b, 4);
    map(y + 48, x + 48, m, a, b, 4);
  }
  for (; x + 16 <= last; x += 16, y += 16) map(y, x, m, a, b, 4);
  if (x < last) map(y, x, m, a, b, <i32>(last - x) >> 2);
}

// @ts-ignore: decorator
@inline
function combine(dx: usize, dy: usize, x: usize, mean: v128, scale: v128, slope: v128, shift: v128, count: i32): void {
  const d = f32x4.sub(loadPart(x, count), mean);
  storePart(dx, f32x4_madd(loadPart(dy, count), scale, f32x4_madd(d, slope, shift)), count);
}

/** dx[i] = dy[i]·scale + (((x[i] − mean) − rest)·slope + shift) over `count` elements. */
export function runCombine(dx: usize, dy: usize, x: usize, count: i32, mean: f32, rest: f32, scale: f32, slope: f32, shift: f32): void {
  const m = f32x4.splat(mean);
  const a = f32x4.splat(scale);
  const b = f32x4.splat(slope);
  const c = f32x4.splat(shift - rest * slope);
  const last = x + (<usize>count << 2);
  for (; x + 64 <= last; x += 64, dx += 64, dy += 64) {
    combine(dx, dy, x, m, a, b, c, 4);
    combine(dx + 16, dy + 16, x + 16, m, a, b, c, 4);
    combine(dx + 32, dy + 32, x + 32, m, a, b, c, 4);
    combine(dx + 48, dy + 48, x + 48, m, a, b, c, 4);
  }
  for (; x + 16 <= last; x += 16, dx += 16, dy += 16) combine(dx, dy, x, m, a, b, c, 4);
  if (x < last) combine(dx, dy, x, m, a, b, c, <i32>(last - x) >> 2);
}

/** Mean and deviation as they are kept, in column i of statistics [3 or more, count]: mean, rest, 1/√(variance + eps). */
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
