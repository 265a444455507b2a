/** The one linear memory: how large it may become, how it is made, and how it grows. */

export const PAGE = 65_536;
/** 16 MB to begin with; up to 4 GB, all that 32-bit addresses reach. */
export const INITIAL_PAGES = 256;
export const MAXIMUM_PAGES = 65_536;

/** A memory of at most `maximumMemory` bytes. */
export function createMemory(maximumMemory: number, shared: boolean): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: Math.floor(maximumMemory / PAGE), shared });
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
