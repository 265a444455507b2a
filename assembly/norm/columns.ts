/**
 * Batch norm of x [rows, columns], a channel a column: vectors run over channels, every pass goes down the rows. Sums
 * are kept in memory (where results will stand) and take in several rows at a time; the maps go row by row. So memory is
 * read in order, and few streams are open at once: with 1024 columns all rows begin at the same place of a cache, which
 * has room for eight. What a column comes to does not depend on the columns beside it.
 *
 * statistics [7, columns]: 0 mean, 1 rest of the mean, 2 inverse = 1/√(variance + eps); and as workspace
 *                          3 scale = inverse·weight, 4 shift = bias − rest·scale, 5 slope and 6 shift of the gradient
 */
import { loadPart, storePart } from '../simd/part';
import { f32x4_madd } from '../simd/vector';
import { further } from './run';

/** Columns of a pass: its sums and parameters fit the first-level cache. */
export const COLUMNS: i32 = 1024;

/** Row `row` of statistics, from where `column` stands in row 0. */
// @ts-ignore: decorator
@inline
function entry(statistics: usize, row: i32, columns: i32): usize {
  return statistics + (<usize>(row * columns) << 2);
}

// ---- Statistics ----

// @ts-ignore: decorator
@inline
function addRows(sum: usize, pivot: usize, x: usize, stride: usize, four: bool, count: i32): void {
  const k = loadPart(pivot, count);
  let d = f32x4.sub(loadPart(x, count), k);
  if (four) {
    const c = f32x4.add(f32x4.sub(loadPart(x + 2 * stride, count), k), f32x4.sub(loadPart(x + 3 * stride, count), k));
    d = f32x4.add(f32x4.add(d, f32x4.sub(loadPart(x + stride, count), k)), c);
  }
  storePart(sum, f32x4.add(loadPart(sum, count), d), count);
}

/** sum += Σ (x − pivot) over one row or four, for `width` columns. */
// @ts-ignore: decorator
@inline
function sumRows(sum: usize, pivot: usize, x: usize, stride: usize, width: i32, four: bool): void {
  const last = sum + (<usize>width << 2);
  for (; sum + 16 <= last; sum += 16, pivot += 16, x += 16) addRows(sum, pivot, x, stride, four, 4);
  if (sum < last) addRows(sum, pivot, x, stride, four, <i32>(last - sum) >> 2);
}

// @ts-ignore: decorator
@inline
function addSquares(sum: usize, mean: usize, x: usize, stride: usize, four: bool, count: i32): void {
  const m = loadPart(mean, count);
  const a = f32x4.sub(loadPart(x, count), m);
  let s = f32x4.mul(a, a);
  if (four) {
    const b = f32x4.sub(loadPart(x + stride, count), m);
    const c = f32x4.sub(loadPart(x + 2 * stride, count), m);
    const d = f32x4.sub(loadPart(x + 3 * stride, count), m);
    s = f32x4.add(f32x4_madd(b, b, s), f32x4_madd(d, d, f32x4.mul(c, c)));
  }
  storePart(sum, f32x4.add(loadPart(sum, count), s), count);
}

/** sum += Σ (x − mean)² over one row or four, for `width` columns. */
// @ts-ignore: decorator
@inline
function sumSquares(sum: usize, mean: usize, x: usize, stride: usize, width: i32, four: bool): void {
  const last = sum + (<usize>width << 2);
  for (; sum + 16 <= last; sum += 16, mean += 16, x += 16) addSquares(sum, mean, x, stride, four, 4);
  if (sum < last) addSquares(sum, mean, x, stride, four, <i32>(last - sum) >> 2);
}

/** mean, in which the sum of deviations from `pivot` stands, and rest = the mean in two floats, without rounding (Knuth's sum of two). */
// @ts-ignore: decorator
@inline
function finishMean(mean: usize, rest: usize, pivot: usize, rows: f32, count: i32): void {
  const k = loadPart(pivot, count);
  const offset = f32x4.div(loadPart(mean, count), f32x4.splat(rows));
  const nearest = f32x4.add(k, offset);
  const part = f32x4.sub(nearest, k);
  storePart(mean, nearest, count);
  storePart(rest, f32x4.add(f32x4.sub(k, f32x4.sub(nearest, part)), f32x4.sub(offset, part)), count);
}

// @ts-ignore: decorator
@inline
function move(running: usize, value: v128, momentum: f64, count: i32): void {
  const kept = f32x4.mul(f32x4.splat(<f32>(1 - momentum)), loadPart(running, count));
  storePart(running, f32x4_madd(f32x4.splat(<f32>momentum), value, kept), count);
}

/** inverse, in which Σ (x − mean)² stands, = 1/√(variance + eps); and the running statistics. */
// @ts-ignore: decorator
@inline
function finishVariance(inverse: usize, mean: usize, rest: usize, runningMean: usize, runningVariance: usize, rows: f32, eps: f32, momentum: f64, count: i32): void {
  // The squares are around `mean`, which the rest is missing from.
  const r = loadPart(rest, count);
  const squares = f32x4.max(f32x4.sub(loadPart(inverse, count), f32x4.mul(f32x4.mul(r, r), f32x4.splat(rows))), f32x4.splat(0));
  const variance = f32x4.div(squares, f32x4.splat(rows));
  storePart(inverse, f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(variance, f32x4.splat(eps)))), count);
  if (runningMean != 0) {
    move(runningMean, loadPart(mean, count), momentum, count);
    move(runningVariance, f32x4.div(squares, f32x4.splat(rows - 1)), momentum, count);
  }
}

/** Mean and deviation of the `width` columns from `column` on, and where runningMean is not 0 the running ones moved towards them. */
export function columnStatistics(statistics: usize, runningMean: usize, runningVariance: usize, x: usize, rows: i32, columns: i32, eps: f32, momentum: f64, column: i32, width: i32): void {
  const stride = <usize>columns << 2;
  const offset = <usize>column << 2;
  const bytes = <usize>width << 2;
  const mean = statistics + offset;
  const rest = entry(mean, 1, columns);
  const inverse = entry(mean, 2, columns);
  const first = x + offset;
  runningMean = further(runningMean, offset);
  runningVariance = further(runningVariance, offset);

  memory.fill(mean, 0, bytes);
  let row = 0;
  let at = first;
  for (; row + 4 <= rows; row += 4, at += 4 * stride) sumRows(mean, first, at, stride, width, true);
  for (; row < rows; row++, at += stride) sumRows(mean, first, at, stride, width, false);
  const vectors = bytes & ~15;
  for (let c: usize = 0; c < vectors; c += 16) finishMean(mean + c, rest + c, first + c, <f32>rows, 4);
  if (vectors < bytes) finishMean(mean + vectors, rest + vectors, first + vectors, <f32>rows, width & 3);

  memory.fill(inverse, 0, bytes);
  at = first;
  for (row = 0; row + 4 <= rows; row += 4, at += 4 * stride) sumSquares(inverse, mean, at, stride, width, true);
  for (; row < rows; row++, at += stride) sumSquares(inverse, mean, at, stride, width, false);
  for (let c: usize = 0; c < vectors; c += 16) {
    finishVariance(inverse + c, mean + c, rest + c, further(runningMean, c), further(runningVariance, c), <f32>rows, eps, momentum, 4);
  }
  if (vectors < bytes) {
    finishVariance(inverse + vectors, mean + vectors, rest + vectors, further(runningMean, vectors), further(runningVariance, vectors), <f32>rows, eps, momentum, width & 3);
  }
}

// ---- The map ----

// @ts-ignore: decorator
@inline
function prepare(mean: usize, weight: usize, bias: usize, columns: i32, count: i32): void {
  let scale = loadPart(entry(mean, 2, columns), count);
  if (weight != 0) scale = f32x4.mul(scale, loadPart(weight, count));
  const b = bias == 0 ? f32x4.splat(0) : loadPart(bias, count);
  storePart(entry(mean, 3, columns), scale, count);
  storePart(entry(mean, 4, columns), f32x4.sub(b, f32x4.mul(loadPart(entry(mean, 1, columns), count), scale)), count);
}

// @ts-ignore: decorator
@inline
function map(y: usize, x: usize, mean: usize, scale: usize, shift: usize, count: i32): void {
  storePart(y, f32x4_madd(f32x4.sub(loadPart(x, count), loadPart(mean, count)), loadPart(scale, count), loadPart(shift, count)), count);
}

/** y = ((x − mean) − rest)·inverse·weight + bias for the `width` columns from `column` on. */
export function columnMap(y: usize, x: usize, statistics: usize, weight: usize, bias: usize, rows: i32, columns: i32, column: i32, width: i32): void {
  const stride = <usize>columns << 2;
  const offset = <usize>column << 2;
  const bytes = <usize>width << 2;
  const vectors = bytes & ~15;
  const mean = statistics + offset;
  const scale = entry(mean, 3, columns);
  const shift = entry(mean, 4, columns);
  weight = further(weight, offset);
  bias = further(bias, offset);
  for (let c: usize = 0; c < vectors; c += 16) prepare(mean + c, further(weight, c), further(bias, c), columns, 4);
  if (vectors < bytes) prepare(mean + vectors, further(weight, vectors), further(bias, vectors), columns, width & 3);
  const blocks = bytes & ~63;
  y += offset;
  x += offset;
  for (let row = 0; row < rows; row++, x += stride, y += stride) {
    let c: usize = 0;
    for (; c < blocks; c += 64) {
      map(y + c, x + c, mean + c, scale + c, shift + c, 4);
      map(y + c + 16, x + c + 16, mean + c + 16, scale + c + 16, shift + c + 16, 4);
      map(y + c + 32, x + c + 32, mean + c + 32, scale + c + 32, shift + c + 32, 4);
      map(y + c + 48, x + c + 48, mean + c + 48, scale + c + 48, shift + c + 48, 4);
    }
    for (; c < vectors; c += 16) map(y + c, x + c, mean + c, scale + c, shift + c, 4);
    if (c < bytes) map(y + c, x + c, mean + c, scale + c, shift + c, width & 3);
  }
}

// ---- Backward ----

// @ts-ignore: decorator
@inline
function addProducts(sum: usize, product: usize, dy: usize, x: usize, mean: usize, stride: usize, two: bool, count: i32): void {
  const m = loadPart(mean, count);
  let s = loadPart(dy, count);
  let p = f32x4.mul(s, f32x4.sub(loadPart(x, count), m));
  if (two) {
    const g = loadPart(dy + stride, count);
    p = f32x4_madd(g, f32x4.sub(loadPart(x + stride, count), m), p);
    s = f32x4.add(s, g);
  }
  storePart(sum, f32x4.add(loadPart(sum, count), s), count);
  storePart(product, f32x4.add(loadPart(product, count), p), count);
}

/** sum += Σ dy, product += Σ dy·(x − mean) over one row or two, for `width` columns. */
// @ts-ignore: decorator
@inline
function sumProducts(sum: usize, product: usize, dy: usize, x: usize, mean: usize, stride: usize, width: i32, two: bool): void {
  const last = sum + (<usize>width << 2);
  for (; sum + 16 <= last; sum += 16, product += 16, dy += 16, x += 16, mean += 16) addProducts(sum, product, dy, x, mean, stride, two, 4);
  if (sum < last) addProducts(sum, product, dy, x, mean, stride, two, <i32>(last - sum) >> 2);
}

// @ts-ignore: decorator
@inline
function finishProducts(product: usize, sum: usize, mean: usize, columns: i32, count: i32): void {
  const r = f32x4.mul(loadPart(entry(mean, 1, columns), count), loadPart(sum, count));
  storePart(product, f32x4.mul(f32x4.sub(loadPart(product, count), r), loadPart(entry(mean, 2, columns), count)), count);
}

/** dBias = Σ dy, dWeight = Σ dy·((x − mean) − rest)·inverse down the rows, for the `width` columns from `column` on. */
export function columnProducts(dWeight: usize, dBias: usize, dy: usize, x: usize, statistics: usize, rows: i32, columns: i32, column: i32, width: i32): void {
  const stride = <usize>columns << 2;
  const offset = <usize>column << 2;
  const bytes = <usize>width << 2;
  const sum = dBias + offset;
  const product = dWeight + offset;
  const mean = statistics + offset;
  memory.fill(sum, 0, bytes);
  memory.fill(product, 0, bytes);
  dy += offset;
  x += offset;
  let row = 0;
  for (; row + 2 <= rows; row += 2, dy += 2 * stride, x += 2 * stride) sumProducts(sum, product, dy, x, mean, stride, width, true);
  if (row < rows) sumProducts(sum, product, dy, x, mean, stride, width, false);
  const vectors = bytes & ~15;
  for (let c: usize = 0; c < vectors; c += 16) finishProducts(product + c, sum + c, mean + c, columns, 4);
  if (vectors < bytes) finishProducts(product + vectors, sum + vectors, mean + vectors, columns, width & 3);
}

// @ts-ignore: decorator
@inline
function prepareCombine(mean: usize, weight: usize, dWeight: usize, dBias: usize, rows: f32, columns: i32, count: i32): void {
  const inverse = loadPart(entry(mean, 2, columns), count);
  const scale = weight == 0 ? inverse : f32x4.mul(inverse, loadPart(weight, count));
  const against = f32x4.div(scale, f32x4.splat(-rows));
  const slope = f32x4.mul(f32x4.mul(against, inverse), loadPart(dWeight, count));
  storePart(entry(mean, 3, columns), scale, count);
  storePart(entry(mean, 5, columns), slope, count);
  storePart(entry(mean, 6, columns), f32x4.sub(f32x4.mul(against, loadPart(dBias, count)), f32x4.mul(loadPart(entry(mean, 1, columns), count), slope)), count);
}

// @ts-ignore: decorator
@inline
function combine(dx: usize, dy: usize, x: usize, mean: usize, scale: usize, slope: usize, shift: usize, count: i32): void {
  const d = f32x4.sub(loadPart(x, count), loadPart(mean, count));
  storePart(dx, f32x4_madd(loadPart(dy, count), loadPart(scale, count), f32x4_madd(d, loadPart(slope, count), loadPart(shift, count))), count);
}

/** dx = weight·inverse·(dy − (dBias + ((x − mean) − rest)·inverse·dWeight) / rows) for the `width` columns from `column` on. */
export function columnCombine(dx: usize, dy: usize, x: usize, dWeight: usize, dBias: usize, statistics: usize, weight: usize, rows: i32, columns: i32, column: i32, width: i32): void {
  const stride = <usize>columns << 2;
  const offset = <usize>column << 2;
  const bytes = <usize>width << 2;
  const vectors = bytes & ~15;
  const mean = statistics + offset;
  const scale = entry(mean, 3, columns);
  const slope = entry(mean, 5, columns);
  const shift = entry(mean, 6, columns);
  weight = further(weight, offset);
  dWeight += offset;
  dBias += offset;
  for (let c: usize = 0; c < vectors; c += 16) prepareCombine(mean + c, further(weight, c), dWeight + c, dBias + c, <f32>rows, columns, 4);
  if (vectors < bytes) prepareCombine(mean + vectors, further(weight, vectors), dWeight + vectors, dBias + vectors, <f32>rows, columns, width & 3);
  const blocks = bytes & ~31;
  dx += offset;
  dy += offset;
  x += offset;
  for (let row = 0; row < rows; row++, dx += stride, dy += stride, x += stride) {
    let c: usize = 0;
    for (; c < blocks; c += 32) {
      combine(dx + c, dy + c, x + c, mean + c, scale + c, slope + c, shift + c, 4);
      combine(dx + c + 16, dy + c + 16, x + c + 16, mean + c + 16, scale + c + 16, slope + c + 16, shift + c + 16, 4);
    }
    if (c < vectors) {
      combine(dx + c, dy + c, x + c, mean + c, scale + c, slope + c, shift + c, 4);
      c += 16;
    }
    if (c < bytes) combine(dx + c, dy + c, x + c, mean + c, scale + c, slope + c, shift + c, width & 3);
  }
}
