// Compresses what src/runtime/inlined/lzma.ts decompresses: a raw LZMA stream with lc = lp = pb = 0 after its length.
import lzma from 'lzma-purejs';

/** The longest matches that are looked for; longer ones make the kernels no smaller. */
const FAST_BYTES = 128;
const DICTIONARY = 2 ** 20;

/** @param {Uint8Array} bytes */
export function compressLzma(bytes) {
  const encoder = new lzma.LZMA.Encoder();
  encoder.setDictionarySize(DICTIONARY);
  encoder.setNumFastBytes(FAST_BYTES);
  encoder.setLcLpPb(0, 0, 0);
  let at = 0;
  const input = {
    readByte: () => (at < bytes.length ? bytes[at++] : -1),
    read(buffer, offset, count) {
      const part = bytes.subarray(at, at + count);
      for (let i = 0; i < part.length; i++) buffer[offset + i] = part[i];
      at += part.length;
      return part.length;
    },
  };
  const length = new Uint8Array(Uint32Array.of(bytes.length).buffer);
  const compressed = [...length];
  const output = {
    writeByte: (byte) => {
      compressed.push(byte & 255);
    },
    flush: () => {},
  };
  encoder.code(input, output, -1, -1, null);
  return Uint8Array.from(compressed);
}
