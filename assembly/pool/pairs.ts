/*
 * Windows of 2 × 2 that do not overlap are by far the commonest: four of them side by side are two vectors of each of
 * two rows, taken apart into the windows' left and right columns.
 *
 *     row 0   a0 b0 a1 b1 │ a2 b2 a3 b3      left  (a0 a1 a2 a3)   right (b0 b1 b2 b3)
 *     row 1   c0 d0 c1 d1 │ c2 d2 c3 d3      left  (c0 c1 c2 c3)   right (d0 d1 d2 d3)
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

/** Whether the windows are 2 × 2, side by side, and all inside the image. */
// @ts-ignore: decorator
@inline
export function arePairs(
  height: i32, width: i32, outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
): bool {
  return kernelHeight == 2 && kernelWidth == 2 && strideY == 2 && strideX == 2 && top == 0 && left == 0 && 2 * outHeight <= height && 2 * outWidth <= width;
}
