/** Starts the WebAssembly modules that decode pictures. Their memory is their own: not that of the kernels. */
import { decodeBase64 } from './inlined/base64.js';
import { decompressLzma } from './inlined/lzma.js';

/** Functions of a decoder: addresses and sizes in, a number out. */
export type DecoderFunctions = Readonly<Record<string, (...values: number[]) => number>>;

/** A decoder that runs. */
export interface RunningDecoder {
  readonly functions: DecoderFunctions;
  /** Its memory as it is now: growing replaces the buffer. */
  bytes(): Uint8Array<ArrayBuffer>;
}

/**
 * A decoder out of the text that scripts/build/decoders.mjs made of it.
 *
 * @param imports by module and name
 * @returns starts it anew: an instance whose memory begins empty
 */
export function loadDecoder(text: string, imports: WebAssembly.Imports): () => RunningDecoder {
  let compiled: WebAssembly.Module | undefined;
  return () => {
    compiled ??= new WebAssembly.Module(decompressLzma(decodeBase64(text)));
    const { exports } = new WebAssembly.Instance(compiled, imports);
    const { memory, ...functions } = exports as unknown as { memory: WebAssembly.Memory } & DecoderFunctions;
    return { functions, bytes: () => new Uint8Array(memory.buffer as ArrayBuffer) };
  };
}
