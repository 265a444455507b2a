/**
 * What chooses the algorithm of a convolution, with what was measured. One set for all engines and numbers of threads.
 */

/**
 * Fewest channels on both sides for Winograd's transforms. (Batch 100, against the direct way: 0.95 × its speed with 4
 * channels, 2 × with 16, 2.4 × with 64.)
 */
export const WINOGRAD_CHANNELS = 8;

/**
 * Fewest output channels of a group, and taps of an output, for a matrix product of the weights and the pixels under
 * each tap. Packing the pixels pays where they meet many channels, and the micro-kernel where it sums many terms: 1.1
 * to 1.3 × as fast as directly.
 */
export const GEMM_CHANNELS = 16;
export const GEMM_TAPS = 32;
/** The same with a stride, where the direct way copies columns apart, so that fewer terms are enough: 1.0 to 1.4 ×. */
export const GEMM_TAPS_STRIDED = 8;

/**
 * Rows of at most so many outputs are short: whole vectors of pixels waste too much of them. Four images at once are
 * 1.1 to 1.4 × as fast there; elsewhere taking the images apart costs more than it saves.
 */
export const SHORT_ROW = 12;
/** Fewest channels of a group, on the side that is computed, for four images at once: fewer compute too little. */
export const LANES_CHANNELS = 4;

/**
 * Non-zeros of dy, as the kernels that pass over zeros count their cost, below which they are faster (measured: 0.6 to
 * 0.7 of all).
 */
export const SPARSE_BELOW = 0.5;
/** Those kernels work on blocks of so many floats of a row of the window. */
export const SPARSE_BLOCK = 32;
/** The gradient of the weight has another way for rows of at most so many floats. */
export const SPARSE_NARROW = 8;

/** The images are cut into at most so many chunks for the weight's gradient. More threads than that gain nothing. */
export const CHUNKS = 16;
