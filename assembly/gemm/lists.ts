import { assertShare, assertSizes, assertWords } from '../assert';
import { nonzeroLanes, toFront } from '../simd/compact';
import { transposedRow } from '../simd/transpose';
import { assertGemmShape, GemmShape } from './shape';
import { SPARSE_COLUMNS, SPARSE_TERMS } from './tuning';

/*
 * Lists of the non-zeros of a matrix, for the product that passes over zeros (`sparse.ts`). One list for each row of A
 * and block of k:
 *
 *      entry   { offset of the term's row in a panel of B, in bytes; value }        8 bytes
 *
 *      A row    0  0  .5  0  0  .2      →   { 2·128, .5 } { 5·128, .2 }
 */

/** Bytes from one term to the next in a panel of B. */
export const PANEL_ROW_BYTES: usize = SPARSE_COLUMNS * 4;

// @ts-ignore: decorator
@inline
function blocksOf(k: i32): i32 {
  return max((k + SPARSE_TERMS - 1) / SPARSE_TERMS, 1);
}

/** Terms of a block, and room for entries in its lists: a multiple of four. */
// @ts-ignore: decorator
@inline
export function termsOfBlock(k: i32): i32 {
  const blocks = blocksOf(k);
  return ((k + blocks - 1) / blocks + 3) & ~3;
}

/** Number of elements of x [n] that are not zero (NaN counts). */
export function f32_count_nonzero(x: usize, n: i32): i32 {
  assertWords(x);
  assertSizes(n);
  const zero = f32x4.splat(0);
  let counts = i32x4.splat(0);
  const last = x + (<usize>n << 2);
  const lastFours = x + (<usize>(n & ~3) << 2);
  for (; x < lastFours; x += 16) counts = i32x4.sub(counts, f32x4.ne(v128.load(x), zero));
  let count = i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1) + i32x4.extract_lane(counts, 2)
    + i32x4.extract_lane(counts, 3);
  for (; x < last; x += 4) count += i32(load<f32>(x) != 0);
  return count;
}

/** Number of lists that `f32_nonzero_lists` makes: the length of `ends`. */
export function f32_nonzero_list_count(shape: GemmShape): i32 {
  return shape.m * blocksOf(shape.k);
}

/** Number of entries, of 8 bytes each, that `f32_nonzero_lists` needs room for. */
export function f32_nonzero_list_entries(shape: GemmShape): i32 {
  return shape.m * blocksOf(shape.k) * termsOfBlock(shape.k);
}

/**
 * Lists the non-zeros of the rows [begin, end) of op(A) [m,k]: A, or Aᵀ with `transposeA`. k ≥ 1.
 *
 * @param lists room for `f32_nonzero_list_entries(shape)` entries; the list of row i in block b begins at entry (b·m +
 * i)·terms
 * @param ends address behind the last entry of each list, [blocks, m]
 * @work (end - begin) * shape.k
 */
export function f32_nonzero_lists(lists: usize, ends: usize, a: usize, shape: GemmShape, begin: i32, end: i32): void {
  assertGemmShape(shape);
  assertShare(begin, end);
  assertWords(lists | ends | a);
  const m = shape.m, k = shape.k, transposeA = shape.transposeA != 0;
  const terms = termsOfBlock(k);
  const listBytes = <usize>terms << 3;
  for (let k0 = 0; k0 < k; k0 += terms, lists += <usize>m * listBytes, ends += <usize>m << 2) {
    const depth = min(terms, k - k0);
    let i = begin;
    let list = lists + <usize>i * listBytes;
    let listEnd = ends + (<usize>i << 2);
    if (transposeA) {
      const column = a + (<usize>(k0 * m) << 2);
      const step = <usize>m << 2;
      for (; i + 4 <= end; i += 4, list += 4 * listBytes, listEnd += 16) {
        listFourColumns(list, listBytes, listEnd, column + (<usize>i << 2), step, depth);
      }
      for (; i < end; i++, list += listBytes, listEnd += 4) {
        store<u32>(listEnd, <u32>listLine(list, column + (<usize>i << 2), step, 0, depth));
      }
    } else {
      for (; i < end; i++, list += listBytes, listEnd += 4) {
        store<u32>(listEnd, <u32>listRow(list, a + (<usize>(i * k + k0) << 2), depth));
      }
    }
  }
}

/** Lists `depth` adjacent values; returns the address behind the last entry. Sixteen zeros are passed over at once. */
function listRow(entry: usize, row: usize, depth: i32): usize {
  const fours = depth & ~3;
  const last = row + (<usize>fours << 2);
  let offsets = firstOffsets();
  for (; row + 64 <= last; row += 64) {
    const v0 = v128.load(row), v1 = v128.load(row, 16), v2 = v128.load(row, 32), v3 = v128.load(row, 48);
    if (hasNonZero(v128.or(v128.or(v0, v1), v128.or(v2, v3)))) {
      entry = append(entry, offsets, v0);
      entry = append(entry, later(offsets, 4), v1);
      entry = append(entry, later(offsets, 8), v2);
      entry = append(entry, later(offsets, 12), v3);
    }
    offsets = later(offsets, 16);
  }
  for (; row < last; row += 16) {
    entry = append(entry, offsets, v128.load(row));
    offsets = later(offsets, 4);
  }
  return listLine(entry, row, 4, fours, depth);
}

/** Lists four columns that stand side by side, of `depth` rows that are `step` bytes apart. */
function listFourColumns(list: usize, listBytes: usize, listEnd: usize, at: usize, step: usize, depth: i32): void {
  let e0 = list, e1 = e0 + listBytes, e2 = e1 + listBytes, e3 = e2 + listBytes;
  const fours = depth & ~3;
  let offsets = firstOffsets();
  for (let term = 0; term < fours; term += 4, at += 4 * step) {
    const r0 = v128.load(at), r1 = v128.load(at + step), r2 = v128.load(at + 2 * step), r3 = v128.load(at + 3 * step);
    if (hasNonZero(v128.or(v128.or(r0, r1), v128.or(r2, r3)))) {
      e0 = append(e0, offsets, transposedRow(0, r0, r1, r2, r3));
      e1 = append(e1, offsets, transposedRow(1, r0, r1, r2, r3));
      e2 = append(e2, offsets, transposedRow(2, r0, r1, r2, r3));
      e3 = append(e3, offsets, transposedRow(3, r0, r1, r2, r3));
    }
    offsets = later(offsets, 4);
  }
  store<u32>(listEnd, <u32>listLine(e0, at, step, fours, depth));
  store<u32>(listEnd, <u32>listLine(e1, at + 4, step, fours, depth), 4);
  store<u32>(listEnd, <u32>listLine(e2, at + 8, step, fours, depth), 8);
  store<u32>(listEnd, <u32>listLine(e3, at + 12, step, fours, depth), 12);
}

/** Lists the terms [term, depth) one by one, the first one at `at`; returns the address behind the last entry. */
function listLine(entry: usize, at: usize, step: usize, term: i32, depth: i32): usize {
  for (; term < depth; term++, at += step) {
    const value = load<f32>(at);
    store<u32>(entry, <u32>term * <u32>PANEL_ROW_BYTES);
    store<f32>(entry, value, 4);
    entry += <usize>(value != 0) << 3;
  }
  return entry;
}

// @ts-ignore: decorator
@inline
function firstOffsets(): v128 {
  return i32x4(0, <i32>PANEL_ROW_BYTES, 2 * <i32>PANEL_ROW_BYTES, 3 * <i32>PANEL_ROW_BYTES);
}

// @ts-ignore: decorator
@inline
function later(offsets: v128, terms: i32): v128 {
  return i32x4.add(offsets, i32x4.splat(terms * <i32>PANEL_ROW_BYTES));
}

/** Whether any lane is not ±0. Of several vectors or-ed together: whether any lane of any of them is not. */
// @ts-ignore: decorator
@inline
function hasNonZero(values: v128): bool {
  return v128.any_true(f32x4.ne(values, f32x4.splat(0)));
}

/** Appends the lanes that are not zero; returns the address behind the last entry. Always writes room for four. */
// @ts-ignore: decorator
@inline
function append(entry: usize, offsets: v128, values: v128): usize {
  const lanes = nonzeroLanes(values);
  const order = toFront(lanes);
  const place = v128.swizzle(offsets, order);
  const value = v128.swizzle(values, order);
  v128.store(entry, v128.shuffle<i32>(place, value, 0, 4, 1, 5));
  v128.store(entry, v128.shuffle<i32>(place, value, 2, 6, 3, 7), 16);
  return entry + (<usize>popcnt<i32>(lanes) << 3);
}
