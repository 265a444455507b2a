/*
 * Windows of 2 × 2 that do not overlap are by far the commonest: four of them side by side are eight floats of each of
 * two rows, taken apart into the windows' left and right columns. Where the windows of a row are no multiple of four,
 * the last four are done again as one step, in part a second time, with the same result.
 */

/** Whether the windows are 2 × 2, side by side, all inside the image, and at least four to a row. */
// @ts-ignore: decorator
@inline
export function arePairs(
  height: i32, width: i32, outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
): bool {
  return kernelHeight == 2 && kernelWidth == 2 && strideY == 2 && strideX == 2 && top == 0 && left == 0 && outWidth >= 4 && 2 * outHeight <= height && 2 * outWidth <= width;
}
