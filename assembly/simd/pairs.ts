/*
 * Eight floats in a row as four pairs, taken apart into the left and the right ones.
 *
 *     a0 b0 a1 b1 │ a2 b2 a3 b3      left  (a0 a1 a2 a3)   right (b0 b1 b2 b3)
 */

// @ts-ignore: decorator
@inline
export function leftOfPairs(row: usize): v128 {
  return v128.shuffle<f32>(v128.load(row), v128.load(row, 16), 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
export function rightOfPairs(row: usize): v128 {
  return v128.shuffle<f32>(v128.load(row), v128.load(row, 16), 1, 3, 5, 7);
}

/** Stores left and right columns as pairs. */
// @ts-ignore: decorator
@inline
export function storePairs(row: usize, left: v128, right: v128): void {
  v128.store(row, v128.shuffle<f32>(left, right, 0, 4, 1, 5));
  v128.store(row, v128.shuffle<f32>(left, right, 2, 6, 3, 7), 16);
}
