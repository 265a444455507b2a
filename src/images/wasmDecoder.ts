/** What the decoders in WebAssembly share. */
import { loadDecoder, type RunningDecoder } from '../runtime/decoder.js';

/** An instance that grew larger is not kept. */
const LARGEST_KEPT = 2 ** 25;

/** What C's library would ask a system for. Each throws: neither files nor exits are needed to decode. */
const refused = (name: string) => () => {
  throw new Error(name);
};
const SYSTEM = ['proc_exit', 'environ_get', 'fd_close', 'fd_seek', 'fd_write'];

/** What the decoders import. C's error exit (longjmp) ends in an exception here, and the instance is given up. */
const IMPORTS = {
  env: { setjmp: () => 0, longjmp: refused('longjmp') },
  wasi_snapshot_preview1: {
    environ_sizes_get: () => 0,
    ...Object.fromEntries(SYSTEM.map((name) => [name, refused(name)])),
  },
};

/**
 * Runs `body` with a decoder. One instance serves many pictures; after an exception, and once it has grown large, the
 * next picture gets a new one: what a damaged file did to its memory ends with it.
 *
 * @returns what `body` returns; null where it threw
 */
export function decoderOf(text: () => string): <T>(body: (decoder: RunningDecoder) => T) => T | null {
  let start: (() => RunningDecoder) | undefined;
  let running: RunningDecoder | undefined;
  return (body) => {
    start ??= loadDecoder(text(), IMPORTS);
    const decoder = running ?? start();
    running = undefined;
    let result: ReturnType<typeof body>;
    try {
      result = body(decoder);
    } catch {
      return null;
    }
    if (decoder.bytes().length <= LARGEST_KEPT) running = decoder;
    return result;
  };
}

/** Copies bytes into the decoder's memory. @returns their address; 0 where there is no memory left */
export function put({ functions, bytes }: RunningDecoder, input: Uint8Array): number {
  const address = functions.malloc!(input.length) >>> 0;
  if (address !== 0) bytes().set(input, address);
  return address;
}
