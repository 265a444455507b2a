/*
 * A 4×4 square of elements of 32 bits, transposed:
 *
 *     r0  a0 a1 a2 a3        a0 b0 c0 d0   row 0
 *     r1  b0 b1 b2 b3   →    a1 b1 c1 d1   row 1
 *     r2  c0 c1 c2 c3        a2 b2 c2 d2   row 2
 *     r3  d0 d1 d2 d3        a3 b3 c3 d3   row 3
 */

/** Elements 0 and 1 of two rows in turn: the upper half of two columns. */
// @ts-ignore: decorator
@inline
export function firstPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 4, 1, 5);
}

/** Elements 2 and 3 of two rows in turn. */
// @ts-ignore: decorator
@inline
export function lastPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 2, 6, 3, 7);
}

/** Row 0 or 2 of the transposed square, from the pairs of r0 and r1, and those of r2 and r3. */
// @ts-ignore: decorator
@inline
export function evenRow(upper: v128, lower: v128): v128 {
  return v128.shuffle<i64>(upper, lower, 0, 2);
}

/** Row 1 or 3 likewise. */
// @ts-ignore: decorator
@inline
export function oddRow(upper: v128, lower: v128): v128 {
  return v128.shuffle<i64>(upper, lower, 1, 3);
}

/**
 * One row of the transposed square. The compiler computes pairs once for two rows, where they are taken side by side.
 */
// @ts-ignore: decorator
@inline
export function transposedRow(row: i32, r0: v128, r1: v128, r2: v128, r3: v128): v128 {
  const upper = row < 2 ? firstPairs(r0, r1) : lastPairs(r0, r1);
  const lower = row < 2 ? firstPairs(r2, r3) : lastPairs(r2, r3);
  return row & 1 ? oddRow(upper, lower) : evenRow(upper, lower);
}

/** Writes the transposed square; `step`: bytes between its rows. */
// @ts-ignore: decorator
@inline
export function storeTransposed(to: usize, step: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const first01 = firstPairs(r0, r1), last01 = lastPairs(r0, r1);
  const first23 = firstPairs(r2, r3), last23 = lastPairs(r2, r3);
  v128.store(to, evenRow(first01, first23));
  to += step;
  v128.store(to, oddRow(first01, first23));
  to += step;
  v128.store(to, evenRow(last01, last23));
  to += step;
  v128.store(to, oddRow(last01, last23));
}

/**
 * Writes a square in memory transposed: to[i][j] = from[j][i]; steps between rows in bytes. The squares do not overlap.
 */
// @ts-ignore: decorator
@inline
export function transpose4(to: usize, toStep: usize, from: usize, fromStep: usize): void {
  const r0 = v128.load(from);
  from += fromStep;
  const r1 = v128.load(from);
  from += fromStep;
  const r2 = v128.load(from);
  from += fromStep;
  storeTransposed(to, toStep, r0, r1, r2, v128.load(from));
}
