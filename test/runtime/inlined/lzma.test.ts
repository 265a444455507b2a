import { expect, test } from 'vitest';
import { compressLzma } from '../../../scripts/build/lzma.mjs';
import { decompressLzma } from '../../../src/runtime/inlined/lzma.js';
import { uniform } from '../../support/random.js';

const random = uniform(3);
const words = Array.from({ length: 40 }, () =>
  Array.from({ length: 1 + Math.floor(random() * 12) }, () => Math.floor(random() * 256)),
);

/** Data that take every path: literals alone, runs, matches near and far, the last four distances again. */
const data: Record<string, Uint8Array> = {
  'one byte': Uint8Array.of(7),
  noise: Uint8Array.from({ length: 5_000 }, () => random() * 256),
  'one value': new Uint8Array(7_000),
  words: Uint8Array.from(Array.from({ length: 2_000 }, () => words[Math.floor(random() * words.length)]!).flat()),
  columns: Uint8Array.from({ length: 20_000 }, (_, i) => (i % 4 === 3 ? i >> 8 : i % 4 === 0 ? random() * 3 : i)),
  'far matches': Uint8Array.from({ length: 12_000 }, (_, i) => ((i % 5_003) * 2_654_435_761) >>> 13),
};

for (const [name, bytes] of Object.entries(data)) {
  test(name, () => expect(decompressLzma(compressLzma(bytes))).toEqual(bytes));
}
