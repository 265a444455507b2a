/**
 * Replaces src/runtime/inlined/unpack.ts in `vitest --mode debug`: the kernels that assert their preconditions.
 */
import fs from 'node:fs';

export function unpackKernels(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(fs.readFileSync(new URL('../../build/kernels.debug.wasm', import.meta.url)));
}
