/** The variants of the kernels: which of them an engine can run, and which a module is. */
import { ArgumentError, UnsupportedError } from './errors.js';
import { kernelsMark } from './kernels.generated.js';
import type { RuntimeInfo } from './options.js';
import { markOf } from './wasmSource.js';

/** 'simd' has the same bits everywhere, and so has 'wide'; 'relaxed' may fuse a·b + c. */
export type Variant = RuntimeInfo['variant'];

/** A module of kernels that is not loaded yet. */
export interface Found {
  readonly code: Uint8Array<ArrayBuffer> | WebAssembly.Module;
  readonly variant: Variant;
  /** As in `RuntimeInfo`. */
  readonly wideReason?: string | undefined;
}

/** A module of one function that ends in `i8x16.popcnt`: valid where SIMD is, and nowhere else. */
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** A module of one function that ends in `i8x16.relaxed_swizzle`. */
const RELAXED_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15,
  253, 128, 2, 11,
]);

/** @throws {UnsupportedError} when the engine cannot run the kernels at all */
export function checkSimd(): void {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(SIMD_PROBE)) {
    throw new UnsupportedError('this engine cannot run WebAssembly SIMD', {
      where: 'init',
      hint:
        'use Node >= 20, or a browser of 2023 or later; JavaScriptCore needs its ' +
        'JIT for SIMD (lockdown mode turns it off)',
    });
  }
}

/** Whether the engine can run the variant 'relaxed'. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(RELAXED_PROBE);
}

/**
 * Which kernels a module from outside is.
 *
 * @throws {ArgumentError} when it is none, or of another version than this JavaScript, or not what was asked for
 */
export function variantOf(module: WebAssembly.Module, fast: boolean): Variant {
  const mark = markOf(module);
  if (!mark.startsWith(kernelsMark)) {
    throw new ArgumentError(
      mark === '' ? 'the module is not the kernels of lanewise' : 'the kernels are of another version of lanewise',
      {
        where: 'init: wasm',
        hint: 'serve lanewise/kernels.wasm of the same version',
      },
    );
  }
  const variant: Variant = mark.endsWith('relaxed') ? 'relaxed' : mark.endsWith('wide') ? 'wide' : 'simd';
  if (variant === 'relaxed' && !fast)
    throw new ArgumentError('these are the relaxed kernels', {
      where: 'init: wasm',
      hint: 'add fast: true, or give kernels.wasm',
    });
  return variant;
}
