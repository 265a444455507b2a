/** The memory below tensors: who owns a range of it, how much is in use, and what is freed with a collected object. */
import type { Address } from '../runtime/address.js';
import { memoryUsage, release } from '../runtime/memory.js';
import { clock } from './versions.js';

/** A range of memory, shared by the tensors that are reshapes of one another. @internal */
export class Storage {
  owners = 1;
  /** The time on the tape when it was made, and when it was last overwritten: see `versions.ts`. */
  readonly madeAt = clock.now;
  overwrittenAt = -1;
  overwrittenBy = '';

  constructor(
    readonly address: Address,
    readonly bytes: number,
  ) {
    liveStorages++;
  }

  drop(): void {
    if (--this.owners === 0) {
      liveStorages--;
      release(this.address, this.bytes);
    }
  }
}

let liveStorages = 0;

/**
 * What is freed with a tensor object that is collected: its elements, and those of the gradient that it owns.
 *
 * @internal
 */
export interface Holding {
  readonly storage: Storage;
  gradient: Storage | null;
}

/** The net below scopes: what is neither in a scope nor disposed is freed when its object is collected. @internal */
export const collected = new FinalizationRegistry<Holding>(({ storage, gradient }) => {
  storage.drop();
  gradient?.drop();
});

/** What `memory()` reports. */
export interface MemoryReport {
  /** Tensors alive that own memory (a reshape and its source count as one). */
  readonly tensors: number;
  /** Bytes that they take, rounding included. */
  readonly bytes: number;
  /** The most bytes at once so far (since `resetPeakMemory()`). */
  readonly peakBytes: number;
  /** Size of the WebAssembly memory; it never shrinks. */
  readonly reservedBytes: number;
}

/** How much memory tensors take. Flat over training steps; if it grows, something is kept without need. */
export function memory(): MemoryReport {
  return { tensors: liveStorages, ...memoryUsage() };
}
