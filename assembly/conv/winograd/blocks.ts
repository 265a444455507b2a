import { WIDE } from '../../simd/width';
import { ConvShape } from '../shape';
import { MAX_TILES, MIN_TILES, TILES_BYTES } from '../tuning';

/*
 * Winograd's minimal filtering F(4×4, 3×3): convolutions with 3×3 kernels and stride 1, by 36 products instead of 144
 * for every 4×4 square of outputs (A. Lavin and S. Gray, arXiv:1509.09308; interpolation points 0, ±1, ±2, ∞).
 *
 *     Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A       d: 6×6 of the input, g: the 3×3 kernel, Y: 4×4 of the output
 *
 * Summed over channels, each of the 36 places is a matrix product of its own. The transforms work on four channels at
 * once, one to a lane, so they need no shuffles, and any number of images is as good as another:
 *
 *     1. `interleave`: the rows of four channels become rows of vectors, with the border of zeros
 *     2. `planesOfInput`: their tiles → V [36][tiles][C']
 *     3. `multiply`: M [36][tiles][O'] = V · U, place by place, with the kernels U [36][C][O'] from
 *     `f32_conv2d_winograd_filters`
 *     4. `collectOutput`: M → tiles of Y, from where four lanes go to four channels
 *
 * C' and O' are channels rounded up to groups: of four, or in the wide kernels of eight, which are two neighbouring
 * vectors wherever there is talk of one. What lies in the lanes behind the last channel is never looked at.
 *
 * A strip is a row of tiles of one image; a block is as many strips as keep V and M well within the second-level cache;
 * the strips of a block that belong to one image are read and written a channel at a time, from end to end.
 *
 * The error is about ten times that of the direct sum: below 1e-5 of the largest output, against 1e-6
 * (`test/ops/winograd.test.ts` holds both bounds).
 */

/** Channels that the transforms work on at once, and bytes of one pixel of so many. */
export const GROUP: i32 = WIDE ? 8 : 4;
export const GROUP_BYTES: usize = GROUP * 4;

/** Places of a transformed tile. */
export const PLACES: i32 = 36;

// @ts-ignore: decorator
@inline
export function tilesOf(length: i32): i32 {
  return (length + 3) >> 2;
}

/** A number of tiles, rounded up to blocks. */
// @ts-ignore: decorator
@inline
export function inFours(count: i32): i32 {
  return (count + 3) & ~3;
}

/** A number of channels, rounded up to groups. */
// @ts-ignore: decorator
@inline
export function inGroups(count: i32): i32 {
  return (count + GROUP - 1) & ~(GROUP - 1);
}

/** Strips of a block: a multiple of four tiles, if possible. */
export function stripsOfBlock(shape: ConvShape): i32 {
  const tilesX = tilesOf(shape.outWidth);
  const tiles = min(max(TILES_BYTES / (PLACES * 4 * (shape.channels + shape.outChannels)), MIN_TILES), MAX_TILES);
  const even = tilesX & 1 ? 4 : tilesX & 2 ? 2 : 1;
  return max(tiles / (tilesX * even), 1) * even;
}

/** Bytes from one place to the next: odd in cache lines, so that the 36 streams do not meet in one set of the cache. */
// @ts-ignore: decorator
@inline
export function placeBytes(rows: i32, columns: i32): usize {
  return <usize>(((rows * columns * 4 + 63) >> 6) | 1) << 6;
}

/**
 * Offset of a tile's first group of channels in a matrix of blocks (see `multiply.ts`); the next group comes a block
 * later.
 */
// @ts-ignore: decorator
@inline
export function tileOffset(tile: i32, paddedChannels: i32): usize {
  return (<usize>((tile >> 2) * paddedChannels) << 4) + <usize>(tile & 3) * GROUP_BYTES;
}
