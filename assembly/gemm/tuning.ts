/** Sizes of the matrix products, with what was measured. GFLOP/s of one Zen 3 core, vectors of 128 bits. */
import { WIDE } from '../simd/width';

/** Rows of C that one tile covers: the width of a panel of A. The micro-kernels are written for this number. */
export const TILE_ROWS: i32 = 4;
/**
 * Vectors of a row of C that one tile covers, 2 or 4: the width of a panel of B. Two are best where vectors have 128
 * bits (4×8: 40 to 47 GFLOP/s; 4×16, whose sixteen sums spill: 25 to 34); four where the engine joins pairs of them to
 * 256.
 */
export const TILE_VECTORS: i32 = WIDE ? 4 : 2;
/** Columns of C that one tile covers. */
export const TILE_COLUMNS: i32 = 4 * TILE_VECTORS;
/**
 * At most so many terms of the sum are packed at once: a panel of B of this length (12 KB) stays in the L1 cache. (Flat
 * within 5 % from 256 to 512.)
 */
export const BLOCK_DEPTH: i32 = 384;
/**
 * At most so many rows of A are packed at once: with the depth, 384 KB, which stay in the L2 cache. A multiple of the
 * tile. (Flat within 5 % from 128 to 384.)
 */
export const BLOCK_ROWS: i32 = 256;
/** Columns of B that are packed together: a whole cache line of each row. */
export const PACK_COLUMNS: i32 = 16;

/** Columns of C that the product that passes over zeros sums at once: eight vectors, or sixteen. */
export const SPARSE_COLUMNS: i32 = WIDE ? 64 : 32;
/** Rows of C that it collects before it writes them transposed: a cache line of each column. */
export const SPARSE_ROWS: i32 = 16;
/**
 * Most terms in one of its blocks of k: 196 (or 100) rows of a panel are 25 KB, which stay in the L1 cache. A multiple
 * of four.
 */
export const SPARSE_TERMS: i32 = WIDE ? 100 : 196;
