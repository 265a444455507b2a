/**
 * Batch norm of x [rows, columns], a channel a column: vectors run over channels, every pass goes down the rows, two or
 * four at a time. Sums are kept in memory. So memory is read in order, and few streams are open at once: with 1024
 * columns all rows begin at the same place of a cache, which has room for eight. What a column comes to does not depend
 * on the columns beside it.
 *
 * The statistics take one pass, in chunks of rows, as those of channels.ts: a chunk has at most three times as many
 * rows as all before it, so that the mean before it is worth being its pivot. All in float32.
 *
 * Where a ReLU follows, the map does it too (`relu`), and the gradients read its output y (address 0: there is none).
 *
 * statistics [24, columns]: 0 mean, 1 rest of the mean, 2 inverse = 1/√(variance + eps); and as workspace
 *                          3 scale = inverse·weight, 4 shift = bias − rest·scale, 5 slope and 6 shift of the gradient;
 *                          before that 3 Σ d, 4 Σ d² of a chunk, d the deviations from the mean before; or Σ dy, Σ dy·d
 */
import { loadNext, loadPart, storeNext, storePart } from '../simd/part';
import { f32x4_relu } from '../simd/relu';
import { f32x4_madd } from '../simd/vector';
import { WIDE } from '../simd/width';
import { further } from './sums';
import { FIRST_ROWS, MOST_ROWS } from './tuning';

/** Row `row` of statistics, from where `column` stands in row 0. */
// @ts-ignore: decorator
@inline
export function entry(statistics: usize, row: i32, columns: i32): usize {
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
function addMoments(
  sum: usize, squares: usize, mean: usize, x: usize, stride: usize, four: bool, count: i32, pair: bool = false,
): void {
  const m = loadPart(mean, count), m1 = loadNext(mean, m, pair);
  const x0 = loadPart(x, count), oldSum = loadPart(sum, count), oldSquares = loadPart(squares, count);
  const a = f32x4.sub(x0, m), a1 = f32x4.sub(loadNext(x, x0, pair), m1);
  const oldSum1 = loadNext(sum, oldSum, pair), oldSquares1 = loadNext(squares, oldSquares, pair);
  let s = a, s1 = a1;
  let q = f32x4.mul(a, a), q1 = f32x4.mul(a1, a1);
  if (four) {
    const row1 = loadPart(x + stride, count), row2 = loadPart(x + 2 * stride, count);
    const row3 = loadPart(x + 3 * stride, count);
    const b = f32x4.sub(row1, m), b1 = f32x4.sub(loadNext(x + stride, row1, pair), m1);
    const c = f32x4.sub(row2, m), c1 = f32x4.sub(loadNext(x + 2 * stride, row2, pair), m1);
    const d = f32x4.sub(row3, m), d1 = f32x4.sub(loadNext(x + 3 * stride, row3, pair), m1);
    s = f32x4.add(f32x4.add(s, b), f32x4.add(c, d));
    s1 = f32x4.add(f32x4.add(s1, b1), f32x4.add(c1, d1));
    q = f32x4.add(f32x4_madd(b, b, q), f32x4_madd(d, d, f32x4.mul(c, c)));
    q1 = f32x4.add(f32x4_madd(b1, b1, q1), f32x4_madd(d1, d1, f32x4.mul(c1, c1)));
  }
  storePart(sum, f32x4.add(oldSum, s), count);
  storeNext(sum, f32x4.add(oldSum1, s1), pair);
  storePart(squares, f32x4.add(oldSquares, q), count);
  storeNext(squares, f32x4.add(oldSquares1, q1), pair);
}

/** sum += Σ d, squares += Σ d², d = x − mean, over one row or four, for `width` columns. */
// @ts-ignore: decorator
@inline
function sumMoments(sum: usize, squares: usize, mean: usize, x: usize, stride: usize, width: i32, four: bool): void {
  const last = sum + (<usize>width << 2);
  if (WIDE) {
    for (; sum + 32 <= last; sum += 32, squares += 32, mean += 32, x += 32) {
      addMoments(sum, squares, mean, x, stride, four, 4, true);
    }
  }
  for (; sum + 16 <= last; sum += 16, squares += 16, mean += 16, x += 16) {
    addMoments(sum, squares, mean, x, stride, four, 4);
  }
  if (sum < last) addMoments(sum, squares, mean, x, stride, four, <i32>(last - sum) >> 2);
}

/** mean and rest = base + offset in two floats, without rounding (Knuth's sum of two). */
// @ts-ignore: decorator
@inline
function storeMean(mean: usize, rest: usize, base: v128, offset: v128, count: i32): void {
  const nearest = f32x4.add(base, offset);
  const part = f32x4.sub(nearest, base);
  storePart(mean, nearest, count);
  storePart(rest, f32x4.add(f32x4.sub(base, f32x4.sub(nearest, part)), f32x4.sub(offset, part)), count);
}

/** The mean of the first chunk, whose sum of deviations from `pivot` is `sum`. */
// @ts-ignore: decorator
@inline
function firstMean(mean: usize, rest: usize, sum: usize, pivot: usize, rows: f32, count: i32): void {
  storeMean(mean, rest, loadPart(pivot, count), f32x4.div(loadPart(sum, count), f32x4.splat(rows)), count);
}

/**
 * Joins a chunk of `rows` rows with those before it, which are `before`: mean, rest and total = Σ (x − mean)² become
 * those of both (Chan, Golub and LeVeque).
 */
// @ts-ignore: decorator
@inline
function join(total: usize, mean: usize, columns: i32, before: f32, rows: f32, count: i32): void {
  const rest = entry(mean, 1, columns);
  const sum = loadPart(entry(mean, 3, columns), count);
  const own = f32x4.mul(sum, f32x4.splat(1 / rows));
  const squares = f32x4.max(f32x4.sub(loadPart(entry(mean, 4, columns), count), f32x4.mul(sum, own)), f32x4.splat(0));
  const missing = loadPart(rest, count);
  const apart = f32x4.sub(own, missing);
  const between = f32x4.mul(f32x4.mul(apart, apart), f32x4.splat(before * rows / (before + rows)));
  storePart(total, f32x4.add(loadPart(total, count), f32x4.add(squares, between)), count);
  storeMean(mean, rest, loadPart(mean, count), f32x4_madd(apart, f32x4.splat(rows / (before + rows)), missing), count);
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
function finishVariance(
  inverse: usize, mean: usize, runningMean: usize, runningVariance: usize, rows: f32, eps: f32, momentum: f64,
  count: i32,
): void {
  const squares = loadPart(inverse, count);
  const variance = f32x4.div(squares, f32x4.splat(rows));
  storePart(inverse, f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(variance, f32x4.splat(eps)))), count);
  if (runningMean != 0) {
    move(runningMean, loadPart(mean, count), momentum, count);
    move(runningVariance, f32x4.div(squares, f32x4.splat(rows - 1)), momentum, count);
  }
}

/**
 * Mean and deviation of the `width` columns from `column` on, and where runningMean is not 0 the running ones moved
 * towards them.
 */
export function columnStatistics(
  statistics: usize, runningMean: usize, runningVariance: usize, x: usize, rows: i32, columns: i32, eps: f32,
  momentum: f64, column: i32, width: i32,
): void {
  const stride = <usize>columns << 2;
  const offset = <usize>column << 2;
  const bytes = <usize>width << 2;
  const vectors = bytes & ~15;
  const tail = width & 3;
  const mean = statistics + offset;
  const rest = entry(mean, 1, columns);
  const inverse = entry(mean, 2, columns);
  const sum = entry(mean, 3, columns);
  const squares = entry(mean, 4, columns);
  const first = x + offset;
  runningMean = further(runningMean, offset);
  runningVariance = further(runningVariance, offset);

  let chunk = min(FIRST_ROWS, rows);
  memory.fill(sum, 0, bytes);
  let at = first;
  let row = 0;
  for (; row + 4 <= chunk; row += 4, at += 4 * stride) sumRows(sum, first, at, stride, width, true);
  for (; row < chunk; row++, at += stride) sumRows(sum, first, at, stride, width, false);
  for (let c: usize = 0; c < vectors; c += 16) firstMean(mean + c, rest + c, sum + c, first + c, <f32>chunk, 4);
  if (tail > 0) firstMean(mean + vectors, rest + vectors, sum + vectors, first + vectors, <f32>chunk, tail);

  memory.fill(inverse, 0, bytes);
  at = first;
  for (let before = 0; before < rows; before += chunk) {
    if (before > 0) chunk = min(min(3 * before, MOST_ROWS), rows - before);
    memory.fill(sum, 0, bytes);
    memory.fill(squares, 0, bytes);
    for (row = 0; row + 4 <= chunk; row += 4, at += 4 * stride) sumMoments(sum, squares, mean, at, stride, width, true);
    for (; row < chunk; row++, at += stride) sumMoments(sum, squares, mean, at, stride, width, false);
    for (let c: usize = 0; c < vectors; c += 16) join(inverse + c, mean + c, columns, <f32>before, <f32>chunk, 4);
    if (tail > 0) join(inverse + vectors, mean + vectors, columns, <f32>before, <f32>chunk, tail);
  }
  for (let c: usize = 0; c < vectors; c += 16) {
    finishVariance(
      inverse + c, mean + c, further(runningMean, c), further(runningVariance, c), <f32>rows, eps, momentum, 4);
  }
  if (tail > 0) {
    finishVariance(
      inverse + vectors, mean + vectors, further(runningMean, vectors), further(runningVariance, vectors), <f32>rows,
      eps, momentum, tail);
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
function mapPart(
  y: usize, x: usize, mean: usize, columns: i32, stride: usize, two: bool, relu: bool, count: i32, pair: bool = false,
): void {
  const m = loadPart(mean, count), m1 = loadNext(mean, m, pair);
  const scale = loadPart(entry(mean, 3, columns), count), scale1 = loadNext(entry(mean, 3, columns), scale, pair);
  const shift = loadPart(entry(mean, 4, columns), count), shift1 = loadNext(entry(mean, 4, columns), shift, pair);
  const x0 = loadPart(x, count), x1 = loadNext(x, x0, pair);
  const a = f32x4_madd(f32x4.sub(x0, m), scale, shift), a1 = f32x4_madd(f32x4.sub(x1, m1), scale1, shift1);
  if (two) {
    const row = loadPart(x + stride, count), row1 = loadNext(x + stride, row, pair);
    const b = f32x4_madd(f32x4.sub(row, m), scale, shift), b1 = f32x4_madd(f32x4.sub(row1, m1), scale1, shift1);
    storePart(y + stride, relu ? f32x4_relu(b) : b, count);
    storeNext(y + stride, relu ? f32x4_relu(b1) : b1, pair);
  }
  storePart(y, relu ? f32x4_relu(a) : a, count);
  storeNext(y, relu ? f32x4_relu(a1) : a1, pair);
}

/** One row of y or two, for `width` columns. */
// @ts-ignore: decorator
@inline
function mapRows(
  y: usize, x: usize, mean: usize, columns: i32, stride: usize, width: i32, two: bool, relu: bool,
): void {
  const last = x + (<usize>width << 2);
  if (WIDE) {
    for (; x + 32 <= last; x += 32, y += 32, mean += 32) mapPart(y, x, mean, columns, stride, two, relu, 4, true);
  }
  for (; x + 16 <= last; x += 16, y += 16, mean += 16) mapPart(y, x, mean, columns, stride, two, relu, 4);
  if (x < last) mapPart(y, x, mean, columns, stride, two, relu, width & 3);
}

/**
 * y = ((x − mean) − rest)·inverse·weight + bias for the `width` columns from `column` on; with `relu`, the ReLU of
 * that.
 */
export function columnMap(
  y: usize, x: usize, statistics: usize, weight: usize, bias: usize, rows: i32, columns: i32, relu: bool, column: i32,
  width: i32,
): void {
  const stride = <usize>columns << 2;
  const offset = <usize>column << 2;
  const vectors = (<usize>width << 2) & ~15;
  const mean = statistics + offset;
  weight = further(weight, offset);
  bias = further(bias, offset);
  for (let c: usize = 0; c < vectors; c += 16) prepare(mean + c, further(weight, c), further(bias, c), columns, 4);
  if ((width & 3) > 0) prepare(mean + vectors, further(weight, vectors), further(bias, vectors), columns, width & 3);
  y += offset;
  x += offset;
  let row = 0;
  if (relu) {
    for (; row + 2 <= rows; row += 2, x += 2 * stride, y += 2 * stride) {
      mapRows(y, x, mean, columns, stride, width, true, true);
    }
    if (row < rows) mapRows(y, x, mean, columns, stride, width, false, true);
  } else {
    for (; row + 2 <= rows; row += 2, x += 2 * stride, y += 2 * stride) {
      mapRows(y, x, mean, columns, stride, width, true, false);
    }
    if (row < rows) mapRows(y, x, mean, columns, stride, width, false, false);
  }
}
