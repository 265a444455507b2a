/** A painted stripe before and after a range of the memory, to catch kernels that write out of bounds (tests). */
import { sizeClass } from './allocator.js';

const PAINT = 0xa5;

/**
 * What surrounds the `bytes` bytes at `address`: the stripe before them, and everything after them to the end of the
 * size class, so that a kernel that rounds its tail up is caught too.
 */
function stripes(memory: Uint8Array, address: number, bytes: number, guardBytes: number): Uint8Array[] {
  const begin = address - guardBytes;
  return [memory.subarray(begin, address), memory.subarray(address + bytes, begin + sizeClass(bytes + 2 * guardBytes))];
}

/** Paints around a range. */
export function paintGuards(memory: Uint8Array, address: number, bytes: number, guardBytes: number): void {
  for (const stripe of stripes(memory, address, bytes, guardBytes)) stripe.fill(PAINT);
}

/** @throws {RangeError} when the paint around a range was written over */
export function checkGuards(memory: Uint8Array, address: number, bytes: number, guardBytes: number): void {
  const [before = -1, after = -1] = stripes(memory, address, bytes, guardBytes)
    .map((stripe) => stripe.findIndex((byte) => byte !== PAINT));
  if (before >= 0) throw new RangeError(`a kernel wrote ${guardBytes - before} bytes before a range of ${bytes} bytes`);
  if (after >= 0) throw new RangeError(`a kernel wrote past the end, at byte ${bytes + after} of a range of ${bytes} bytes`);
}
