/**
 * Products by one matrix B many times: it is packed once, as the panels of `pack.ts`, block of terms by block of terms.
 */
import { depthOfBlocks, packColumns, packRows, roundUp, stackOfTiles } from './gemm';
import { BLOCK_ROWS, PACK_COLUMNS, TILE_COLUMNS, TILE_ROWS } from './tuning';

/** Floats of all panels of B [k,n]. */
export function packedSize(n: i32, k: i32): i32 {
  return roundUp(n, PACK_COLUMNS) * k;
}

/** Floats of scratch that `multiplyPacked` needs: an edge tile, a block of A. */
export function packedScratch(rows: i32, k: i32): i32 {
  return TILE_ROWS * TILE_COLUMNS + min(roundUp(rows, TILE_ROWS), BLOCK_ROWS) * depthOfBlocks(k);
}

/** Packs all of B [k,n], or [n,k] where `transposed`. */
export function packAll(panels: usize, b: usize, transposed: bool, n: i32, k: i32): void {
  const blockDepth = depthOfBlocks(k);
  for (let k0 = 0; k0 < k; k0 += blockDepth) {
    const depth = min(blockDepth, k - k0);
    for (let j = 0; j < n; j += PACK_COLUMNS) {
      packColumns(panels, b, transposed, n, k, j, min(PACK_COLUMNS, n - j), k0, depth);
      panels += <usize>(PACK_COLUMNS * depth) << 2;
    }
  }
}

/**
 * C = start + A·B, A [rows,k] without gaps; `start` may be C. Every element is summed in the order of k, whatever the
 * rows beside it. Steps between rows in bytes.
 */
export function multiplyPacked(
  c: usize, cStep: usize, start: usize, startStep: usize, a: usize, panels: usize, rows: i32, n: i32, k: i32,
  scratch: usize,
): void {
  const blockDepth = depthOfBlocks(k);
  const blockA = scratch + <usize>(TILE_ROWS * TILE_COLUMNS) * 4;
  for (let k0 = 0; k0 < k; k0 += blockDepth) {
    const depth = min(blockDepth, k - k0);
    for (let i0 = 0; i0 < rows; i0 += BLOCK_ROWS) {
      const count = min(BLOCK_ROWS, rows - i0);
      packRows(blockA, a, false, rows, k, i0, count, k0, depth);
      for (let j = 0; j < n; j += TILE_COLUMNS) {
        const at = <usize>j << 2;
        stackOfTiles(
          c + <usize>i0 * cStep + at, cStep, start + <usize>i0 * startStep + at, startStep, blockA,
          panels + at * <usize>depth, depth, count, min(TILE_COLUMNS, n - j), false, scratch);
      }
    }
    panels += <usize>(roundUp(n, PACK_COLUMNS) * depth) << 2;
    start = c;
    startStep = cStep;
  }
}
