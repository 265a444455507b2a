/**
 * Layer norm of x [rows, size], each row by itself:
 *
 *   y = (x − mean)·inverse·weight + bias      inverse = 1/√(variance + eps), the variance ÷ size
 *
 * statistics [3, rows]: mean, rest of the mean, inverse. weight and bias [size]; their addresses may be 0: ones and
 * zeros.
 */
import { assertShare, assertSizes, assertWords } from '../assert';
import { OptionalAddress } from '../optional';
import { loadPart, storePart } from '../simd/part';
import { f32x4_madd, f64x2_from_high, f64x2_from_low, f64x2_hsum } from '../simd/vector';
import { further, rowCombine, rowMap, rowMoments, rowProducts, rowSum, storeStatistics } from './sums';

// @ts-ignore: decorator
@inline
function deviation(x: usize, mean: f32, rest: f32, count: i32): v128 {
  return f32x4.sub(f32x4.sub(loadPart(x, count), f32x4.splat(mean)), f32x4.splat(rest));
}

// @ts-ignore: decorator
@inline
function affine(y: usize, x: usize, weight: usize, bias: usize, mean: f32, rest: f32, inverse: f32, count: i32): void {
  const normal = f32x4.mul(deviation(x, mean, rest, count), f32x4.splat(inverse));
  storePart(y, f32x4_madd(normal, loadPart(weight, count), bias == 0 ? f32x4.splat(0) : loadPart(bias, count)), count);
}

/**
 * y and statistics for the rows [begin, end). y may be x. size ≥ 1.
 *
 * @work 3 * (end - begin) * size
 */
export function f32_layer_norm_forward(
  y: usize, statistics: usize, x: usize, weight: OptionalAddress, bias: OptionalAddress, rows: i32, size: i32, eps: f64,
  begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(y | statistics | x | weight | bias);
  assertSizes(rows | size);
  const bytes = <usize>size << 2;
  const vectors = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const from = x + <usize>row * bytes;
    const to = y + <usize>row * bytes;
    rowStatistics(statistics, from, rows, row, size, eps);
    const at = statistics + (<usize>row << 2);
    const mean = load<f32>(at);
    const rest = load<f32>(at + (<usize>rows << 2));
    const inverse = load<f32>(at + (<usize>rows << 3));
    if (weight == 0) {
      rowMap(to, from, size, mean, rest, inverse, 0);
      continue;
    }
    for (let i: usize = 0; i < vectors; i += 16) {
      affine(to + i, from + i, weight + i, further(bias, i), mean, rest, inverse, 4);
    }
    if (vectors < bytes) {
      affine(to + vectors, from + vectors, weight + vectors, further(bias, vectors), mean, rest, inverse, size & 3);
    }
  }
}

/** Mean and deviation of a row of `size` elements at `x`, into column `row` of statistics [3, rows]. */
export function rowStatistics(statistics: usize, x: usize, rows: i32, row: i32, size: i32, eps: f64): void {
  const pivot = load<f32>(x);
  const mean = <f64>pivot + rowSum(x, size, pivot) / <f64>size;
  const nearest = <f32>mean;
  const moments = rowMoments(x, size, nearest);
  const sum = f64x2.extract_lane(moments, 0);
  // The deviations are from a float next to the mean: put right by the little that they do not sum to 0.
  const squares = max<f64>(f64x2.extract_lane(moments, 1) - sum * sum / <f64>size, 0);
  storeStatistics(statistics, rows, row, mean, squares / <f64>size, eps);
}

/** (Σ dy·weight, Σ dy·weight·((x − mean) − rest)) over a row, as two doubles in a vector. */
// @ts-ignore: decorator
@inline
function weightedProducts(dy: usize, x: usize, weight: usize, size: i32, mean: f32, rest: f32): v128 {
  let sums = f64x2.splat(0);
  let products = f64x2.splat(0);
  const bytes = <usize>size << 2;
  const vectors = bytes & ~15;
  for (let i: usize = 0; i < vectors; i += 16) {
    const g = f32x4.mul(v128.load(dy + i), v128.load(weight + i));
    const product = f32x4.mul(g, deviation(x + i, mean, rest, 4));
    sums = f64x2.add(sums, f64x2.add(f64x2_from_low(g), f64x2_from_high(g)));
    products = f64x2.add(products, f64x2.add(f64x2_from_low(product), f64x2_from_high(product)));
  }
  if (vectors < bytes) {
    // The lanes behind the row have a gradient of 0.
    const g = f32x4.mul(loadPart(dy + vectors, size & 3), loadPart(weight + vectors, size & 3));
    const product = f32x4.mul(g, deviation(x + vectors, mean, rest, size & 3));
    sums = f64x2.add(sums, f64x2.add(f64x2_from_low(g), f64x2_from_high(g)));
    products = f64x2.add(products, f64x2.add(f64x2_from_low(product), f64x2_from_high(product)));
  }
  return f64x2.replace_lane(f64x2.splat(f64x2_hsum(sums)), 1, f64x2_hsum(products));
}

// @ts-ignore: decorator
@inline
function combine(
  dx: usize, dy: usize, x: usize, weight: usize, mean: f32, rest: f32, inverse: f32, slope: f32, shift: f32, count: i32,
): void {
  const g = f32x4.mul(loadPart(dy, count), loadPart(weight, count));
  const against = f32x4_madd(deviation(x, mean, rest, count), f32x4.splat(slope), f32x4.splat(shift));
  storePart(dx, f32x4_madd(g, f32x4.splat(inverse), against), count);
}

/**
 * dx = inverse·(g − (Σ g + (x − mean)·inverse·Σ g·(x − mean)·inverse) / size), g = dy·weight, for the rows [begin,
 * end).
 *
 * @work 3 * (end - begin) * size
 */
export function f32_layer_norm_backward(
  dx: usize, dy: usize, x: usize, statistics: usize, weight: OptionalAddress, rows: i32, size: i32, begin: i32,
  end: i32,
): void {
  assertShare(begin, end);
  assertWords(dx | dy | x | statistics | weight);
  assertSizes(rows | size);
  const bytes = <usize>size << 2;
  const vectors = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const offset = <usize>row * bytes;
    const at = statistics + (<usize>row << 2);
    const mean = load<f32>(at);
    const rest = load<f32>(at + (<usize>rows << 2));
    const inverse = load<f32>(at + (<usize>rows << 3));
    const sums = weight == 0
      ? rowProducts(dy + offset, x + offset, size, mean, rest)
      : weightedProducts(dy + offset, x + offset, weight, size, mean, rest);
    const against = -<f64>inverse / <f64>size;
    const shift = <f32>(against * f64x2.extract_lane(sums, 0));
    const slope = <f32>(against * <f64>inverse * <f64>inverse * f64x2.extract_lane(sums, 1));
    if (weight == 0) {
      rowCombine(dx + offset, dy + offset, x + offset, size, mean, rest, inverse, slope, shift);
      continue;
    }
    for (let i: usize = 0; i < vectors; i += 16) {
      combine(dx + offset + i, dy + offset + i, x + offset + i, weight + i, mean, rest, inverse, slope, shift, 4);
    }
    if (vectors < bytes) {
      combine(
        dx + offset + vectors, dy + offset + vectors, x + offset + vectors, weight + vectors, mean, rest, inverse,
        slope, shift, size & 3);
    }
  }
}

// @ts-ignore: decorator
@inline
function addRow(
  dWeight: usize, dBias: usize, dy: usize, x: usize, mean: f32, rest: f32, inverse: f32, count: i32,
): void {
  const g = loadPart(dy, count);
  storePart(dBias, f32x4.add(loadPart(dBias, count), g), count);
  const normal = f32x4.mul(deviation(x, mean, rest, count), f32x4.splat(inverse));
  storePart(dWeight, f32x4_madd(g, normal, loadPart(dWeight, count)), count);
}

/**
 * dWeight = Σ dy·(x − mean)·inverse and dBias = Σ dy over the rows, for the columns [begin, end).
 *
 * @work (end - begin) * rows
 */
export function f32_layer_norm_backward_affine(
  dWeight: usize, dBias: usize, dy: usize, x: usize, statistics: usize, rows: i32, size: i32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(dWeight | dBias | dy | x | statistics);
  assertSizes(rows | size);
  const bytes = <usize>(end - begin) << 2;
  const vectors = bytes & ~15;
  const first = <usize>begin << 2;
  memory.fill(dWeight + first, 0, bytes);
  memory.fill(dBias + first, 0, bytes);
  for (let row = 0; row < rows; row++) {
    const at = statistics + (<usize>row << 2);
    const mean = load<f32>(at);
    const rest = load<f32>(at + (<usize>rows << 2));
    const inverse = load<f32>(at + (<usize>rows << 3));
    const offset = (<usize>row * <usize>size << 2) + first;
    for (let i: usize = 0; i < vectors; i += 16) {
      addRow(dWeight + first + i, dBias + first + i, dy + offset + i, x + offset + i, mean, rest, inverse, 4);
    }
    if (vectors < bytes) {
      addRow(
        dWeight + first + vectors, dBias + first + vectors, dy + offset + vectors, x + offset + vectors, mean, rest,
        inverse, (end - begin) & 3);
    }
  }
}
