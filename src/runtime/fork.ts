/** Which calls of kernels are split over threads. */
import { type Kernels, shareKernels } from './kernels.generated.js';
import type { ThreadPool } from './threads.js';

/**
 * Work (in element-wise steps, see `@work`) below which a kernel stays on one thread. A fork and join takes one to two
 * microseconds while the workers are awake; a step takes about a fifth of a nanosecond.
 */
export const FORK_ABOVE = 32_768;

/** What decides at each call. */
export interface Forking {
  /** The work from which a kernel is split. Tests set 0 (always) or Infinity (never). */
  forkAbove: number;
  /** Bytes from the scratch of one thread to that of the next, for the innermost `withScratch`. */
  scratchStride: number;
}

/** No record has more fields. */
const RECORD_FIELDS = 16;
const NO_FIELDS = new Int32Array(0);

/** The kernels, with those that can be split made to run on the pool where the work is worth it. */
export function forkingKernels(
  exports: Kernels,
  memory: WebAssembly.Memory,
  pool: ThreadPool,
  forking: Forking,
): Kernels {
  const table: Record<string, unknown> = { ...exports };
  const names = Object.keys(exports);
  shareKernels.forEach((share, id) => {
    if (share === undefined) return;
    const { scratch = -1, record, work } = share;
    const name = names[id]!;
    const local = exports[name as keyof Kernels] as (...args: number[]) => void;
    table[name] = (...args: number[]) => {
      const length = args.at(-1)! - args.at(-2)!;
      const fields = record === undefined ? NO_FIELDS : new Int32Array(memory.buffer, args[record], RECORD_FIELDS);
      if (length < 2 || (work?.(length, args, fields) ?? length) < forking.forkAbove) local(...args);
      else pool.run(id, local, args, scratch, forking.scratchStride);
    };
  });
  return table as unknown as Kernels;
}
