import { LANES } from '../lanes';

/*
 * Winograd's minimal filtering F(4×4, 3×3): convolutions with 3×3 kernels and stride 1, by 36 products instead of 144
 * for every 4×4 square of outputs (A. Lavin and S. Gray, arXiv:1509.09308; interpolation points 0, ±1, ±2, ∞).
 *
 *     Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A       d: 6×6 of the input, g: the 3×3 kernel, Y: 4×4 of the output
 *
 * Summed over channels, each of the 36 places is a matrix product of its own. Everything is computed for four images
 * at once, one to a lane, so that the transforms need no shuffles:
 *
 *     1. `interleave`: six rows of four images become rows of vectors, with the border of zeros
 *     2. `spreadInput`: tiles → V [36][panel][C][8]: a column is a tile of an image, 8 columns (2 tiles) to a panel
 *     3. the micro-kernel of the matrix product: M [36][O][columns] = U · V
 *     4. `collectOutput`: M → tiles of Y, from where four lanes go to four images
 *
 * A strip is a row of tiles of four images; a block is as many strips as keep V and M in the second-level cache.
 *
 * The error is about ten times that of the direct sum: below 1e-5 of the largest output, against 1e-6
 * (`test/ops/winograd.test.ts` holds both bounds).
 */

/** Places of a transformed tile. */
export const PLACES: i32 = 36;
/** Bytes of V and M together that a block may take: most of the second-level cache. */
const BLOCK_BYTES: i32 = 400_000;
/** Fewest and most columns of a block, in the forward pass and in the gradient of the weight, which sums along them. */
export const FORWARD_COLUMNS: i32 = 32;
export const WEIGHT_COLUMNS: i32 = 96;
const MAX_COLUMNS: i32 = 128;

// @ts-ignore: decorator
@inline
export function tilesOf(length: i32): i32 {
  return (length + 3) >> 2;
}

// @ts-ignore: decorator
@inline
export function groupsOf(images: i32): i32 {
  return (images + LANES - 1) / LANES;
}

/** Strips of a block of at least so many columns. */
export function stripsOfBlock(channels: i32, outChannels: i32, tilesX: i32, minColumns: i32): i32 {
  const columns = min(max(BLOCK_BYTES / (PLACES * 4 * (channels + outChannels)), minColumns), MAX_COLUMNS);
  return max(columns / (tilesX * LANES), 1);
}

/** Bytes from one place to the next: odd in cache lines, so that the 36 streams do not meet in one set of the cache. */
// @ts-ignore: decorator
@inline
export function placeBytes(rows: i32, columns: i32): usize {
  return <usize>(((rows * columns * 4 + 63) >> 6) | 1) << 6;
}
