import { decodeBase64 } from './base64.js';
import { decompressLzma } from './lzma.js';
import { joinWasm } from './wasmStreams.js';

/** The bytes of a module out of the text that scripts/build/kernels.mjs made of them. */
export function unpackKernels(text: string): Uint8Array<ArrayBuffer> {
  return joinWasm(decompressLzma(decodeBase64(text)));
}
