// Compresses what src/runtime/inlined/lzma.ts decompresses: a raw LZMA stream with lc = lp = pb = 0 after its length,
// whose likelihoods are means of two.
import lzma from 'lzma-purejs';

/** The longest matches that are looked for; longer ones make the kernels no smaller. */
const FAST_BYTES = 128;
const DICTIONARY = 2 ** 20;

/**
 * Lets an encoder of a range have likelihoods (of 0, in 1/32768) that are means of two, which learn at different
 * speeds.
 * What the library keeps in their place, in 1/2048, tells it what the choice of matches costs.
 */
function learnTwice(encoder) {
  const EVEN = 2 ** 14;
  const pairs = new WeakMap();
  const encode = (likelihoods, index, bit) => {
    if (!pairs.has(likelihoods)) {
      const quick = new Uint16Array(likelihoods.length).fill(EVEN);
      pairs.set(likelihoods, [quick, quick.slice()]);
    }
    const [quick, slow] = pairs.get(likelihoods);
    const [a, b] = [quick[index], slow[index]];
    const bound = (encoder.range >>> 15) * ((a + b) >>> 1);
    if (bit === 0) {
      encoder.range = bound;
      quick[index] = a + ((2 * EVEN - a) >>> 3);
      slow[index] = b + ((2 * EVEN - b) >>> 6);
    } else {
      encoder.low += bound;
      encoder.range -= bound;
      quick[index] = a - (a >>> 3);
      slow[index] = b - (b >>> 6);
    }
    likelihoods[index] = Math.min(Math.max((quick[index] + slow[index]) >>> 5, 31), 2017);
    if (encoder.range < 2 ** 24) {
      encoder.range *= 256;
      encoder.shiftLow();
    }
  };
  Object.defineProperty(encoder, 'encode', { value: encode });
}

/** @param {Uint8Array} bytes */
export function compressLzma(bytes) {
  const encoder = new lzma.LZMA.Encoder();
  encoder.setDictionarySize(DICTIONARY);
  encoder.setNumFastBytes(FAST_BYTES);
  encoder.setLcLpPb(0, 0, 0);
  learnTwice(encoder._rangeEncoder);
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
