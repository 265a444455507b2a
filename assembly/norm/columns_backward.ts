/** The gradients of `columns.ts`: sums of dy and of dy·(x − mean) down each column, and dx. */
import { loadNext, loadPart, storeNext, storePart } from '../simd/part';
import { f32x4_madd } from '../simd/vector';
import { WIDE } from '../simd/width';
import { entry } from './columns';
import { further, gradient, nextGradient } from './sums';
import { MOST_ROWS } from './tuning';

// @ts-ignore: decorator
@inline
function addProducts(
  sum: usize, product: usize, dy: usize, x: usize, y: usize, mean: usize, stride: usize, two: bool, relu: bool,
  count: i32, pair: bool = false,
): void {
  const m = loadPart(mean, count), m1 = loadNext(mean, m, pair);
  const x0 = loadPart(x, count), x1 = loadNext(x, x0, pair);
  const oldSum = loadPart(sum, count), oldSum1 = loadNext(sum, oldSum, pair);
  const oldProduct = loadPart(product, count), oldProduct1 = loadNext(product, oldProduct, pair);
  let s = gradient(dy, y, relu, count), s1 = nextGradient(dy, y, relu, s, pair);
  let p = f32x4.mul(s, f32x4.sub(x0, m)), p1 = f32x4.mul(s1, f32x4.sub(x1, m1));
  if (two) {
    const row = loadPart(x + stride, count), row1 = loadNext(x + stride, row, pair);
    const g = gradient(dy + stride, y + stride, relu, count);
    const g1 = nextGradient(dy + stride, y + stride, relu, g, pair);
    p = f32x4_madd(g, f32x4.sub(row, m), p);
    p1 = f32x4_madd(g1, f32x4.sub(row1, m1), p1);
    s = f32x4.add(s, g);
    s1 = f32x4.add(s1, g1);
  }
  storePart(sum, f32x4.add(oldSum, s), count);
  storeNext(sum, f32x4.add(oldSum1, s1), pair);
  storePart(product, f32x4.add(oldProduct, p), count);
  storeNext(product, f32x4.add(oldProduct1, p1), pair);
}

/** sum += Σ dy, product += Σ dy·(x − mean) over one row or two, for `width` columns. */
// @ts-ignore: decorator
@inline
function sumProducts(
  sum: usize, product: usize, dy: usize, x: usize, y: usize, mean: usize, stride: usize, width: i32, two: bool,
  relu: bool,
): void {
  const last = sum + (<usize>width << 2);
  if (WIDE) {
    for (; sum + 32 <= last; sum += 32, product += 32, dy += 32, x += 32, y += 32, mean += 32) {
      addProducts(sum, product, dy, x, y, mean, stride, two, relu, 4, true);
    }
  }
  for (; sum + 16 <= last; sum += 16, product += 16, dy += 16, x += 16, y += 16, mean += 16) {
    addProducts(sum, product, dy, x, y, mean, stride, two, relu, 4);
  }
  if (sum < last) addProducts(sum, product, dy, x, y, mean, stride, two, relu, width & 3);
}

/** sum = Σ dy, product = Σ dy·(x − mean), for `width` columns: chunks of rows, each by itself, then added up. */
// @ts-ignore: decorator
@inline
function products(
  sum: usize, product: usize, dy: usize, x: usize, y: usize, mean: usize, rows: i32, columns: i32, width: i32,
  relu: bool,
): void {
  const stride = <usize>columns << 2;
  const bytes = <usize>width << 2;
  const vectors = bytes & ~15;
  const ownSum = entry(mean, 3, columns);
  const ownProduct = entry(mean, 4, columns);
  memory.fill(sum, 0, bytes);
  memory.fill(product, 0, bytes);
  for (let row = 0; row < rows;) {
    memory.fill(ownSum, 0, bytes);
    memory.fill(ownProduct, 0, bytes);
    const last = min(row + MOST_ROWS, rows);
    for (; row + 2 <= last; row += 2, dy += 2 * stride, x += 2 * stride, y += 2 * stride) {
      sumProducts(ownSum, ownProduct, dy, x, y, mean, stride, width, true, relu);
    }
    if (row < last) {
      sumProducts(ownSum, ownProduct, dy, x, y, mean, stride, width, false, relu);
      row++;
    }
    for (let c: usize = 0; c < vectors; c += 16) {
      addTo(sum + c, ownSum + c, 4);
      addTo(product + c, ownProduct + c, 4);
    }
    if (vectors < bytes) {
      addTo(sum + vectors, ownSum + vectors, width & 3);
      addTo(product + vectors, ownProduct + vectors, width & 3);
    }
  }
}

// @ts-ignore: decorator
@inline
function addTo(total: usize, part: usize, count: i32): void {
  storePart(total, f32x4.add(loadPart(total, count), loadPart(part, count)), count);
}

// @ts-ignore: decorator
@inline
function finishProducts(product: usize, sum: usize, mean: usize, columns: i32, count: i32): void {
  const r = f32x4.mul(loadPart(entry(mean, 1, columns), count), loadPart(sum, count));
  storePart(
    product, f32x4.mul(f32x4.sub(loadPart(product, count), r), loadPart(entry(mean, 2, columns), count)), count);
}

/**
 * dBias = Σ dy, dWeight = Σ dy·((x − mean) − rest)·inverse down the rows, for the `width` columns from `column` on; dy
 * is 0 where y ≤ 0, unless the address of y is 0.
 */
export function columnProducts(
  dWeight: usize, dBias: usize, dy: usize, x: usize, y: usize, statistics: usize, rows: i32, columns: i32, column: i32,
  width: i32,
): void {
  const offset = <usize>column << 2;
  const bytes = <usize>width << 2;
  const sum = dBias + offset;
  const product = dWeight + offset;
  const mean = statistics + offset;
  if (y == 0) productsPlain(sum, product, dy + offset, x + offset, mean, rows, columns, width);
  else productsRelu(sum, product, dy + offset, x + offset, y + offset, mean, rows, columns, width);
  const vectors = bytes & ~15;
  for (let c: usize = 0; c < vectors; c += 16) finishProducts(product + c, sum + c, mean + c, columns, 4);
  if (vectors < bytes) finishProducts(product + vectors, sum + vectors, mean + vectors, columns, width & 3);
}

// @ts-ignore: decorator
@inline
function prepareCombine(
  mean: usize, weight: usize, dWeight: usize, dBias: usize, rows: f32, columns: i32, count: i32,
): void {
  const inverse = loadPart(entry(mean, 2, columns), count);
  const scale = weight == 0 ? inverse : f32x4.mul(inverse, loadPart(weight, count));
  const against = f32x4.div(scale, f32x4.splat(-rows));
  const slope = f32x4.mul(f32x4.mul(against, inverse), loadPart(dWeight, count));
  storePart(entry(mean, 3, columns), scale, count);
  storePart(entry(mean, 5, columns), slope, count);
  storePart(
    entry(mean, 6, columns),
    f32x4.sub(f32x4.mul(against, loadPart(dBias, count)), f32x4.mul(loadPart(entry(mean, 1, columns), count), slope)),
    count);
}

// @ts-ignore: decorator
@inline
function combinePart(
  dx: usize, dy: usize, x: usize, y: usize, mean: usize, columns: i32, stride: usize, two: bool, relu: bool, count: i32,
  pair: bool = false,
): void {
  const m = loadPart(mean, count), m1 = loadNext(mean, m, pair);
  const scale = loadPart(entry(mean, 3, columns), count), scale1 = loadNext(entry(mean, 3, columns), scale, pair);
  const slope = loadPart(entry(mean, 5, columns), count), slope1 = loadNext(entry(mean, 5, columns), slope, pair);
  const shift = loadPart(entry(mean, 6, columns), count), shift1 = loadNext(entry(mean, 6, columns), shift, pair);
  const x0 = loadPart(x, count), x1 = loadNext(x, x0, pair);
  const a = f32x4_madd(f32x4.sub(x0, m), slope, shift), a1 = f32x4_madd(f32x4.sub(x1, m1), slope1, shift1);
  const g = gradient(dy, y, relu, count), g1 = nextGradient(dy, y, relu, g, pair);
  if (two) {
    const row = loadPart(x + stride, count), row1 = loadNext(x + stride, row, pair);
    const b = f32x4_madd(f32x4.sub(row, m), slope, shift), b1 = f32x4_madd(f32x4.sub(row1, m1), slope1, shift1);
    const h = gradient(dy + stride, y + stride, relu, count);
    const h1 = nextGradient(dy + stride, y + stride, relu, h, pair);
    storePart(dx + stride, f32x4_madd(h, scale, b), count);
    storeNext(dx + stride, f32x4_madd(h1, scale1, b1), pair);
  }
  storePart(dx, f32x4_madd(g, scale, a), count);
  storeNext(dx, f32x4_madd(g1, scale1, a1), pair);
}

/** One row of dx or two, for `width` columns. */
// @ts-ignore: decorator
@inline
function combineRows(
  dx: usize, dy: usize, x: usize, y: usize, mean: usize, columns: i32, stride: usize, width: i32, two: bool, relu: bool,
): void {
  const last = x + (<usize>width << 2);
  if (WIDE) {
    for (; x + 32 <= last; x += 32, dx += 32, dy += 32, y += 32, mean += 32) {
      combinePart(dx, dy, x, y, mean, columns, stride, two, relu, 4, true);
    }
  }
  for (; x + 16 <= last; x += 16, dx += 16, dy += 16, y += 16, mean += 16) {
    combinePart(dx, dy, x, y, mean, columns, stride, two, relu, 4);
  }
  if (x < last) combinePart(dx, dy, x, y, mean, columns, stride, two, relu, width & 3);
}

// @ts-ignore: decorator
@inline
function combine(
  dx: usize, dy: usize, x: usize, y: usize, mean: usize, rows: i32, columns: i32, width: i32, relu: bool,
): void {
  const stride = <usize>columns << 2;
  let row = 0;
  for (; row + 2 <= rows; row += 2, dx += 2 * stride, dy += 2 * stride, x += 2 * stride, y += 2 * stride) {
    combineRows(dx, dy, x, y, mean, columns, stride, width, true, relu);
  }
  if (row < rows) combineRows(dx, dy, x, y, mean, columns, stride, width, false, relu);
}

/**
 * dx = weight·inverse·(dy − (dBias + ((x − mean) − rest)·inverse·dWeight) / rows) for the `width` columns from `column`
 * on, dy likewise.
 */
export function columnCombine(
  dx: usize, dy: usize, x: usize, y: usize, dWeight: usize, dBias: usize, statistics: usize, weight: usize, rows: i32,
  columns: i32, column: i32, width: i32,
): void {
  const offset = <usize>column << 2;
  const vectors = (<usize>width << 2) & ~15;
  const mean = statistics + offset;
  weight = further(weight, offset);
  dWeight += offset;
  dBias += offset;
  for (let c: usize = 0; c < vectors; c += 16) {
    prepareCombine(mean + c, further(weight, c), dWeight + c, dBias + c, <f32>rows, columns, 4);
  }
  if ((width & 3) > 0) {
    prepareCombine(
      mean + vectors, further(weight, vectors), dWeight + vectors, dBias + vectors, <f32>rows, columns, width & 3);
  }
  if (y == 0) combinePlain(dx + offset, dy + offset, x + offset, mean, rows, columns, width);
  else combineRelu(dx + offset, dy + offset, x + offset, y + offset, mean, rows, columns, width);
}

// Functions of their own, as in `channels.ts`.

function productsRelu(
  sum: usize, product: usize, dy: usize, x: usize, y: usize, mean: usize, rows: i32, columns: i32, width: i32,
): void {
  products(sum, product, dy, x, y, mean, rows, columns, width, true);
}

function productsPlain(
  sum: usize, product: usize, dy: usize, x: usize, mean: usize, rows: i32, columns: i32, width: i32,
): void {
  products(sum, product, dy, x, 0, mean, rows, columns, width, false);
}

function combineRelu(
  dx: usize, dy: usize, x: usize, y: usize, mean: usize, rows: i32, columns: i32, width: i32,
): void {
  combine(dx, dy, x, y, mean, rows, columns, width, true);
}

function combinePlain(dx: usize, dy: usize, x: usize, mean: usize, rows: i32, columns: i32, width: i32): void {
  combine(dx, dy, x, 0, mean, rows, columns, width, false);
}
