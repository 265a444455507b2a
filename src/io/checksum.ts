/** The checksum in the safetensors files that lanewise writes, by which a reader detects damage. */
import { textCoding } from '../runtime/host.js';
import { Sha256 } from './sha256.js';

/** The name of the checksum in the metadata of a file. */
export const CHECKSUM = 'lanewiseChecksum';

/** The prefix of every checksum: the version of the algorithm below. */
export const CHECKSUM_PREFIX = 'lanewise-1:';

/** A tensor as it is stored in a file. */
export interface StoredPart {
  readonly name: string;
  /** Element type as in the header: `F32`. */
  readonly stored: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/**
 * The checksum of everything that a reader uses: metadata, names, types, shapes and elements. It does not depend on
 * their order in the file, so that other programs may store the same contents in another layout.
 *
 * SHA-256 of the JSON text `[[[key, text], …], [[name, type, shape], …]]`, both lists in ascending order, followed for
 * each tensor by its elements, 16 bytes at a time reduced to four 32-bit words, and the remaining bytes.
 */
export function checksumOf(metadata: Readonly<Record<string, string>>, tensors: readonly StoredPart[]): string {
  const text = new (textCoding().TextEncoder)();
  const texts = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  const hash = new Sha256().update(
    text.encode(JSON.stringify([texts, parts.map(({ name, stored, shape }) => [name, stored, shape])])),
  );
  for (const { bytes } of parts) hash.update(fold(bytes)).update(bytes.subarray(bytes.length & ~15));
  return CHECKSUM_PREFIX + hash.hex();
}

/**
 * Reduces bytes to four words, each computed from every fourth word: ten times as fast as SHA-256 of all bytes. Each
 * step is a bijection of the sum and of the word, so every change of a single word is detected.
 *
 * @see the accumulators of xxHash (XXH32), https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */
function fold(bytes: Uint8Array): Uint8Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, (bytes.length >> 4) * 4);
  let a = 1,
    b = 2,
    c = 3,
    d = 4;
  for (let i = 0; i < words.length; i += 4) {
    a = mix(a, words[i]!);
    b = mix(b, words[i + 1]!);
    c = mix(c, words[i + 2]!);
    d = mix(d, words[i + 3]!);
  }
  return new Uint8Array(Int32Array.of(a, b, c, d).buffer);
}

function mix(sum: number, word: number): number {
  const mixed = (sum + Math.imul(word, 0x85eb_ca77)) | 0;
  return Math.imul((mixed << 13) | (mixed >>> 19), 0x9e37_79b1);
}
