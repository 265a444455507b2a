/**
 * Batch norm of x [rows, columns], a channel a column: vectors run over channels, and every pass goes down the rows of a
 * tile narrow enough to stay in the cache from the first pass to the last. The sums of a tile are kept where its results
 * will stand, and take in four rows at a time. What a column comes to does not depend on the tile it is in.
 *
 * statistics [3, columns]: mean, rest of the mean, 1/√(variance + eps).
 */
import { load_part, store_part } from '../simd/part';
import { f32x4_madd } from '../simd/vector';
import { further } from './run';

/** Bytes of one operand's tile: half of a second-level cache of 256 KB. */
const TILE_BYTES: i32 = 131072;

/** Columns of a tile: a multiple of 16 floats, a cache line. */
// @ts-ignore: decorator
@inline
export function tile_columns(rows: i32): i32 {
  return max(16, (TILE_BYTES / (4 * max(rows, 1))) & ~15);
}

// @ts-ignore: decorator
@inline
function deviation(x: usize, mean: v128, rest: v128, count: i32): v128 {
  return f32x4.sub(f32x4.sub(load_part(x, count), mean), rest);
}

// @ts-ignore: decorator
@inline
function clear_part(at: usize, count: i32): void {
  store_part(at, f32x4.splat(0), count);
}

/** Zeros at `at` for `width` columns. */
function clear(at: usize, width: i32): void {
  const last = at + (<usize>width << 2);
  for (; at + 16 <= last; at += 16) clear_part(at, 4);
  if (at < last) clear_part(at, <i32>(last - at) >> 2);
}

// ---- Statistics ----

// @ts-ignore: decorator
@inline
function add_rows(sum: usize, first: usize, x: usize, stride: usize, four: bool, count: i32): void {
  const k = load_part(first, count);
  let d = f32x4.sub(load_part(x, count), k);
  if (four) {
    const c = f32x4.add(f32x4.sub(load_part(x + 2 * stride, count), k), f32x4.sub(load_part(x + 3 * stride, count), k));
    d = f32x4.add(f32x4.add(d, f32x4.sub(load_part(x + stride, count), k)), c);
  }
  store_part(sum, f32x4.add(load_part(sum, count), d), count);
}

// @ts-ignore: decorator
@inline
function add_rows_of_tile(sum: usize, first: usize, x: usize, stride: usize, width: i32, four: bool): void {
  const last = sum + (<usize>width << 2);
  for (; sum + 16 <= last; sum += 16, first += 16, x += 16) add_rows(sum, first, x, stride, four, 4);
  if (sum < last) add_rows(sum, first, x, stride, four, <i32>(last - sum) >> 2);
}

// @ts-ignore: decorator
@inline
function finish_mean(mean: usize, rest: usize, first: usize, rows: f32, count: i32): void {
  // nearest + left = k + offset without rounding (Knuth's sum of two).
  const k = load_part(first, count);
  const offset = f32x4.div(load_part(mean, count), f32x4.splat(rows));
  const nearest = f32x4.add(k, offset);
  const part = f32x4.sub(nearest, k);
  const left = f32x4.add(f32x4.sub(k, f32x4.sub(nearest, part)), f32x4.sub(offset, part));
  store_part(mean, nearest, count);
  store_part(rest, left, count);
}

// @ts-ignore: decorator
@inline
function square(x: usize, mean: v128, rest: v128, count: i32): v128 {
  const d = deviation(x, mean, rest, count);
  return f32x4.mul(d, d);
}

// @ts-ignore: decorator
@inline
function add_squares(sum: usize, mean: usize, rest: usize, x: usize, stride: usize, four: bool, count: i32): void {
  const m = load_part(mean, count);
  const r = load_part(rest, count);
  let s = square(x, m, r, count);
  if (four) {
    const c = f32x4.add(square(x + 2 * stride, m, r, count), square(x + 3 * stride, m, r, count));
    s = f32x4.add(f32x4.add(s, square(x + stride, m, r, count)), c);
  }
  store_part(sum, f32x4.add(load_part(sum, count), s), count);
}

// @ts-ignore: decorator
@inline
function add_squares_of_tile(sum: usize, mean: usize, rest: usize, x: usize, stride: usize, width: i32, four: bool): void {
  const last = sum + (<usize>width << 2);
  for (; sum + 16 <= last; sum += 16, mean += 16, rest += 16, x += 16) add_squares(sum, mean, rest, x, stride, four, 4);
  if (sum < last) add_squares(sum, mean, rest, x, stride, four, <i32>(last - sum) >> 2);
}

// @ts-ignore: decorator
@inline
function update(running: usize, value: v128, momentum: f64, count: i32): void {
  const kept = f32x4.mul(f32x4.splat(<f32>(1 - momentum)), load_part(running, count));
  store_part(running, f32x4_madd(f32x4.splat(<f32>momentum), value, kept), count);
}

// @ts-ignore: decorator
@inline
function finish_variance(deviations: usize, mean: usize, runningMean: usize, runningVariance: usize, rows: f32, eps: f32, momentum: f64, count: i32): void {
  const squares = load_part(deviations, count);
  const variance = f32x4.div(squares, f32x4.splat(rows));
  store_part(deviations, f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(variance, f32x4.splat(eps)))), count);
  if (runningMean != 0) {
    update(runningMean, load_part(mean, count), momentum, count);
    update(runningVariance, f32x4.div(squares, f32x4.splat(rows - 1)), momentum, count);
  }
}

/** Mean and deviation of the `width` columns from `column` on, and where runningMean is not 0 the running ones moved towards them. */
export function column_statistics(statistics: usize, runningMean: usize, runningVariance: usize, x: usize, rows: i32, columns: i32, eps: f32, momentum: f64, column: i32, width: i32): void {
  const stride = <usize>columns << 2;
  const offset = <usize>column << 2;
  const mean = statistics + offset;
  const rest = mean + stride;
  const deviations = rest + stride;
  const first = x + offset;
  const bytes = <usize>width << 2;
  const vectors = bytes & ~15;
  const left = width & 3;

  clear(mean, width);
  let row = 0;
  for (let at = first; row < rows; at += stride) {
    const four = row + 4 <= rows;
    if (four) {
      add_rows_of_tile(mean, first, at, stride, width, true);
      at += 3 * stride;
      row += 4;
    } else {
      add_rows_of_tile(mean, first, at, stride, width, false);
      row++;
    }
  }
  for (let c: usize = 0; c < vectors; c += 16) finish_mean(mean + c, rest + c, first + c, <f32>rows, 4);
  if (left > 0) finish_mean(mean + vectors, rest + vectors, first + vectors, <f32>rows, left);

  clear(deviations, width);
  row = 0;
  for (let at = first; row < rows; at += stride) {
    if (row + 4 <= rows) {
      add_squares_of_tile(deviations, mean, rest, at, stride, width, true);
      at += 3 * stride;
      row += 4;
    } else {
      add_squares_of_tile(deviations, mean, rest, at, stride, width, false);
      row++;
    }
  }
  const runningMeans = further(runningMean, offset);
  const runningVariances = runningVariance + offset;
  for (let c: usize = 0; c < vectors; c += 16) {
    finish_variance(deviations + c, mean + c, further(runningMeans, c), runningVariances + c, <f32>rows, eps, momentum, 4);
  }
  if (left > 0) {
    finish_variance(deviations + vectors, mean + vectors, further(runningMeans, vectors), runningVariances + vectors, <f32>rows, eps, momentum, left);
  }
}

// ---- The map ----

// @ts-ignore: decorator
@inline
function map_rows(y: usize, x: usize, mean: usize, rest: usize, inverse: usize, weight: usize, bias: usize, stride: usize, four: bool, count: i32): void {
  const m = load_part(mean, count);
  const r = load_part(rest, count);
  let scale = load_part(inverse, count);
  if (weight != 0) scale = f32x4.mul(scale, load_part(weight, count));
  const shift = bias == 0 ? f32x4.splat(0) : load_part(bias, count);
  store_part(y, f32x4_madd(deviation(x, m, r, count), scale, shift), count);
  if (four) {
    store_part(y + stride, f32x4_madd(deviation(x + stride, m, r, count), scale, shift), count);
    store_part(y + 2 * stride, f32x4_madd(deviation(x + 2 * stride, m, r, count), scale, shift), count);
    store_part(y + 3 * stride, f32x4_madd(deviation(x + 3 * stride, m, r, count), scale, shift), count);
  }
}

// @ts-ignore: decorator
@inline
function map_tile(y: usize, x: usize, mean: usize, weight: usize, bias: usize, stride: usize, width: i32, four: bool): void {
  const bytes = <usize>width << 2;
  const vectors = bytes & ~15;
  for (let c: usize = 0; c < vectors; c += 16) {
    map_rows(y + c, x + c, mean + c, mean + stride + c, mean + 2 * stride + c, further(weight, c), further(bias, c), stride, four, 4);
  }
  if (vectors < bytes) {
    const c = vectors;
    map_rows(y + c, x + c, mean + c, mean + stride + c, mean + 2 * stride + c, further(weight, c), further(bias, c), stride, four, width & 3);
  }
}

/** y = ((x − mean) − rest)·inverse·weight + bias for the `width` columns from `column` on. */
export function column_map(y: usize, x: usize, statistics: usize, weight: usize, bias: usize, rows: i32, columns: i32, column: i32, width: i32): void {
  const stride = <usize>columns << 2;
  const offset = <usize>column << 2;
  y += offset;
  x += offset;
  weight = further(weight, offset);
  bias = further(bias, offset);
  let row = 0;
  for (; row + 4 <= rows; row += 4, x += 4 * stride, y += 4 * stride) map_tile(y, x, statistics + offset, weight, bias, stride, width, true);
  for (; row < rows; row++, x += stride, y += stride) map_tile(y, x, statistics + offset, weight, bias, stride, width, false);
}

// ---- Backward ----

// @ts-ignore: decorator
@inline
function add_products(sum: usize, product: usize, dy: usize, x: usize, mean: usize, rest: usize, stride: usize, four: bool, count: i32): void {
  const m = load_part(mean, count);
  const r = load_part(rest, count);
  const g = load_part(dy, count);
  let s = g;
  let p = f32x4.mul(g, deviation(x, m, r, count));
  if (four) {
    const g1 = load_part(dy + stride, count);
    const g2 = load_part(dy + 2 * stride, count);
    const g3 = load_part(dy + 3 * stride, count);
    s = f32x4.add(f32x4.add(s, g1), f32x4.add(g2, g3));
    p = f32x4_madd(g1, deviation(x + stride, m, r, count), p);
    p = f32x4.add(p, f32x4_madd(g3, deviation(x + 3 * stride, m, r, count), f32x4.mul(g2, deviation(x + 2 * stride, m, r, count))));
  }
  store_part(sum, f32x4.add(load_part(sum, count), s), count);
  store_part(product, f32x4.add(load_part(product, count), p), count);
}

// @ts-ignore: decorator
@inline
function add_products_of_tile(sum: usize, product: usize, dy: usize, x: usize, mean: usize, stride: usize, width: i32, four: bool): void {
  const bytes = <usize>width << 2;
  const vectors = bytes & ~15;
  for (let c: usize = 0; c < vectors; c += 16) add_products(sum + c, product + c, dy + c, x + c, mean + c, mean + stride + c, stride, four, 4);
  if (vectors < bytes) add_products(sum + vectors, product + vectors, dy + vectors, x + vectors, mean + vectors, mean + stride + vectors, stride, four, width & 3);
}

// @ts-ignore: decorator
@inline
function scale_part(product: usize, inverse: usize, count: i32): void {
  store_part(product, f32x4.mul(load_part(product, count), load_part(inverse, count)), count);
}

/** dBias = Σ dy, dWeight = Σ dy·((x − mean) − rest)·inverse down the rows, for the `width` columns from `column` on. */
export function column_products(dWeight: usize, dBias: usize, dy: usize, x: usize, statistics: usize, rows: i32, columns: i32, column: i32, width: i32): void {
  const stride = <usize>columns << 2;
  const offset = <usize>column << 2;
  const sum = dBias + offset;
  const product = dWeight + offset;
  const mean = statistics + offset;
  const inverse = mean + 2 * stride;
  clear(sum, width);
  clear(product, width);
  dy += offset;
  x += offset;
  let row = 0;
  for (; row + 4 <= rows; row += 4, dy += 4 * stride, x += 4 * stride) add_products_of_tile(sum, product, dy, x, mean, stride, width, true);
  for (; row < rows; row++, dy += stride, x += stride) add_products_of_tile(sum, product, dy, x, mean, stride, width, false);
  const bytes = <usize>width << 2;
  const vectors = bytes & ~15;
  for (let c: usize = 0; c < vectors; c += 16) scale_part(product + c, inverse + c, 4);
  if (vectors < bytes) scale_part(product + vectors, inverse + vectors, width & 3);
}

// @ts-ignore: decorator
@inline
function combine_rows(dx: usize, dy: usize, x: usize, dWeight: usize, dBias: usize, mean: usize, rest: usize, inverse: usize, weight: usize, rows: f32, stride: usize, four: bool, count: i32): void {
  const m = load_part(mean, count);
  const r = load_part(rest, count);
  const i = load_part(inverse, count);
  const scale = weight == 0 ? i : f32x4.mul(i, load_part(weight, count));
  const against = f32x4.div(scale, f32x4.splat(-rows));
  const slope = f32x4.mul(f32x4.mul(against, i), load_part(dWeight, count));
  const shift = f32x4.mul(against, load_part(dBias, count));
  store_part(dx, f32x4_madd(load_part(dy, count), scale, f32x4_madd(deviation(x, m, r, count), slope, shift)), count);
  if (four) {
    store_part(dx + stride, f32x4_madd(load_part(dy + stride, count), scale, f32x4_madd(deviation(x + stride, m, r, count), slope, shift)), count);
    store_part(dx + 2 * stride, f32x4_madd(load_part(dy + 2 * stride, count), scale, f32x4_madd(deviation(x + 2 * stride, m, r, count), slope, shift)), count);
    store_part(dx + 3 * stride, f32x4_madd(load_part(dy + 3 * stride, count), scale, f32x4_madd(deviation(x + 3 * stride, m, r, count), slope, shift)), count);
  }
}

// @ts-ignore: decorator
@inline
function combine_tile(dx: usize, dy: usize, x: usize, dWeight: usize, dBias: usize, mean: usize, weight: usize, rows: f32, stride: usize, width: i32, four: bool): void {
  const bytes = <usize>width << 2;
  const vectors = bytes & ~15;
  for (let c: usize = 0; c < vectors; c += 16) {
    combine_rows(dx + c, dy + c, x + c, dWeight + c, dBias + c, mean + c, mean + stride + c, mean + 2 * stride + c, further(weight, c), rows, stride, four, 4);
  }
  if (vectors < bytes) {
    const c = vectors;
    combine_rows(dx + c, dy + c, x + c, dWeight + c, dBias + c, mean + c, mean + stride + c, mean + 2 * stride + c, further(weight, c), rows, stride, four, width & 3);
  }
}

/** dx = weight·inverse·(dy − (dBias + ((x − mean) − rest)·inverse·dWeight) / rows) for the `width` columns from `column` on. */
export function column_combine(dx: usize, dy: usize, x: usize, dWeight: usize, dBias: usize, statistics: usize, weight: usize, rows: i32, columns: i32, column: i32, width: i32): void {
  const stride = <usize>columns << 2;
  const offset = <usize>column << 2;
  dx += offset;
  dy += offset;
  x += offset;
  dWeight += offset;
  dBias += offset;
  weight = further(weight, offset);
  let row = 0;
  for (; row + 4 <= rows; row += 4, dx += 4 * stride, dy += 4 * stride, x += 4 * stride) {
    combine_tile(dx, dy, x, dWeight, dBias, statistics + offset, weight, <f32>rows, stride, width, true);
  }
  for (; row < rows; row++, dx += stride, dy += stride, x += stride) combine_tile(dx, dy, x, dWeight, dBias, statistics + offset, weight, <f32>rows, stride, width, false);
}
