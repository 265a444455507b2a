import { assertSizes } from '../assert';

/**
 * Sizes of a pool, as kernels read them from memory: planes of height × width, windows of kernelHeight × kernelWidth
 * places. Output (i, j) and place (u, v) of its window meet at
 *
 *     row     i·strideY + u·dilationY − top
 *     column  j·strideX + v·dilationX − left
 */
@unmanaged
export class PoolShape {
  height: i32;
  width: i32;
  outHeight: i32;
  outWidth: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideY: i32;
  strideX: i32;
  top: i32;
  left: i32;
  dilationY: i32;
  dilationX: i32;

  /**
   * Whether windows are 2 × 2, side by side, all inside the image, and at least four to a row: by far the commonest.
   * Four of them are eight floats of each of two rows, taken apart into the windows' left and right columns. Where the
   * windows of a row are no multiple of four, the last four are done again as one step, in part a second time, with the
   * same result.
   */
  @inline
  get arePairs(): bool {
    return this.kernelHeight == 2 && this.kernelWidth == 2 && this.strideY == 2 && this.strideX == 2 && this.top == 0
      && this.left == 0 && this.dilationY == 1 && this.dilationX == 1 && this.outWidth >= 4
      && 2 * this.outHeight <= this.height && 2 * this.outWidth <= this.width;
  }
}

export function assertPoolShape(shape: PoolShape): void {
  if (ASC_NO_ASSERT) return;
  assertSizes(shape.height | shape.width | shape.outHeight | shape.outWidth | shape.top | shape.left);
  assert(
    min(shape.kernelHeight, shape.kernelWidth) > 0 && min(shape.strideY, shape.strideX) > 0
      && min(shape.dilationY, shape.dilationX) > 0,
    'a pool: kernel, stride and dilation of at least 1 are expected');
}
