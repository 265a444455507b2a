import { ConvShape } from '../shape';

/*
 * Convolutions that pass over zeros. The gradient that comes back through a 2 × 2 maximum pool is zero at three places of
 * four at least, so most products of the direct kernels add nothing. Each non-zero dy[o,i,j] meets a window of the input,
 * of which every row is one run of neighbours when the channels of a pixel are neighbours:
 *
 *     image with its border, [row][column][channel]      r0c0: a b c │ r0c1: a b c │ r0c2: a b c │ …
 *     row u of the window of (i, j)                      kernelWidth · channels floats from (i·strideY + u, j·strideX) on
 *
 * Runs are worked on 32 floats at a time, in eight vectors. What lies past the end of a run is computed along and not used.
 *
 * Only non-zeros are added, in the order of the full sum. That gives the full sum's bits, as long as what they would have
 * been multiplied by is finite, and no sum starts from −0.
 */

/** Floats of a run that are worked on at once. */
export const BLOCK: i32 = 32;
export const BLOCK_BYTES: usize = 128;

/** Blocks of one row of a window. */
// @ts-ignore: decorator
@inline
export function blocksOfRun(shape: ConvShape): i32 {
  return (shape.kernelWidth * shape.channels + BLOCK - 1) / BLOCK;
}

/** Rows of the image with its border: all that a window reaches, and all of the image. */
// @ts-ignore: decorator
@inline
export function borderedRows(shape: ConvShape): i32 {
  return max(shape.height + shape.top, (shape.outHeight - 1) * shape.strideY + shape.kernelHeight);
}

/** Columns of the image with its border, likewise. */
// @ts-ignore: decorator
@inline
export function borderedColumns(shape: ConvShape): i32 {
  return max(shape.width + shape.left, (shape.outWidth - 1) * shape.strideX + shape.kernelWidth);
}

/** For each mask of four lanes, the bytes that move the lanes in it to the front. */
const TO_FRONT: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0,
  8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0,
  4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0,
  12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0,
  4, 5, 6, 7, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 0, 0, 0, 0,
  8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0,
  4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
], 16);

/**
 * Appends those of four values that are not zero (NaN is not), and what belongs to them, to two lists of 32-bit elements.
 * Returns how many bytes each has grown by; 16 bytes are written.
 */
// @ts-ignore: decorator
@inline
export function appendNonzeros(values: usize, offsets: usize, four: v128, theirs: v128): usize {
  const mask = <usize>i32x4.bitmask(f32x4.ne(four, f32x4.splat(0)));
  const order = v128.load(TO_FRONT + (mask << 4));
  v128.store(values, i8x16.swizzle(four, order));
  v128.store(offsets, i8x16.swizzle(theirs, order));
  return <usize>popcnt(mask) << 2;
}

/**
 * Copies [channels, height, width] into an image with a border that already holds zeros, `columns` pixels to a row,
 * channels last.
 */
export function copyChannelsLast(to: usize, image: usize, shape: ConvShape, columns: i32): void {
  const channels = shape.channels, height = shape.height, width = shape.width;
  const pixel = <usize>channels << 2;
  for (let c = 0; c < channels; c++, to += 4) {
    let row = to + (<usize>(shape.top * columns + shape.left) * pixel);
    for (let h = 0; h < height; h++, row += <usize>columns * pixel) {
      const end = image + (<usize>width << 2);
      for (let at = row; image < end; image += 4, at += pixel) store<f32>(at, load<f32>(image));
    }
  }
}
