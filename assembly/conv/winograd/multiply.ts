import { splatAt, storeVectorAt, tile, TileOperands, vectorAt } from '../../simd/tile';
import { PRODUCT_VECTORS } from '../tuning';

/*
 * The products of one place. Tiles × channels stand in blocks of 4 × 4, a cache line each:
 *
 *     t0c0 t0c1 t0c2 t0c3 │ t1c0 t1c1 t1c2 t1c3 │ t2c0 … │ t3c0 …     then channels 4 to 7 of the same tiles, and so on
 *
 * so that a transform writes its vector of four channels as it is, and a product reads rows and columns alike.
 *
 * The micro-kernels keep 4 × 8 or 4 × 4 sums in registers. (Their loops within loops are not only for the blocks:
 * without them Node 20 spills a register, which costs an eighth.)
 */

/** Bytes of a row that a register tile covers. */
const PRODUCT_BYTES: usize = PRODUCT_VECTORS << 4;

/**
 * V times U: four tiles × outputs. Terms are channels, in blocks of four; m goes to blocks, 64 bytes from vector to
 * vector.
 */
class TilesByOutputs extends TileOperands {
  @inline vectorsInside(): bool { return false; }
  @inline inBlocks(): bool { return true; }
  @inline parted(): bool { return false; }
  @inline start(_start: usize, _step: usize, _row: i32, _vector: i32): v128 { return f32x4.splat(0); }
  @inline at(_a: usize, b: usize, _step: usize, _rows: i32): usize { return b; }
  @inline left(a: usize, row: i32): v128 { return splatInBlock(a, row); }
  @inline right(at: usize, vector: i32): v128 { return vectorAt(at, vector); }
  @inline nextA(a: usize, _rows: i32): usize { return a + 4; }
  @inline nextB(b: usize, step: usize): usize { return b + step; }
  @inline store(to: usize, _step: usize, _vectorStep: usize, row: i32, vector: i32, sum: v128, _floor: v128): void {
    storeVectorAt(to + <usize>(vector << 6), row, sum);
  }
}

/** Pᵀ times V: four outputs × channels. Terms are tiles, in blocks of four; vectors of V are 64 bytes apart. */
class OutputsByChannels extends TileOperands {
  @inline vectorsInside(): bool { return false; }
  @inline inBlocks(): bool { return true; }
  @inline parted(): bool { return false; }
  @inline start(start: usize, step: usize, row: i32, vector: i32): v128 {
    return start == 0 ? f32x4.splat(0) : vectorAt(start + <usize>row * step, vector);
  }
  @inline at(_a: usize, b: usize, _step: usize, _rows: i32): usize { return b; }
  @inline left(a: usize, row: i32): v128 { return splatAt(a, row); }
  @inline right(at: usize, vector: i32): v128 { return vectorInBlocks(at, vector); }
  @inline nextA(a: usize, _rows: i32): usize { return a + 16; }
  @inline nextB(b: usize, _step: usize): usize { return b + 16; }
  @inline store(to: usize, step: usize, _vectorStep: usize, row: i32, vector: i32, sum: v128, _floor: v128): void {
    storeVectorAt(to + <usize>row * step, vector, sum);
  }
}

/** The value of row `row` of a block, in all lanes. */
// @ts-ignore: decorator
@inline
function splatInBlock(at: usize, row: i32): v128 {
  if (row == 0) return v128.load32_splat(at);
  if (row == 1) return v128.load32_splat(at, 16);
  return row == 2 ? v128.load32_splat(at, 32) : v128.load32_splat(at, 48);
}

/** A row of neighbouring blocks: its vector number `vector`. */
// @ts-ignore: decorator
@inline
function vectorInBlocks(at: usize, vector: i32): v128 {
  if (vector == 0) return v128.load(at);
  if (vector == 1) return v128.load(at, 64);
  return vector == 2 ? v128.load(at, 128) : v128.load(at, 192);
}

/** m [tiles, outputs] = v [tiles, channels] · u [channels, outputs]; m and v in blocks, the rows of u in fours. */
export function multiply(m: usize, v: usize, u: usize, tiles: i32, channels: i32, outputs: i32): void {
  const vStep = <usize>((channels + 3) & ~3) << 4;
  const width = <usize>outputs << 2;
  for (let row = 0; row < tiles; row += 4, v += vStep) {
    let column: usize = 0;
    for (; column + PRODUCT_BYTES <= width; column += PRODUCT_BYTES, m += PRODUCT_BYTES << 2) {
      wholeTiles(m, v, u + column, width, channels);
    }
    for (; column < width; column += 16, m += 64) narrowTiles(m, v, u + column, width, channels);
  }
}

function wholeTiles(m: usize, v: usize, u: usize, width: usize, channels: i32): void {
  tile<TilesByOutputs>(4, PRODUCT_VECTORS, m, 0, 0, 0, 0, 0, v, u, width, <usize>channels << 2, 16, 48, 0);
}

function narrowTiles(m: usize, v: usize, u: usize, width: usize, channels: i32): void {
  tile<TilesByOutputs>(4, 1, m, 0, 0, 0, 0, 0, v, u, width, <usize>channels << 2, 16, 48, 0);
}

/**
 * sum [outputs, channels] = p [tiles, outputs]ᵀ · v [tiles, channels], or += with `add`; p and v in blocks, outputs and
 * channels in fours.
 */
export function multiplyTransposed(
  sum: usize, p: usize, v: usize, tiles: i32, outputs: i32, channels: i32, add: bool,
): void {
  const width = <usize>channels << 2;
  const pStep = <usize>outputs << 4;
  for (const end = p + pStep; p < end; p += 64, sum += width << 2) {
    let column: usize = 0;
    for (; column + PRODUCT_BYTES <= width; column += PRODUCT_BYTES) {
      wholeSums(sum + column, width, p, pStep, v + column * 4, tiles, add);
    }
    for (; column < width; column += 16) narrowSums(sum + column, width, p, pStep, v + column * 4, tiles, add);
  }
}

// @ts-ignore: decorator
@inline
function wholeSums(sum: usize, width: usize, p: usize, pStep: usize, v: usize, tiles: i32, add: bool): void {
  tile<OutputsByChannels>(
    4, PRODUCT_VECTORS, sum, width, 16, 0, add ? sum : 0, width, p, v, 0, <usize>tiles << 4, 64, pStep - 64,
    (width << 2) - 64);
}

// @ts-ignore: decorator
@inline
function narrowSums(sum: usize, width: usize, p: usize, pStep: usize, v: usize, tiles: i32, add: bool): void {
  tile<OutputsByChannels>(
    4, 1, sum, width, 16, 0, add ? sum : 0, width, p, v, 0, <usize>tiles << 4, 64, pStep - 64, (width << 2) - 64);
}
