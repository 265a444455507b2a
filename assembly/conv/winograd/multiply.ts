import { splatAt, storeVectorAt, tile, TileOperands, vectorAt } from '../../simd/tile';
import { WIDE } from '../../simd/width';
import { PRODUCT_VECTORS } from '../tuning';
import { GROUP_BYTES, inGroups } from './blocks';

/*
 * The products of one place. Tiles × channels stand in blocks of 4 × 4, a cache line each:
 *
 *     t0c0 t0c1 t0c2 t0c3 │ t1c0 t1c1 t1c2 t1c3 │ t2c0 … │ t3c0 …     then channels 4 to 7 of the same tiles, and so on
 *
 * so that a transform writes its vector of four channels as it is, and a product reads rows and columns alike. In the
 * wide kernels a block is 4 × 8, two cache lines:
 *
 *     t0c0 … t0c7 │ t1c0 … t1c7 │ t2c0 … │ t3c0 …     then channels 8 to 15 of the same tiles, and so on
 *
 * The micro-kernels keep 4 × 8 or 4 × 4 sums in registers, the wide ones 4 × 16 or 4 × 8. (Their
 * loops within loops are not only for the blocks: without them Node 20 spills a register, which costs an eighth.)
 */

/** Bytes of a row that a register tile covers. */
const PRODUCT_BYTES: usize = PRODUCT_VECTORS << 4;
/** Vectors of a group of channels: what is left of a row after whole tiles. */
const GROUP_VECTORS: i32 = WIDE ? 2 : 1;
/** Bytes of a block. */
const BLOCK_BYTES: usize = 4 * GROUP_BYTES;

/**
 * V times U: four tiles × outputs. Terms are channels, in blocks; m goes to blocks.
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
    if (WIDE) storeVectorAt(to + <usize>(vector >> 1) * BLOCK_BYTES, (row << 1) + (vector & 1), sum);
    else storeVectorAt(to + <usize>(vector << 6), row, sum);
  }
}

/** Pᵀ times V: four outputs × channels. Terms are tiles, in blocks of four; groups of V are a block apart. */
class OutputsByChannels extends TileOperands {
  @inline vectorsInside(): bool { return false; }
  @inline inBlocks(): bool { return true; }
  @inline parted(): bool { return false; }
  @inline start(start: usize, step: usize, row: i32, vector: i32): v128 {
    return !WIDE && start == 0 ? f32x4.splat(0) : vectorAt(start + <usize>row * step, vector);
  }
  @inline at(_a: usize, b: usize, _step: usize, _rows: i32): usize { return b; }
  @inline left(a: usize, row: i32): v128 { return splatAt(a, row); }
  @inline right(at: usize, vector: i32): v128 { return vectorInBlocks(at, vector); }
  @inline nextA(a: usize, _rows: i32): usize { return a + GROUP_BYTES; }
  @inline nextB(b: usize, _step: usize): usize { return b + GROUP_BYTES; }
  @inline store(to: usize, step: usize, _vectorStep: usize, row: i32, vector: i32, sum: v128, _floor: v128): void {
    storeVectorAt(to + <usize>row * step, vector, sum);
  }
}

/** The value of row `row` of a block, in all lanes. */
// @ts-ignore: decorator
@inline
function splatInBlock(at: usize, row: i32): v128 {
  if (row == 0) return v128.load32_splat(at);
  if (row == 1) return v128.load32_splat(at, GROUP_BYTES);
  return row == 2 ? v128.load32_splat(at, 2 * GROUP_BYTES) : v128.load32_splat(at, 3 * GROUP_BYTES);
}

/** A row of neighbouring blocks: its vector number `vector`. */
// @ts-ignore: decorator
@inline
function vectorInBlocks(at: usize, vector: i32): v128 {
  if (vector == 0) return v128.load(at);
  if (vector == 1) return v128.load(at, WIDE ? 16 : 64);
  return vector == 2 ? v128.load(at, 128) : v128.load(at, WIDE ? 144 : 192);
}

/** m [tiles, outputs] = v [tiles, channels] · u [channels, outputs]; m and v in blocks, the rows of u in groups. */
export function multiply(m: usize, v: usize, u: usize, tiles: i32, channels: i32, outputs: i32): void {
  const vStep = <usize>inGroups(channels) << 4;
  const width = <usize>outputs << 2;
  for (let row = 0; row < tiles; row += 4, v += vStep) {
    let column: usize = 0;
    for (; column + PRODUCT_BYTES <= width; column += PRODUCT_BYTES, m += PRODUCT_BYTES << 2) {
      wholeTiles(m, v, u + column, width, channels);
    }
    for (; column < width; column += GROUP_BYTES, m += BLOCK_BYTES) narrowTiles(m, v, u + column, width, channels);
  }
}

function wholeTiles(m: usize, v: usize, u: usize, width: usize, channels: i32): void {
  tile<TilesByOutputs>(
    4, PRODUCT_VECTORS, m, 0, 0, 0, 0, 0, v, u, width, <usize>channels << 2, GROUP_BYTES, 3 * GROUP_BYTES, 0);
}

function narrowTiles(m: usize, v: usize, u: usize, width: usize, channels: i32): void {
  tile<TilesByOutputs>(
    4, GROUP_VECTORS, m, 0, 0, 0, 0, 0, v, u, width, <usize>channels << 2, GROUP_BYTES, 3 * GROUP_BYTES, 0);
}

/**
 * sum [outputs, channels] = p [tiles, outputs]ᵀ · v [tiles, channels], or += with `add`; p and v in blocks, outputs and
 * channels in groups.
 */
export function multiplyTransposed(
  sum: usize, p: usize, v: usize, tiles: i32, outputs: i32, channels: i32, add: bool,
): void {
  const width = <usize>channels << 2;
  const pStep = <usize>outputs << 4;
  if (WIDE && !add) {
    // All tiles start from memory, as a choice between that and zeros keeps V8 from joining pairs.
    memory.fill(sum, 0, <usize>outputs * width);
    add = true;
  }
  for (const end = p + pStep; p < end; p += BLOCK_BYTES, sum += width << 2) {
    fourRows(sum, p, pStep, v, tiles, width, add);
    if (WIDE) {
      sum += width << 2;
      fourRows(sum, p + 16, pStep, v, tiles, width, add);
    }
  }
}

/** Four outputs, from `p` on. */
// @ts-ignore: decorator
@inline
function fourRows(sum: usize, p: usize, pStep: usize, v: usize, tiles: i32, width: usize, add: bool): void {
  let column: usize = 0;
  for (; column + PRODUCT_BYTES <= width; column += PRODUCT_BYTES) {
    wholeSums(sum + column, width, p, pStep, v + column * 4, tiles, add);
  }
  for (; column < width; column += GROUP_BYTES) narrowSums(sum + column, width, p, pStep, v + column * 4, tiles, add);
}

// @ts-ignore: decorator
@inline
function wholeSums(sum: usize, width: usize, p: usize, pStep: usize, v: usize, tiles: i32, add: bool): void {
  tile<OutputsByChannels>(
    4, PRODUCT_VECTORS, sum, width, 16, 0, WIDE || add ? sum : 0, width, p, v, 0, <usize>tiles * GROUP_BYTES,
    BLOCK_BYTES, pStep - BLOCK_BYTES, (width << 2) - BLOCK_BYTES);
}

// @ts-ignore: decorator
@inline
function narrowSums(sum: usize, width: usize, p: usize, pStep: usize, v: usize, tiles: i32, add: bool): void {
  tile<OutputsByChannels>(
    4, GROUP_VECTORS, sum, width, 16, 0, WIDE || add ? sum : 0, width, p, v, 0, <usize>tiles * GROUP_BYTES, BLOCK_BYTES,
    pStep - BLOCK_BYTES, (width << 2) - BLOCK_BYTES);
}
