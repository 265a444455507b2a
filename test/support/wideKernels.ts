/** Replaces src/runtime/inlined/unpack.ts in `vitest --mode wide`: gives the wide kernels. */
import fs from 'node:fs';

export function unpackKernels(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(fs.readFileSync(new URL('../../build/kernels.wide.wasm', import.meta.url)));
}
