/**
 * Hands out address ranges of one linear memory.
 *
 * Sizes are rounded up to a class (eight classes to a doubling, so at most an eighth is lost), and a freed range goes
 * on its class's list, from where the next request of that class takes it: O(1), and a training loop reuses the same
 * hot buffers turn after turn. Only when the memory can grow no further are neighbouring free ranges merged.
 *
 * Addresses are multiples of 64 bytes (a cache line, four vectors).
 */
export const ALIGNMENT = 64;

/** Bytes that a request of `bytes` really takes. */
export function sizeClass(bytes: number): number {
  const last = bytes === 0 ? 0 : bytes - 1;
  // The step is an eighth of the largest power of two below the size (at least one line).
  const step = last < 8 * ALIGNMENT ? ALIGNMENT : 1 << (28 - Math.clz32(last));
  return last - (last & (step - 1)) + step;
}

export class Allocator {
  readonly #free = new Map<number, number[]>();
  #top: number;
  #limit: number;
  #live = 0;
  #peak = 0;

  /**
   * @param base first byte that may be handed out
   * @param limit first byte past the memory as it stands
   * @param grow makes the memory at least `bytes` long and returns its new length, or null where it cannot
   */
  constructor(
    base: number,
    limit: number,
    private readonly grow: (bytes: number) => number | null,
  ) {
    this.#top = Math.ceil(base / ALIGNMENT) * ALIGNMENT;
    this.#limit = limit;
  }

  /** Bytes handed out and not yet released. */
  get live(): number {
    return this.#live;
  }

  /** The most bytes that were ever live at once. */
  get peak(): number {
    return this.#peak;
  }

  /** Makes the present live bytes the peak, to measure the peak of what follows. */
  resetPeak(): void {
    this.#peak = this.#live;
  }

  /** Address of a range of at least `bytes` bytes, or null where the memory is exhausted. */
  allocate(bytes: number): number | null {
    const size = sizeClass(bytes);
    const address =
      this.#free.get(size)?.pop() ??
      this.#extend(size) ??
      (this.#merge() ? (this.#extend(size) ?? this.#carve(size)) : null);
    if (address === null) return null;
    this.#live += size;
    if (this.#live > this.#peak) this.#peak = this.#live;
    return address;
  }

  /** Gives back a range that `allocate` returned for the same number of bytes. */
  release(address: number, bytes: number): void {
    const size = sizeClass(bytes);
    this.#live -= size;
    this.#push(size, address);
  }

  /**
   * Address of a range at the untouched end that is never given back, nor counted as live; null where there is no room.
   */
  reserve(bytes: number): number | null {
    return this.#extend(sizeClass(bytes));
  }

  #push(size: number, address: number): void {
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [address]);
    else list.push(address);
  }

  /** Takes `size` bytes from the untouched end of the memory. */
  #extend(size: number): number | null {
    if (this.#top + size > this.#limit) {
      const limit = this.grow(this.#top + size);
      if (limit === null) return null;
      this.#limit = limit;
    }
    const address = this.#top;
    this.#top += size;
    return address;
  }

  /** Joins neighbouring free ranges; returns whether there were any. What touches the top goes back to it. */
  #merge(): boolean {
    const ranges: { address: number; size: number }[] = [];
    for (const [size, addresses] of this.#free) for (const address of addresses) ranges.push({ address, size });
    if (ranges.length === 0) return false;
    ranges.sort((a, b) => a.address - b.address);
    this.#free.clear();
    let open = ranges[0]!;
    for (const range of ranges.slice(1)) {
      if (open.address + open.size === range.address) open = { address: open.address, size: open.size + range.size };
      else {
        this.#push(open.size, open.address);
        open = range;
      }
    }
    if (open.address + open.size === this.#top) this.#top = open.address;
    else this.#push(open.size, open.address);
    return true;
  }

  /** Takes `size` bytes out of the smallest free range that holds them. */
  #carve(size: number): number | null {
    let best = Infinity;
    for (const [candidate, addresses] of this.#free)
      if (addresses.length > 0 && candidate >= size && candidate < best) best = candidate;
    if (best === Infinity) return null;
    const address = this.#free.get(best)!.pop()!;
    if (best > size) this.#push(best - size, address + size);
    return address;
  }
}
