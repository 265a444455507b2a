import { transpose4 } from '../simd/transpose';
import { f32x4_madd } from '../simd/vector';

/*
 * Matrix product that passes over the zeros of one operand. Pixels of MNIST are 81 % zeros, what leaves a ReLU 50 to
 * 80 %, so most products of a dense kernel add nothing. Every element is still summed by itself in the order of k,
 * and adding ±0 to a sum that is not −0 changes no bit: the result equals that of `f32_gemm`, bit for bit, as long as
 * the other operand is finite (0·∞ is NaN), which the packing checks.
 *
 * First the places of the non-zeros are listed (`f32_nonzero_lists`), one list for each row of A and block of k:
 *
 *      entry   { offset of the term's row in a panel of B, in bytes; value }        8 bytes
 *
 * Then (`f32_gemm_skip`) 32 columns of B at a time are packed as a panel, one term a row,
 *
 *      k = 0:  b[0,j] b[0,j+1] … b[0,j+31]        128 bytes
 *      k = 1:  b[1,j] …
 *
 * and each row of C adds up value · row for its list, with the 32 sums in eight registers. Blocks of k are outermost,
 * so that the slice of the panel in use stays in the first-level cache.
 */

/** Columns of C that are summed at once: eight vectors. */
const PANEL_COLUMNS: i32 = 32;
const PANEL_ROW_BYTES: usize = 128;

/** Most terms in a block of k: 196 rows of a panel are 25 KB. */
const BLOCK_TERMS: i32 = 196;

/** Rows of C that are gathered before they are written transposed: a cache line of each column. */
const GATHER_ROWS: i32 = 16;

// @ts-ignore: decorator
@inline
function blocksOf(k: i32): i32 {
  return max((k + BLOCK_TERMS - 1) / BLOCK_TERMS, 1);
}

// @ts-ignore: decorator
@inline
function termsOfBlock(k: i32): i32 {
  const blocks = blocksOf(k);
  return (k + blocks - 1) / blocks;
}

/** Number of elements of x [n] that are not zero (NaN counts). */
export function f32_count_nonzero(x: usize, n: i32): i32 {
  const zero = f32x4.splat(0);
  let counts = i32x4.splat(0);
  const last = x + (<usize>n << 2);
  const lastFours = x + (<usize>(n & ~3) << 2);
  for (; x < lastFours; x += 16) counts = i32x4.sub(counts, f32x4.ne(v128.load(x), zero));
  let count = i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1) + i32x4.extract_lane(counts, 2) + i32x4.extract_lane(counts, 3);
  for (; x < last; x += 4) count += i32(load<f32>(x) != 0);
  return count;
}

/** Number of lists that `f32_nonzero_lists` makes: the length of `ends`. */
export function f32_nonzero_list_count(m: i32, k: i32): i32 {
  return m * blocksOf(k);
}

/** Number of entries, of 8 bytes each, that `f32_nonzero_lists` needs room for. */
export function f32_nonzero_list_entries(m: i32, k: i32): i32 {
  return m * blocksOf(k) * termsOfBlock(k);
}

/**
 * Lists the non-zeros of the rows [begin, end) of op(A) [m,k]: A [m,k], or A [k,m] when `transposeA`.
 *
 * @param lists room for `f32_nonzero_list_entries(m, k)` entries; the list of row i in block b begins at entry (b·m + i)·terms
 * @param ends address behind the last entry of each list, [blocks, m]
 * @work m * k
 */
export function f32_nonzero_lists(lists: usize, ends: usize, a: usize, m: i32, k: i32, transposeA: bool, begin: i32, end: i32): void {
  const terms = termsOfBlock(k);
  for (let block = 0, k0 = 0; k0 < k; block++, k0 += terms) {
    const depth = min(terms, k - k0);
    if (transposeA) listColumns(lists, ends, a, m, block, k0, depth, terms, begin, end);
    else for (let i = begin; i < end; i++) {
      const list = block * m + i;
      store<u32>(ends + (<usize>list << 2), <u32>listRow(lists + <usize>list * terms * 8, a + (<usize>(i * k + k0) << 2), depth));
    }
  }
}

/** Lists one row of `depth` adjacent values; returns the address behind its last entry. */
function listRow(entry: usize, row: usize, depth: i32): usize {
  const zero = f32x4.splat(0);
  let offset: usize = 0;
  const lastOfFours = <usize>(depth & ~3) * PANEL_ROW_BYTES;
  for (; offset < lastOfFours; offset += 4 * PANEL_ROW_BYTES, row += 16) {
    const four = v128.load(row);
    if (!v128.any_true(f32x4.ne(four, zero))) continue;
    for (let lane: usize = 0; lane < 4; lane++) {
      const value = load<f32>(row + (lane << 2));
      store<u32>(entry, <u32>(offset + lane * PANEL_ROW_BYTES));
      store<f32>(entry, value, 4);
      entry += <usize>(value != 0) << 3;
    }
  }
  for (const last = <usize>depth * PANEL_ROW_BYTES; offset < last; offset += PANEL_ROW_BYTES, row += 4) {
    const value = load<f32>(row);
    store<u32>(entry, <u32>offset);
    store<f32>(entry, value, 4);
    entry += <usize>(value != 0) << 3;
  }
  return entry;
}

/** Lists the columns [begin, end) of `depth` rows from row k0 of A [k,m]: all lists grow side by side. */
function listColumns(lists: usize, ends: usize, a: usize, m: i32, block: i32, k0: i32, depth: i32, terms: i32, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  const first = block * m;
  for (let i = begin; i < end; i++) store<u32>(ends + (<usize>(first + i) << 2), <u32>(lists + <usize>(first + i) * terms * 8));
  for (let term = 0; term < depth; term++) {
    const row = a + (<usize>((k0 + term) * m) << 2);
    const offset = <u32>(<usize>term * PANEL_ROW_BYTES);
    let i = begin;
    for (; i + 4 <= end; i += 4) {
      if (!v128.any_true(f32x4.ne(v128.load(row + (<usize>i << 2)), zero))) continue;
      for (let lane = 0; lane < 4; lane++) append(ends + (<usize>(first + i + lane) << 2), offset, load<f32>(row + (<usize>(i + lane) << 2)));
    }
    for (; i < end; i++) append(ends + (<usize>(first + i) << 2), offset, load<f32>(row + (<usize>i << 2)));
  }
}

// @ts-ignore: decorator
@inline
function append(end: usize, offset: u32, value: f32): void {
  const entry = <usize>load<u32>(end);
  store<u32>(entry, offset);
  store<f32>(entry, value, 4);
  store<u32>(end, <u32>(entry + (<usize>(value != 0) << 3)));
}

/** Floats of scratch that `f32_gemm_skip` needs: a panel of B, and 16 rows of sums. */
export function f32_gemm_skip_scratch(k: i32): i32 {
  return (k + GATHER_ROWS) * PANEL_COLUMNS;
}

/** Number of panels: what `f32_gemm_skip` shares. */
export function f32_gemm_skip_panels(n: i32): i32 {
  return (n + PANEL_COLUMNS - 1) / PANEL_COLUMNS;
}

/**
 * Matrix product from lists of the non-zeros of op(A) [m,k], panels [begin, end) of 32 columns.
 *
 *     C[i,j] = (bias[j] or 0) + Σ_k A[i,k]·B[k,j]
 *
 * B [k,n], or [n,k] when `transposeB`. C [m,n], or [n,m] when `transposeC`. C must not overlap B, bias or the lists.
 *
 * @param flags for each panel: 1 when B is not finite there, or the bias has a −0: C in these columns is then undefined; else 0
 * @param bias [n], or 0 for none
 * @param scratch `f32_gemm_skip_scratch(k)` floats
 * @work (end - begin) * m * k * 4
 */
export function f32_gemm_skip(
  c: usize, flags: usize, lists: usize, ends: usize, b: usize, bias: usize, scratch: usize, m: i32, n: i32, k: i32,
  transposeB: bool, transposeC: bool, begin: i32, end: i32,
): void {
  const panel = scratch + <usize>GATHER_ROWS * PANEL_ROW_BYTES;
  for (let p = begin; p < end; p++) {
    const j = p * PANEL_COLUMNS;
    const columns = min(PANEL_COLUMNS, n - j);
    const start = bias == 0 ? 0 : bias + (<usize>j << 2);
    const finite = transposeB ? packAlong(panel, b + (<usize>(j * k) << 2), k, columns) : packAcross(panel, b + (<usize>j << 2), n, k, columns);
    const usable = finite && (start == 0 || !hasNegativeZero(start, columns));
    store<i32>(flags + (<usize>p << 2), i32(!usable));
    if (!usable) continue;
    if (transposeC) columnsOfTransposed(c + (<usize>(j * m) << 2), lists, ends, panel, start, scratch, m, k, columns);
    else if (columns == PANEL_COLUMNS) wholeColumns(c + (<usize>j << 2), <usize>n << 2, lists, ends, panel, start, m, k);
    else edgeColumns(c + (<usize>j << 2), <usize>n << 2, lists, ends, panel, start, scratch, m, k, columns);
  }
}

/** A sum that starts from −0 stays −0 when nothing is added, but may become +0 by adding ±0. */
function hasNegativeZero(x: usize, n: i32): bool {
  for (let i: usize = 0; i < <usize>n << 2; i += 4) if (load<u32>(x + i) == 0x80000000) return true;
  return false;
}

/** C in place, all rows, 32 columns. */
function wholeColumns(c: usize, cStep: usize, lists: usize, ends: usize, panel: usize, start: usize, m: i32, k: i32): void {
  const terms = termsOfBlock(k);
  for (let i = 0, row = c; i < m; i++, row += cStep) startRow(row, start, PANEL_COLUMNS);
  for (let block = 0, k0 = 0; k0 < k; block++, k0 += terms) {
    const slice = panel + <usize>k0 * PANEL_ROW_BYTES;
    for (let i = 0, list = block * m, row = c; i < m; i++, list++, row += cStep) addList(row, list, lists, ends, terms, slice);
  }
}

/** C where fewer than 32 columns are left: row by row through `sums`. */
function edgeColumns(c: usize, cStep: usize, lists: usize, ends: usize, panel: usize, start: usize, sums: usize, m: i32, k: i32, columns: i32): void {
  for (let i = 0; i < m; i++, c += cStep) {
    sumRow(sums, lists, ends, panel, start, i, m, k, columns);
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) store<f32>(c + j, load<f32>(sums + j));
  }
}

/** C [n,m]: the sums of 16 rows are gathered, then written as 16 adjacent values in each of the columns. */
function columnsOfTransposed(c: usize, lists: usize, ends: usize, panel: usize, start: usize, sums: usize, m: i32, k: i32, columns: i32): void {
  const step = <usize>m << 2;
  for (let i = 0; i < m; i += GATHER_ROWS) {
    const rows = min(GATHER_ROWS, m - i);
    for (let row = 0; row < rows; row++) sumRow(sums + <usize>row * PANEL_ROW_BYTES, lists, ends, panel, start, i + row, m, k, columns);
    const target = c + (<usize>i << 2);
    if (rows == GATHER_ROWS && columns == PANEL_COLUMNS) {
      for (let j: usize = 0; j < <usize>PANEL_COLUMNS; j += 4) {
        for (let row: usize = 0; row < <usize>GATHER_ROWS; row += 4) transpose4(target + j * step + (row << 2), step, sums + row * PANEL_ROW_BYTES + (j << 2), PANEL_ROW_BYTES);
      }
    } else {
      for (let j = 0; j < columns; j++) {
        for (let row = 0; row < rows; row++) {
          store<f32>(target + <usize>j * step + (<usize>row << 2), load<f32>(sums + <usize>row * PANEL_ROW_BYTES + (<usize>j << 2)));
        }
      }
    }
  }
}

/** All blocks of one row of C, into 32 floats. */
function sumRow(sums: usize, lists: usize, ends: usize, panel: usize, start: usize, i: i32, m: i32, k: i32, columns: i32): void {
  const terms = termsOfBlock(k);
  startRow(sums, start, columns);
  for (let k0 = 0, list = i; k0 < k; k0 += terms, list += m) addList(sums, list, lists, ends, terms, panel + <usize>k0 * PANEL_ROW_BYTES);
}

/** What a row of sums starts from. */
// @ts-ignore: decorator
@inline
function startRow(row: usize, start: usize, columns: i32): void {
  if (start == 0 || columns < PANEL_COLUMNS) {
    const zero = f32x4.splat(0);
    for (let at: usize = 0; at < PANEL_ROW_BYTES; at += 16) v128.store(row + at, zero);
    if (start != 0) for (let at: usize = 0; at < <usize>columns << 2; at += 4) store<f32>(row + at, load<f32>(start + at));
  } else {
    for (let at: usize = 0; at < PANEL_ROW_BYTES; at += 16) v128.store(row + at, v128.load(start + at));
  }
}

/**
 * sums[0..31] += Σ value · row, over one list.
 *
 * The branch in the middle is never taken: it keeps V8 of Node 20 from loading all eight vectors of the row before it
 * adds the first, which spills (31 instead of 17 GFLOP/s).
 */
function addList(sums: usize, list: i32, lists: usize, ends: usize, terms: i32, slice: usize): void {
  let entry = lists + <usize>list * terms * 8;
  const last = <usize>load<u32>(ends + (<usize>list << 2));
  if (entry == last) return;
  let s0 = v128.load(sums), s1 = v128.load(sums, 16), s2 = v128.load(sums, 32), s3 = v128.load(sums, 48);
  let s4 = v128.load(sums, 64), s5 = v128.load(sums, 80), s6 = v128.load(sums, 96), s7 = v128.load(sums, 112);
  do {
    const row = slice + <usize>load<u32>(entry);
    const value = v128.load32_splat(entry, 4);
    s0 = f32x4_madd(value, v128.load(row), s0);
    s1 = f32x4_madd(value, v128.load(row, 16), s1);
    s2 = f32x4_madd(value, v128.load(row, 32), s2);
    if (row == 1) break;
    s3 = f32x4_madd(value, v128.load(row, 48), s3);
    s4 = f32x4_madd(value, v128.load(row, 64), s4);
    s5 = f32x4_madd(value, v128.load(row, 80), s5);
    if (row == 1) break;
    s6 = f32x4_madd(value, v128.load(row, 96), s6);
    s7 = f32x4_madd(value, v128.load(row, 112), s7);
    entry += 8;
  } while (entry != last);
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  v128.store(sums, s4, 64);
  v128.store(sums, s5, 80);
  v128.store(sums, s6, 96);
  v128.store(sums, s7, 112);
}

/** Packs `columns` ≤ 32 adjacent columns of B [k,n]; the rest of each row is zeros. Returns whether all is finite. */
function packAcross(panel: usize, b: usize, n: i32, k: i32, columns: i32): bool {
  const step = <usize>n << 2;
  let check = f32x4.splat(0);
  const zero = f32x4.splat(0);
  for (let term = 0; term < k; term++, b += step, panel += PANEL_ROW_BYTES) {
    if (columns == PANEL_COLUMNS) {
      for (let at: usize = 0; at < PANEL_ROW_BYTES; at += 16) {
        const four = v128.load(b + at);
        v128.store(panel + at, four);
        check = f32x4_madd(four, zero, check);
      }
    } else {
      for (let at: usize = 0; at < PANEL_ROW_BYTES; at += 4) {
        const value: f32 = at < <usize>columns << 2 ? load<f32>(b + at) : 0;
        store<f32>(panel + at, value);
        check = f32x4.add(check, f32x4.mul(f32x4.splat(value), zero));
      }
    }
  }
  return isZero(check);
}

/** Packs `columns` ≤ 32 rows of B [n,k], transposed; the rest of each row of the panel is zeros. Returns whether all is finite. */
function packAlong(panel: usize, b: usize, k: i32, columns: i32): bool {
  const step = <usize>k << 2;
  let check = f32x4.splat(0);
  const zero = f32x4.splat(0);
  for (let j: i32 = 0; j < PANEL_COLUMNS; j += 4) {
    let target = panel + (<usize>j << 2);
    let source = b + <usize>j * step;
    let term = 0;
    if (j + 4 <= columns) {
      for (; term + 4 <= k; term += 4, source += 16, target += 4 * PANEL_ROW_BYTES) {
        const r0 = v128.load(source), r1 = v128.load(source + step), r2 = v128.load(source + 2 * step), r3 = v128.load(source + 3 * step);
        check = f32x4.add(check, f32x4.mul(f32x4.add(f32x4.mul(r0, zero), f32x4.mul(r1, zero)), zero));
        check = f32x4.add(check, f32x4.mul(f32x4.add(f32x4.mul(r2, zero), f32x4.mul(r3, zero)), zero));
        const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
        const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
        const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
        const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
        v128.store(target, v128.shuffle<f64>(low01, low23, 0, 2));
        v128.store(target, v128.shuffle<f64>(low01, low23, 1, 3), 128);
        v128.store(target, v128.shuffle<f64>(high01, high23, 0, 2), 256);
        v128.store(target, v128.shuffle<f64>(high01, high23, 1, 3), 384);
      }
    }
    for (; term < k; term++, source += 4, target += PANEL_ROW_BYTES) {
      for (let lane = 0; lane < 4; lane++) {
        const value: f32 = j + lane < columns ? load<f32>(source + <usize>lane * step) : 0;
        store<f32>(target + (<usize>lane << 2), value);
        check = f32x4.add(check, f32x4.mul(f32x4.splat(value), zero));
      }
    }
  }
  return isZero(check);
}

/** Whether no lane is NaN, where each is a sum of values times zero. */
// @ts-ignore: decorator
@inline
function isZero(check: v128): bool {
  return !v128.any_true(f32x4.ne(check, f32x4.splat(0)));
}
