/** Rows of C that one tile covers: the width of a panel of A. The micro-kernels are written for this number. */
export const TILE_ROWS: i32 = 4;
/** Columns of C that one tile covers (two vectors): the width of a panel of B. */
export const TILE_COLUMNS: i32 = 8;
/** At most so many terms of the sum are packed at once: a panel of B of this length (12 KB) stays in the L1 cache. */
export const BLOCK_DEPTH: i32 = 384;
/** At most so many rows of A are packed at once: with the depth, 384 KB, which stay in the L2 cache. A multiple of the tile. */
export const BLOCK_ROWS: i32 = 256;
/** Columns of B that are packed together, as two panels: a whole cache line of each row. */
export const PACK_COLUMNS: i32 = 16;
