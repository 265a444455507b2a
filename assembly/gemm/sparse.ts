import { assertShare, assertWords } from '../assert';
import { OptionalAddress } from '../optional';
import { storeVectorAt, tile, TileOperands, vectorAt } from '../simd/tile';
import { evenRow, firstPairs, lastPairs, oddRow, transpose4 } from '../simd/transpose';
import { PANEL_ROW_BYTES, termsOfBlock } from './lists';
import { assertGemmShape, GemmShape } from './shape';
import { SPARSE_COLUMNS, SPARSE_ROWS } from './tuning';

/*
 * Matrix product that passes over the zeros of one operand. Pixels of MNIST are 81 % zeros, what leaves a ReLU 50 to
 * 80 %, so most products of a dense kernel add nothing. Every element is still summed by itself in the order of k,
 * and adding ±0 to a sum that is not −0 changes no bit: the result equals that of `f32_gemm`, bit for bit, as long as
 * the other operand is finite (0·∞ is NaN), which the packing checks.
 *
 * The places of the non-zeros are known from lists (`lists.ts`). 32 columns of B at a time are packed as a panel, one
 * term a row,
 *
 *      k = 0:  b[0,j] b[0,j+1] … b[0,j+31]        128 bytes
 *      k = 1:  b[1,j] …
 *
 * and each row of C adds up value · row for its list, with the 32 sums in eight registers. Blocks of k are outermost,
 * so that the slice of the panel in use stays in the first-level cache.
 */

/** Floats of scratch that `f32_gemm_sparse` needs: what the sums start from, 16 rows of sums, a panel of B. */
export function f32_gemm_sparse_scratch(shape: GemmShape): i32 {
  return (1 + SPARSE_ROWS + shape.k) * SPARSE_COLUMNS;
}

/** Number of panels: what `f32_gemm_sparse` shares. */
export function f32_gemm_sparse_panels(shape: GemmShape): i32 {
  return (shape.n + SPARSE_COLUMNS - 1) / SPARSE_COLUMNS;
}

/**
 * Matrix product from lists of the non-zeros of op(A) [m,k], panels [begin, end) of 32 columns. k ≥ 1.
 *
 *     C[i,j] = (bias[j] or 0) + Σ_k A[i,k]·B[k,j]         and of that max(0, ·) if `relu` (NaN and −0 stay)
 *
 * C [m,n], or [n,m] when `transposeC`. C must not overlap B, bias or the lists.
 *
 * @param flags for each panel: 1 when B is not finite there, or the bias has a −0: C in these columns is then
 * undefined; else 0
 * @param bias [n], or 0 for none
 * @param scratch `f32_gemm_sparse_scratch(shape)` floats
 * @work (end - begin) * shape.m * shape.k * 4
 */
export function f32_gemm_sparse(
  c: usize, flags: usize, lists: usize, ends: usize, b: usize, bias: OptionalAddress, shape: GemmShape, scratch: usize,
  transposeC: bool, relu: bool, begin: i32, end: i32,
): void {
  assertGemmShape(shape);
  assertShare(begin, end);
  assertWords(c | flags | lists | ends | b | bias | scratch);
  const m = shape.m, n = shape.n, k = shape.k, transposeB = shape.transposeB != 0;
  const start = scratch;
  const sums = start + PANEL_ROW_BYTES;
  const panel = sums + <usize>SPARSE_ROWS * PANEL_ROW_BYTES;
  for (let p = begin; p < end; p++) {
    const j = p * SPARSE_COLUMNS;
    const columns = min(SPARSE_COLUMNS, n - j);
    const plain = fillStart(start, bias, j, columns);
    const finite = transposeB
      ? packAlong(panel, b + (<usize>(j * k) << 2), k, columns)
      : packAcross(panel, b + (<usize>j << 2), n, k, columns);
    const usable = plain && finite;
    store<i32>(flags + (<usize>p << 2), i32(!usable));
    if (!usable) continue;
    if (transposeC) {
      columnsOfTransposed(c + (<usize>(j * m) << 2), lists, ends, panel, start, sums, m, k, columns, relu);
    }
    else if (columns == SPARSE_COLUMNS) {
      wholeColumns(c + (<usize>j << 2), <usize>n << 2, lists, ends, panel, start, m, k, relu);
    }
    else edgeColumns(c + (<usize>j << 2), <usize>n << 2, lists, ends, panel, start, sums, m, k, columns, relu);
  }
}

/**
 * What the sums of a row start from, 32 floats: the bias, or zeros. Returns whether there is no −0 among them: a sum
 * that starts from −0 stays −0 when nothing is added, but may become +0 by adding ±0.
 */
function fillStart(start: usize, bias: usize, j: i32, columns: i32): bool {
  memory.fill(start, 0, PANEL_ROW_BYTES);
  if (bias == 0) return true;
  memory.copy(start, bias + (<usize>j << 2), <usize>columns << 2);
  for (let at: usize = 0; at < PANEL_ROW_BYTES; at += 4) if (load<u32>(start + at) == 0x80000000) return false;
  return true;
}

/** C in place, all rows, 32 columns. */
function wholeColumns(
  c: usize, cStep: usize, lists: usize, ends: usize, panel: usize, start: usize, m: i32, k: i32, relu: bool,
): void {
  const terms = termsOfBlock(k);
  const listBytes = <usize>terms << 3;
  let k0 = 0;
  do {
    const finish = relu && k0 + terms >= k;
    for (let i = 0, row = c; i < m; i++, row += cStep, lists += listBytes, ends += 4) {
      addList(row, k0 > 0 ? row : start, lists, <usize>load<u32>(ends), panel, finish);
    }
    panel += <usize>terms * PANEL_ROW_BYTES;
    k0 += terms;
  } while (k0 < k);
}

/** C where fewer than 32 columns are left: row by row through `sums`. */
function edgeColumns(
  c: usize, cStep: usize, lists: usize, ends: usize, panel: usize, start: usize, sums: usize, m: i32, k: i32,
  columns: i32, relu: bool,
): void {
  for (let i = 0; i < m; i++, c += cStep) {
    sumRow(sums, lists, ends, panel, start, i, m, k, relu);
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) store<f32>(c + j, load<f32>(sums + j));
  }
}

/** C [n,m]: the sums of 16 rows are collected, then written as 16 adjacent values in each of the columns. */
function columnsOfTransposed(
  c: usize, lists: usize, ends: usize, panel: usize, start: usize, sums: usize, m: i32, k: i32, columns: i32,
  relu: bool,
): void {
  const step = <usize>m << 2;
  for (let i = 0; i < m; i += SPARSE_ROWS) {
    const rows = min(SPARSE_ROWS, m - i);
    for (let row = 0; row < rows; row++) {
      sumRow(sums + <usize>row * PANEL_ROW_BYTES, lists, ends, panel, start, i + row, m, k, relu);
    }
    const target = c + (<usize>i << 2);
    if (rows == SPARSE_ROWS && columns == SPARSE_COLUMNS) {
      for (let j: usize = 0; j < <usize>SPARSE_COLUMNS; j += 4) {
        for (let row: usize = 0; row < <usize>SPARSE_ROWS; row += 4) {
          transpose4(target + j * step + (row << 2), step, sums + row * PANEL_ROW_BYTES + (j << 2), PANEL_ROW_BYTES);
        }
      }
    } else {
      for (let j = 0; j < columns; j++) {
        for (let row = 0; row < rows; row++) {
          store<f32>(
            target + <usize>j * step + (<usize>row << 2),
            load<f32>(sums + <usize>row * PANEL_ROW_BYTES + (<usize>j << 2)));
        }
      }
    }
  }
}

/** All blocks of one row of C, into 32 floats. */
function sumRow(
  sums: usize, lists: usize, ends: usize, panel: usize, start: usize, i: i32, m: i32, k: i32, relu: bool,
): void {
  const terms = termsOfBlock(k);
  let k0 = 0, list = i;
  do {
    addList(
      sums, k0 > 0 ? sums : start, lists + (<usize>(list * terms) << 3), <usize>load<u32>(ends + (<usize>list << 2)),
      panel, relu && k0 + terms >= k);
    panel += <usize>terms * PANEL_ROW_BYTES;
    list += m;
    k0 += terms;
  } while (k0 < k);
}

/**
 * sums[0..31] = start[0..31] + Σ value · row, over the entries [entry, last) of one list; of that max(0, ·) if `relu`.
 * `sums` may be `start`.
 */
function addList(sums: usize, start: usize, entry: usize, last: usize, slice: usize, relu: bool): void {
  tile<Entries>(1, SPARSE_COLUMNS / 4, sums, 0, 16, relu ? 0 : -Infinity, start, 0, entry, slice, 0, last - entry);
}

/** A list (`lists.ts`) times the rows of a panel that its entries name. */
class Entries extends TileOperands {
  @inline vectorsInside(): bool { return false; }
  @inline inBlocks(): bool { return false; }
  @inline parted(): bool { return true; }
  @inline start(start: usize, _step: usize, _row: i32, vector: i32): v128 { return vectorAt(start, vector); }
  @inline at(a: usize, b: usize, _step: usize, _rows: i32): usize { return b + <usize>load<u32>(a); }
  @inline left(a: usize, _row: i32): v128 { return v128.load32_splat(a, 4); }
  @inline right(at: usize, vector: i32): v128 { return vectorAt(at, vector); }
  @inline nextA(a: usize, _rows: i32): usize { return a + 8; }
  @inline nextB(b: usize, _step: usize): usize { return b; }
  @inline store(to: usize, _step: usize, _vectorStep: usize, _row: i32, vector: i32, sum: v128, floor: v128): void {
    storeVectorAt(to, vector, f32x4.pmax(sum, floor));
  }
}

/*
 * Packing checks at no cost to speak of whether all is finite: 0 times finite numbers stays ±0, and is NaN for ever
 * after an infinity or a NaN.
 */

/** Packs `columns` ≤ 32 adjacent columns of B [k,n]; the rest of each row is zeros. Returns whether all is finite. */
function packAcross(panel: usize, b: usize, n: i32, k: i32, columns: i32): bool {
  const step = <usize>n << 2;
  const end = panel + <usize>k * PANEL_ROW_BYTES;
  let check0 = f32x4.splat(0), check1 = check0, check2 = check0, check3 = check0;
  if (columns == SPARSE_COLUMNS) {
    for (; panel != end; b += step, panel += PANEL_ROW_BYTES) {
      for (let at: usize = 0; at < PANEL_ROW_BYTES; at += 64) {
        const v0 = v128.load(b + at), v1 = v128.load(b + at, 16), v2 = v128.load(b + at, 32);
        const v3 = v128.load(b + at, 48);
        v128.store(panel + at, v0);
        v128.store(panel + at, v1, 16);
        v128.store(panel + at, v2, 32);
        v128.store(panel + at, v3, 48);
        check0 = f32x4.mul(check0, v0);
        check1 = f32x4.mul(check1, v1);
        check2 = f32x4.mul(check2, v2);
        check3 = f32x4.mul(check3, v3);
      }
    }
  } else {
    for (; panel != end; b += step, panel += PANEL_ROW_BYTES) {
      for (let at: usize = 0; at < PANEL_ROW_BYTES; at += 4) {
        const value: f32 = at < <usize>columns << 2 ? load<f32>(b + at) : 0;
        store<f32>(panel + at, value);
        check0 = f32x4.mul(check0, f32x4.splat(value));
      }
    }
  }
  return isZero(f32x4.add(f32x4.add(check0, check1), f32x4.add(check2, check3)));
}

/**
 * Packs `columns` ≤ 32 rows of B [n,k], transposed; the rest of each row of the panel is zeros. Returns whether all is
 * finite.
 */
function packAlong(panel: usize, b: usize, k: i32, columns: i32): bool {
  const step = <usize>k << 2;
  let check0 = f32x4.splat(0), check1 = check0, check2 = check0, check3 = check0;
  for (let j: i32 = 0; j < SPARSE_COLUMNS; j += 4) {
    let target = panel + (<usize>j << 2);
    let source = b + <usize>j * step;
    let term = 0;
    if (j + 4 <= columns) {
      for (; term + 4 <= k; term += 4, source += 16, target += 4 * PANEL_ROW_BYTES) {
        const r0 = v128.load(source), r1 = v128.load(source + step), r2 = v128.load(source + 2 * step);
        const r3 = v128.load(source + 3 * step);
        check0 = f32x4.mul(check0, r0);
        check1 = f32x4.mul(check1, r1);
        check2 = f32x4.mul(check2, r2);
        check3 = f32x4.mul(check3, r3);
        const first01 = firstPairs(r0, r1), last01 = lastPairs(r0, r1), first23 = firstPairs(r2, r3);
        const last23 = lastPairs(r2, r3);
        v128.store(target, evenRow(first01, first23));
        v128.store(target, oddRow(first01, first23), PANEL_ROW_BYTES);
        v128.store(target, evenRow(last01, last23), 2 * PANEL_ROW_BYTES);
        v128.store(target, oddRow(last01, last23), 3 * PANEL_ROW_BYTES);
      }
    }
    for (; term < k; term++, source += 4, target += PANEL_ROW_BYTES) {
      for (let lane = 0; lane < 4; lane++) {
        const value: f32 = j + lane < columns ? load<f32>(source + <usize>lane * step) : 0;
        store<f32>(target + (<usize>lane << 2), value);
        check0 = f32x4.mul(check0, f32x4.splat(value));
      }
    }
  }
  return isZero(f32x4.add(f32x4.add(check0, check1), f32x4.add(check2, check3)));
}

/** Whether no lane is NaN, where each is zero times something. */
// @ts-ignore: decorator
@inline
function isZero(check: v128): bool {
  return !v128.any_true(f32x4.ne(check, f32x4.splat(0)));
}
