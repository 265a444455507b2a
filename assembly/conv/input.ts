/* The padded input of a convolution, as the forward pass reads it, and where its taps are. */
import { TILE_WIDTH } from './correlate';

/** Floats between the rows of one phase of the padded input. */
// @ts-ignore: decorator
@inline
export function inputPitch(outWidth: i32, kernelWidth: i32, strideX: i32, dilationX: i32): i32 {
  return (outWidth + TILE_WIDTH - 1) / TILE_WIDTH * TILE_WIDTH + (kernelWidth - 1) * dilationX / strideX;
}

/** Rows of the padded input. */
// @ts-ignore: decorator
@inline
export function inputRows(outHeight: i32, kernelHeight: i32, strideY: i32, dilationY: i32): i32 {
  return (outHeight - 1) * strideY + (kernelHeight - 1) * dilationY + 1;
}

/** For each tap of a group, in the order u, v, c, or v, c, u: its offset in the padded input, and that of its weight, in bytes. */
export function listTaps(
  list: usize, channels: i32, rows: i32, rowSize: i32, pitch: i32, kernelHeight: i32, kernelWidth: i32, strideX: i32, dilationY: i32, dilationX: i32, rowsLast: bool,
): void {
  let tap = 0;
  for (let u = 0; u < kernelHeight; u++) {
    for (let v = 0; v < kernelWidth; v++) {
      const column = v * dilationX;
      for (let c = 0; c < channels; c++, tap++) {
        const to = list + (<usize>(rowsLast ? (v * channels + c) * kernelHeight + u : tap) << 3);
        store<i32>(to, ((c * rows + u * dilationY) * rowSize + column % strideX * pitch + column / strideX) << 2);
        store<i32>(to, ((c * kernelHeight + u) * kernelWidth + v) << 2, 4);
      }
    }
  }
}
