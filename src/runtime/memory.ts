/** The memory of the kernels: ranges of it, and views, which are always fresh. */
import type { Address } from './address.js';
import { OutOfMemoryError } from './errors.js';
import { running, runtime } from './runtime.js';

/** @internal Bytes handed out, peak, and the size of the whole memory. */
export function memoryUsage(): { bytes: number; peakBytes: number; reservedBytes: number } {
  const { allocator, memory } = running();
  return { bytes: allocator.live, peakBytes: allocator.peak, reservedBytes: memory.buffer.byteLength };
}

/** Makes the bytes live now the peak, so that `memory().peakBytes` tells the peak of what follows. */
export function resetPeakMemory(): void {
  running().allocator.resetPeak();
}

/**
 * Address of `bytes` fresh bytes (contents undefined), a multiple of 64.
 * @internal
 */
export function allocate(bytes: number): Address {
  const { guards } = runtime;
  const guardBytes = guards?.bytes ?? 0;
  const address = running().allocator.allocate(bytes + 2 * guardBytes);
  if (address === null) {
    const { bytes: live, reservedBytes } = memoryUsage();
    throw new OutOfMemoryError(`no room for ${format(bytes)}: ${format(live)} of ${format(reservedBytes)} are in use`, {
      hint:
        'use a smaller batch or model; wrap work in scope(() => …), or call ' +
        'dispose() on tensors that are kept for no reason',
    });
  }
  guards?.paint(wholeMemory(), address + guardBytes, bytes);
  return (address + guardBytes) as Address;
}

/** Gives back what `allocate(bytes)` returned. @internal */
export function release(address: number, bytes: number): void {
  const { guards } = runtime;
  guards?.check(wholeMemory(), address, bytes);
  const guardBytes = guards?.bytes ?? 0;
  running().allocator.release(address - guardBytes, bytes + 2 * guardBytes);
}

function format(bytes: number): string {
  return bytes < 1e6 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// ---- Views. Growing the memory detaches them: use one at once, keep none. ----

/** @internal */
export function viewF32(address: number, length: number): Float32Array {
  return new Float32Array(running().memory.buffer, address, length);
}

/** @internal */
export function viewF64(address: number, length: number): Float64Array {
  return new Float64Array(running().memory.buffer, address, length);
}

/** @internal */
export function viewI32(address: number, length: number): Int32Array {
  return new Int32Array(running().memory.buffer, address, length);
}

/** @internal */
export function viewU8(address: number, length: number): Uint8Array {
  return new Uint8Array(running().memory.buffer, address, length);
}

/** The view of each dtype. @internal */
export const viewOf = { float32: viewF32, int32: viewI32, uint8: viewU8 } as const;

/** Copies bytes within the memory. @internal */
export function copyBytes(target: number, source: number, bytes: number): void {
  wholeMemory().copyWithin(target, source, source + bytes);
}

function wholeMemory(): Uint8Array {
  return new Uint8Array(running().memory.buffer);
}
