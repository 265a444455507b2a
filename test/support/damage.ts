/** Damaged copies of a file, for readers that must refuse them in good order. */
import { expect } from 'vitest';
import { LanewiseError } from '../../src/index.js';
import { uniform } from './random.js';

/** Every proper beginning of a short file; of a long one, those that end near `cuts` and some in between. */
export function* truncated(bytes: Uint8Array, cuts: readonly number[] = []): Generator<Uint8Array> {
  const lengths = new Set<number>();
  if (bytes.length <= 2048) for (let length = 0; length < bytes.length; length++) lengths.add(length);
  else {
    for (const cut of [0, bytes.length, ...cuts]) for (let near = cut - 9; near <= cut + 9; near++) lengths.add(near);
    for (let i = 1; i < 50; i++) lengths.add(Math.floor((bytes.length * i) / 50));
  }
  for (const length of lengths) if (length >= 0 && length < bytes.length) yield bytes.slice(0, length);
}

/** `count` copies with one to eight bits turned over, most of them within the first `head` bytes. */
export function* bitFlipped(bytes: Uint8Array, count: number, head: number, seed = 1): Generator<Uint8Array> {
  const random = uniform(seed);
  for (let i = 0; i < count; i++) {
    const copy = bytes.slice();
    const flips = 1 + Math.floor(random() * 8);
    for (let flip = 0; flip < flips; flip++) {
      const reach = random() < 0.8 ? Math.min(head, bytes.length) : bytes.length;
      copy[Math.floor(random() * reach)]! ^= 1 << Math.floor(random() * 8);
    }
    yield copy;
  }
}

/**
 * Reads every copy: each may pass or be refused by an error of ours; anything else fails. Returns how many were
 * refused.
 */
export function survives(
  copies: Iterable<Uint8Array>,
  read: (bytes: Uint8Array) => unknown,
): { read: number; refused: number } {
  const count = { read: 0, refused: 0 };
  for (const copy of copies) {
    try {
      read(copy);
      count.read++;
    } catch (error) {
      if (!(error instanceof LanewiseError))
        expect.fail(`not one of our errors: ${String((error as Error).stack ?? error)}`);
      count.refused++;
    }
  }
  return count;
}
