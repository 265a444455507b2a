import { splatAt, storeVectorAt, tile, TileOperands, vectorAt } from '../simd/tile';
import { TILE_COLUMNS, TILE_ROWS, TILE_VECTORS } from './tuning';

/** One panel of A times one of B: see `pack.ts`. */
class Panels extends TileOperands {
  @inline vectorsInside(): bool { return false; }
  @inline inBlocks(): bool { return false; }
  @inline parted(): bool { return false; }
  @inline start(start: usize, step: usize, row: i32, vector: i32): v128 {
    return vectorAt(start + <usize>row * step, vector);
  }
  @inline at(_a: usize, b: usize, _step: usize, _rows: i32): usize { return b; }
  @inline left(a: usize, row: i32): v128 { return splatAt(a, row); }
  @inline right(at: usize, vector: i32): v128 { return vectorAt(at, vector); }
  @inline nextA(a: usize, _rows: i32): usize { return a + (TILE_ROWS << 2); }
  @inline nextB(b: usize, _step: usize): usize { return b + (TILE_COLUMNS << 2); }
  @inline store(to: usize, step: usize, _vectorStep: usize, row: i32, vector: i32, sum: v128, floor: v128): void {
    storeVectorAt(to + <usize>row * step, vector, f32x4.pmax(sum, floor));
  }
}

/**
 * c = start + Σ a·b, TILE_ROWS rows × TILE_COLUMNS columns, of that max(0, ·) if `relu`. `c` may be `start`. Steps
 * between rows in bytes.
 */
export function wholeTile(
  c: usize, cStep: usize, start: usize, startStep: usize, a: usize, b: usize, depth: i32, relu: bool,
): void {
  tile<Panels>(
    TILE_ROWS, TILE_VECTORS, c, cStep, 16, relu ? 0 : -Infinity, start, startStep, a, b, 0, <usize>depth << 4);
}

/** The same for the first 4 columns of the panel of B. */
export function narrowTile(
  c: usize, cStep: usize, start: usize, startStep: usize, a: usize, b: usize, depth: i32, relu: bool,
): void {
  tile<Panels>(TILE_ROWS, 1, c, cStep, 16, relu ? 0 : -Infinity, start, startStep, a, b, 0, <usize>depth << 4);
}
