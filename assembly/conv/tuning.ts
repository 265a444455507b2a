/** Sizes that the convolutions work in, with what was measured or what they must fit. */
import { TILE_COLUMNS, TILE_ROWS } from '../gemm/tuning';
import { WIDE } from '../simd/width';

// ---- Direct ----

/** Columns that one tile covers: padded images have zeros up to a multiple of it. */
export const TILE_WIDTH: i32 = 8;
/**
 * Floats of the tile in which rows are computed that are shorter than a tile, or whose outputs are not side by side.
 */
export const EDGE_SIZE: i32 = 32;
/** The tile of a single output channel whose taps are summed in threes: its rows and columns. */
export const THREES_ROWS: i32 = 4;
export const THREES_COLUMNS: i32 = 8;
/** Padded rows of at most so many floats may be passed over where they are blank: one bit of a mask to eight. */
export const MASK_WIDTH: i32 = 256;

// ---- Lanes: four images to a vector ----

/** Bytes that a band of rows of four images may take: half of the second-level cache. */
export const BAND_BYTES: i32 = 262_144;
/**
 * The same for the gradient of the weight, of the input and one panel of the gradient: most of the first-level cache.
 */
export const WEIGHT_BAND_BYTES: i32 = 32_768;
/** Rows of outputs that are computed before they go to their images. */
export const OUT_ROWS: i32 = 4;
/**
 * Places, each of as many rows as the stride, that are computed of the gradient of the input before they go likewise.
 */
export const OUT_PLACES: i32 = 4;
/** With fewer input channels, leaving out single kernel columns costs more than it saves. */
export const CLIP_CHANNELS: i32 = 4;

// ---- Sparse: passing over zeros ----

/** Floats of a row of a window that are worked on at once. */
export const BLOCK: i32 = 32;
export const BLOCK_BYTES: usize = BLOCK * 4;
/** Bytes of inputs that are worked on together: half of the first-level cache. */
export const IMAGES_BYTES: i32 = 24_576;
/** Rows of a window of at most so many floats are summed several at once, two vectors each. */
export const NARROW: i32 = 8;

// ---- As a matrix product ----

/** Rows of a panel of A, and pixels of a panel of B: those of the matrix product's tile. */
export const PANEL_ROWS: i32 = TILE_ROWS;
export const PANEL_PIXELS: i32 = TILE_COLUMNS;
/** Images of fewer pixels are worked on in groups of eight: of one alone, the last panel would waste too much. */
export const FEW_PIXELS: i32 = 128;
export const GROUP_IMAGES: i32 = 8;

// ---- Winograd ----

/** Bytes of V and M together that a block may take: the kernels U want room in the second-level cache too. */
export const TILES_BYTES: i32 = 150_000;
/** Fewest and most tiles of a block, whatever they take. */
export const MIN_TILES: i32 = 16;
export const MAX_TILES: i32 = 64;
/** Vectors of a row of the products of one place that one register tile covers. */
export const PRODUCT_VECTORS: i32 = WIDE ? 4 : 2;
/** Parts at most into which the strips of a weight gradient are cut, each summed by itself: what threads share. */
export const PARTS: i32 = 8;
/** Tiles of a part at least: adding up a part costs as much as a few tiles. */
export const PART_TILES: i32 = 96;
