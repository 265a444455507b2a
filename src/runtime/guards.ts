/** A painted stripe before and after every range of the memory, to catch kernels that write out of bounds (tests). */
import { ALIGNMENT, sizeClass } from './allocator.js';
import { ArgumentError } from './errors.js';
import { running, runtime } from './runtime.js';

const PAINT = 0xa5;

/** Surrounds every range allocated from now on by painted bytes that its release checks. Only with nothing live. */
export function setGuards(on: boolean): void {
  const { live } = running().allocator;
  if (live !== 0) throw new ArgumentError(`${live} bytes are live`, { where: 'setGuards' });
  runtime.guards = on ? { bytes: ALIGNMENT, paint, check } : undefined;
}

/**
 * What surrounds the `bytes` bytes at `address`: the stripe before them, and everything after them to the end of the
 * size class, so that a kernel that rounds its tail up is caught too.
 */
function stripes(memory: Uint8Array, address: number, bytes: number): Uint8Array[] {
  const begin = address - ALIGNMENT;
  return [memory.subarray(begin, address), memory.subarray(address + bytes, begin + sizeClass(bytes + 2 * ALIGNMENT))];
}

function paint(memory: Uint8Array, address: number, bytes: number): void {
  for (const stripe of stripes(memory, address, bytes)) stripe.fill(PAINT);
}

/** @throws {RangeError} when the paint around a range was written over */
function check(memory: Uint8Array, address: number, bytes: number): void {
  const [before = -1, after = -1] = stripes(memory, address, bytes).map((stripe) =>
    stripe.findIndex((byte) => byte !== PAINT),
  );
  if (before >= 0) throw new RangeError(`a kernel wrote ${ALIGNMENT - before} bytes before a range of ${bytes} bytes`);
  if (after >= 0)
    throw new RangeError(`a kernel wrote past the end, at byte ${bytes + after} of a range of ${bytes} bytes`);
}
