/** The one linear memory: how large it may become, how it is made, and how it grows. */
import { OutOfMemoryError } from './errors.js';

export const PAGE = 65_536;
/** 16 MB to begin with; up to 4 GB, all that 32-bit addresses reach. */
export const INITIAL_PAGES = 256;
export const MAXIMUM_PAGES = 65_536;

/** Below a maximum of 256 MB, one thread with more memory is worth more than several with so little. */
const SHARED_PAGES = 4096;

/** A memory, and its maximum in bytes. */
export interface Created {
  readonly memory: WebAssembly.Memory;
  readonly maximumMemory: number;
}

/**
 * A memory of at most `maximumMemory` bytes. Shared memory reserves its whole maximum at once, which phones refuse; so
 * smaller maxima are tried too, the powers of two below.
 *
 * @throws {OutOfMemoryError} when the engine refuses all of them
 */
export function createMemory(maximumMemory: number, shared: boolean): Created {
  for (let maximum = Math.floor(maximumMemory / PAGE); ; ) {
    try {
      const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared });
      return { memory, maximumMemory: maximum * PAGE };
    } catch (cause) {
      maximum = 1 << (31 - Math.clz32(maximum - 1));
      if (maximum < (shared ? SHARED_PAGES : INITIAL_PAGES)) {
        const problem =
          `the engine has no room for ${shared ? 'shared memory' : 'a memory'} ` + `(${(cause as Error).message})`;
        throw new OutOfMemoryError(problem, { where: shared ? undefined : 'init', cause });
      }
    }
  }
}

/**
 * Lets the memory hold `bytes` bytes: by half more than it has where that is possible, so that growing stays rare.
 * Returns its length, or null where there is no room.
 */
export function grow(memory: WebAssembly.Memory, bytes: number): number | null {
  const have = memory.buffer.byteLength / PAGE;
  const need = Math.ceil(bytes / PAGE) - have;
  for (const pages of [Math.max(need, Math.ceil(have / 2)), need]) {
    try {
      memory.grow(pages);
      return memory.buffer.byteLength;
    } catch {
      // The engine has no room for that many pages; try just those that are needed.
    }
  }
  return null;
}
