import { nonzeroLanes, toFront } from '../../simd/compact';
import { storeVectorAt, tile, TileOperands, vectorAt } from '../../simd/tile';
import { ConvShape } from '../shape';
import { BLOCK } from '../tuning';

/*
 * Convolutions that pass over zeros. The gradient that comes back through a 2 × 2 maximum pool is zero at three places
 * of four at least, so most products of the direct kernels add nothing. Each non-zero dy[o,i,j] meets a window of the
 * input, of which every row is contiguous when the channels of a pixel are neighbours:
 *
 *     image with its border, [row][column][channel]      r0c0: a b c │ r0c1: a b c │ r0c2: a b c │ …
 *     row u of the window of (i, j)      kernelWidth · channels floats from (i·strideY + u, j·strideX) on
 *
 * Rows are worked on in blocks of 32 floats, eight vectors. What lies past the end of a row is computed along and not
 * used.
 *
 * Only non-zeros are added, in the order of the full sum. That gives the full sum's bits, as long as what they would
 * have been multiplied by is finite, and no sum starts from −0.
 */

/** Blocks of one row of a window. */
// @ts-ignore: decorator
@inline
export function blocksOfRow(shape: ConvShape): i32 {
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

/**
 * Appends those of four values that are not zero (NaN is not), and what belongs to them, to two lists of 32-bit
 * elements. Returns how many bytes each has grown by; 16 bytes are written.
 */
// @ts-ignore: decorator
@inline
export function appendNonzeros(values: usize, offsets: usize, four: v128, theirs: v128): usize {
  const lanes = nonzeroLanes(four);
  const order = toFront(lanes);
  v128.store(values, i8x16.swizzle(four, order));
  v128.store(offsets, i8x16.swizzle(theirs, order));
  return <usize>popcnt<i32>(lanes) << 2;
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

/** A list of non-zeros times the blocks that it names: `step` bytes from a value to its offset. */
class Nonzeros extends TileOperands {
  @inline vectorsInside(): bool { return false; }
  @inline inBlocks(): bool { return false; }
  @inline parted(): bool { return true; }
  @inline start(start: usize, _step: usize, _row: i32, vector: i32): v128 { return vectorAt(start, vector); }
  @inline at(a: usize, b: usize, step: usize, _rows: i32): usize { return b + load<u32>(a + step); }
  @inline left(a: usize, _row: i32): v128 { return v128.load32_splat(a); }
  @inline right(at: usize, vector: i32): v128 { return vectorAt(at, vector); }
  @inline nextA(a: usize, _rows: i32): usize { return a + 4; }
  @inline nextB(b: usize, _step: usize): usize { return b; }
  @inline store(to: usize, _step: usize, _vectorStep: usize, _row: i32, vector: i32, sum: v128, _floor: v128): void {
    storeVectorAt(to, vector, sum);
  }
}

/**
 * sums[0..31] += Σ value · block, over a list: its values in `bytes` bytes from `values` on, `distance` bytes behind
 * them the offsets of their blocks from `blocks`.
 */
// @ts-ignore: decorator
@inline
export function addBlocks(sums: usize, values: usize, bytes: usize, distance: usize, blocks: usize): void {
  tile<Nonzeros>(1, 8, sums, 0, 16, 0, sums, 0, values, blocks, distance, bytes);
}
