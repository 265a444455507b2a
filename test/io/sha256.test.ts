import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Sha256 } from '../../src/io/sha256.js';
import { uniform } from '../support/random.js';

const expected = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const random = uniform(5);
const bytesOf = (length: number) => Uint8Array.from({ length }, () => Math.floor(random() * 256));

test('agrees with node:crypto at every length around the block size', () => {
  for (let length = 0; length <= 200; length++) {
    const bytes = bytesOf(length);
    expect(new Sha256().update(bytes).hex(), `${length} bytes`).toBe(expected(bytes));
  }
});

test('does not depend on how the message is cut', () => {
  const bytes = bytesOf(5000);
  for (let round = 0; round < 50; round++) {
    const hash = new Sha256();
    for (let at = 0; at < bytes.length; ) {
      const length = Math.floor(random() * 150);
      hash.update(bytes.subarray(at, at + length));
      at += length;
    }
    expect(hash.hex()).toBe(expected(bytes));
  }
});
