import { assertShare, assertSizes, assertWords } from '../assert';
import { OptionalAddress } from '../optional';
import { evenRow, firstPairs, lastPairs, oddRow } from '../simd/transpose';
import { f32x4_madd } from '../simd/vector';

/**
 * Matrix times vector, elements [begin, end) of y: the product for one row (or one column) of C, which reads each
 * weight once, from where it is.
 *
 *     y[j] = start + Σ_k W[j,k]·x[k],  start = y[j] if `accumulate`, else bias[j], else 0
 *
 * and of that max(0, ·) if `relu` (NaN and −0 stay). W [n,k], or [k,n] when `transposeW`. y must not overlap the
 * others. Each element is summed in the order of k, so it has the bits of `f32_gemm`.
 *
 * @param bias [n], or 0 for none
 * @work (end - begin) * k / 2
 */
export function f32_matvec(
  y: usize, w: usize, x: usize, bias: OptionalAddress, n: i32, k: i32, transposeW: bool, accumulate: bool, relu: bool,
  begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(y | w | x | bias);
  assertSizes(n | k);
  const start = accumulate ? y : bias;
  const wStep = <usize>(transposeW ? n : k) << 2;
  const elementStep: usize = transposeW ? 4 : wStep;
  const floor: f32 = relu ? 0 : -Infinity;
  let j = begin;
  if (transposeW) {
    for (; j + 16 <= end; j += 16) {
      sixteenColumns(
        y + (<usize>j << 2), w + (<usize>j << 2), x, start == 0 ? 0 : start + (<usize>j << 2), wStep, k, floor);
    }
  }
  for (; j < end; j += 8) {
    if (j + 8 > end) {
      // The last eight once more, as far as they were done: faster than one by one.
      if (accumulate || end - begin < 8) break;
      j = end - 8;
    }
    const at = <usize>j << 2;
    const from = w + <usize>j * elementStep;
    if (transposeW) eightColumns(y + at, from, x, start == 0 ? 0 : start + at, wStep, k, floor);
    else eightRows(y + at, from, x, start == 0 ? 0 : start + at, wStep, k, floor);
  }
  for (; j < end; j++) {
    const at = <usize>j << 2;
    let sum: f32 = start == 0 ? 0 : load<f32>(start + at);
    let from = w + <usize>j * elementStep;
    for (let term = 0; term < k; term++, from += transposeW ? wStep : 4) {
      sum = madd(load<f32>(from), load<f32>(x + (<usize>term << 2)), sum);
    }
    store<f32>(y + at, sum < floor ? floor : sum);
  }
}

/** The same as a lane of `f32x4_madd`, fused where that is. */
// @ts-ignore: decorator
@inline
function madd(a: f32, b: f32, c: f32): f32 {
  return f32x4.extract_lane(f32x4_madd(f32x4.splat(a), f32x4.splat(b), f32x4.splat(c)), 0);
}

/**
 * Eight rows of W [n,k]: squares of four rows and four terms are transposed in registers. (The branch between them is
 * never taken: it keeps V8 of Node 20 from loading both squares at once, which spills.)
 */
function eightRows(y: usize, w: usize, x: usize, start: usize, wStep: usize, k: i32, floor: f32): void {
  let s0 = f32x4.splat(0), s1 = s0;
  if (start != 0) {
    s0 = v128.load(start);
    s1 = v128.load(start, 16);
  }
  const half = w + 4 * wStep;
  const last = <usize>k << 2;
  const lastOfFours = <usize>(k & ~3) << 2;
  let at: usize = 0;
  for (; at < lastOfFours; at += 16) {
    s0 = addSquare(s0, w + at, wStep, x + at);
    if (at == 1) break;
    s1 = addSquare(s1, half + at, wStep, x + at);
  }
  for (; at < last; at += 4) {
    const term = v128.load32_splat(x + at);
    s0 = f32x4_madd(column(w + at, wStep), term, s0);
    s1 = f32x4_madd(column(half + at, wStep), term, s1);
  }
  v128.store(y, f32x4.pmax(s0, f32x4.splat(floor)));
  v128.store(y, f32x4.pmax(s1, f32x4.splat(floor)), 16);
}

/** sums + four terms of four rows, one term after the other. */
// @ts-ignore: decorator
@inline
function addSquare(sums: v128, w: usize, wStep: usize, x: usize): v128 {
  const r0 = v128.load(w), r1 = v128.load(w + wStep), r2 = v128.load(w + 2 * wStep), r3 = v128.load(w + 3 * wStep);
  const first01 = firstPairs(r0, r1), last01 = lastPairs(r0, r1);
  const first23 = firstPairs(r2, r3), last23 = lastPairs(r2, r3);
  sums = f32x4_madd(evenRow(first01, first23), v128.load32_splat(x), sums);
  sums = f32x4_madd(oddRow(first01, first23), v128.load32_splat(x, 4), sums);
  sums = f32x4_madd(evenRow(last01, last23), v128.load32_splat(x, 8), sums);
  return f32x4_madd(oddRow(last01, last23), v128.load32_splat(x, 12), sums);
}

/** One term of four rows. */
// @ts-ignore: decorator
@inline
function column(w: usize, wStep: usize): v128 {
  return f32x4(load<f32>(w), load<f32>(w + wStep), load<f32>(w + 2 * wStep), load<f32>(w + 3 * wStep));
}

function eightColumns(y: usize, w: usize, x: usize, start: usize, wStep: usize, k: i32, floor: f32): void {
  columns(y, w, x, start, wStep, k, floor, 2);
}

/** A whole cache line of each row. */
function sixteenColumns(y: usize, w: usize, x: usize, start: usize, wStep: usize, k: i32, floor: f32): void {
  columns(y, w, x, start, wStep, k, floor, 4);
}

/** Two or four vectors of columns of W [k,n]. */
// @ts-ignore: decorator
@inline
function columns(y: usize, w: usize, x: usize, start: usize, wStep: usize, k: i32, floor: f32, vectors: i32): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  if (start != 0) {
    s0 = v128.load(start);
    s1 = v128.load(start, 16);
    if (vectors > 2) {
      s2 = v128.load(start, 32);
      s3 = v128.load(start, 48);
    }
  }
  for (const last = x + (<usize>k << 2); x < last; x += 4, w += wStep) {
    const term = v128.load32_splat(x);
    s0 = f32x4_madd(v128.load(w), term, s0);
    s1 = f32x4_madd(v128.load(w, 16), term, s1);
    if (vectors > 2) {
      s2 = f32x4_madd(v128.load(w, 32), term, s2);
      s3 = f32x4_madd(v128.load(w, 48), term, s3);
    }
  }
  v128.store(y, f32x4.pmax(s0, f32x4.splat(floor)));
  v128.store(y, f32x4.pmax(s1, f32x4.splat(floor)), 16);
  if (vectors > 2) {
    v128.store(y, f32x4.pmax(s2, f32x4.splat(floor)), 32);
    v128.store(y, f32x4.pmax(s3, f32x4.splat(floor)), 48);
  }
}
