/** Sizes that the normalisations work in. They decide the order of sums, and so the bits. */

/** Bytes of a row that lanes sum up as floats before they join a total in doubles: 512 elements. */
export const SEGMENT: usize = 2048;
/** Elements of the first chunk of the statistics of a channel. */
export const FIRST_CHUNK: i32 = 512;
/** Columns of a pass down the rows: its sums and parameters fit the first-level cache. */
export const COLUMNS: i32 = 1024;
/** Rows of the first chunk of the statistics of columns, and at most of any chunk. */
export const FIRST_ROWS: i32 = 8;
export const MOST_ROWS: i32 = 512;
