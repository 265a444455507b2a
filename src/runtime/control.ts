/**
 * The words by which threads agree on who runs what. Each group is on a cache line of its own (Int32 indices):
 *
 *     0  CLAIM   number of the job (16 bits) · shares in it (8) · shares claimed so far (8)
 *    16  DONE    shares finished
 *    32  ASLEEP  workers that wait on CLAIM
 *    48  FAILED  1 once a kernel trapped
 *    64  JOB     kernel, argument count, begin, end, share length, index of `scratch` (−1: none), scratch bytes a share
 *    80  ARGUMENTS, as float64
 */
export const CONTROL_BYTES = 1024;
export const CLAIM = 0;
export const DONE = 16;
export const ASLEEP = 32;
export const FAILED = 48;
export const JOB = 64;
export const ARGUMENTS = 80;

/** Loads of the control word before a thread goes to sleep: about a millisecond. */
export const SPINS = 200_000;

/**
 * What a worker is started with: the module and the memory of the kernels, where the words are, and the kernels' order.
 */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of CONTROL_BYTES bytes. */
  readonly control: number;
  readonly names: readonly string[];
}
