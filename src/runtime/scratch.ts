/** Memory that kernels need only while they run. */
import type { Address } from './address.js';
import { ALIGNMENT } from './allocator.js';
import { allocate, release } from './memory.js';
import { runtime } from './runtime.js';

/**
 * Runs `use` with the address of `bytes` bytes that are free again afterwards. Passed on as the argument `scratch` of a
 * kernel, every thread gets that many bytes of its own.
 * @internal
 */
export function withScratch<R>(bytes: number, use: (scratch: Address) => R): R {
  const stride = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  const threads = runtime.pool?.threads ?? 1;
  const whole = threads === 1 ? bytes : stride * threads;
  const before = runtime.scratchStride;
  const address = allocate(whole);
  runtime.scratchStride = stride;
  try {
    return use(address);
  } finally {
    runtime.scratchStride = before;
    release(address, whole);
  }
}

/**
 * Runs `use` with the address of `bytes` bytes, one range for all threads, that are free again afterwards.
 * @internal
 */
export function withMemory<R>(bytes: number, use: (address: Address) => R): R {
  const address = allocate(bytes);
  try {
    return use(address);
  } finally {
    release(address, bytes);
  }
}
