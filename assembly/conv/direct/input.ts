/* The padded input of a convolution, as the forward pass reads it, and where its taps are. */
import { ConvShape } from '../shape';
import { TILE_WIDTH } from '../tuning';

/** Floats between the rows of one phase of the padded input. */
// @ts-ignore: decorator
@inline
export function inputPitch(shape: ConvShape): i32 {
  const columns = (shape.outWidth + TILE_WIDTH - 1) / TILE_WIDTH * TILE_WIDTH;
  return columns + (shape.kernelWidth - 1) * shape.dilationX / shape.strideX;
}

/** Rows of the padded input. */
// @ts-ignore: decorator
@inline
export function inputRows(shape: ConvShape): i32 {
  return (shape.outHeight - 1) * shape.strideY + shape.spanY;
}

/**
 * For each tap of a group, in the order u, v, c, or v, c, u with `rowsLast`: its offset in the padded input, and that
 * of its weight, in bytes.
 */
export function listTaps(list: usize, shape: ConvShape, rows: i32, rowSize: i32, pitch: i32, rowsLast: bool): void {
  const channels = shape.groupChannels, kernelHeight = shape.kernelHeight, kernelWidth = shape.kernelWidth;
  let tap = 0;
  for (let u = 0; u < kernelHeight; u++) {
    for (let v = 0; v < kernelWidth; v++) {
      const column = v * shape.dilationX;
      const place = u * shape.dilationY * rowSize + column % shape.strideX * pitch + column / shape.strideX;
      for (let c = 0; c < channels; c++, tap++) {
        const to = list + (<usize>(rowsLast ? (v * channels + c) * kernelHeight + u : tap) << 3);
        store<i32>(to, (c * rows * rowSize + place) << 2);
        store<i32>(to, ((c * kernelHeight + u) * kernelWidth + v) << 2, 4);
      }
    }
  }
}
