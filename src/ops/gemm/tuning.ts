/** What chooses the kernel of a matrix product, with what was measured. */

/** Share of non-zeros up to which passing over the zeros is faster than multiplying by them (measured: 0.6 to 0.75). */
export const SPARSE_BELOW = 0.6;
/** Products (m·n·k) below which the count is not worth it. */
export const SPARSE_WORK = 200_000;
/** Fewest columns: the kernel that passes over zeros sums 32 at once. */
export const SPARSE_COLUMNS = 24;
/** The share of non-zeros is that of so many elements, the first ones: about ten digits of MNIST. */
export const SAMPLE = 8192;

/** Fewest products that are shared out among threads whole; of fewer, each is shared out by itself. */
export const BATCH = 8;
