/** The search for the row of a batch that makes it fail. */
import { describe, expect, test } from 'vitest';
import { isolate } from '../../src/train/culprit.js';
import { uniform } from '../support/random.js';

describe('isolate', () => {
  const random = uniform(8);

  test('finds the first of a few bad rows, in few questions', () => {
    for (const count of [1, 2, 3, 4, 5, 8, 13, 100, 256]) {
      for (let trial = 0; trial < 20; trial++) {
        const bad = new Set(
          Array.from({ length: count < 20 ? 1 : 1 + (trial % 2) }, () => Math.floor(random() * count)),
        );
        let asked = 0;
        const fails = (rows: Int32Array): boolean => {
          asked++;
          expect(rows).toHaveLength(count);
          return rows.some((row) => bad.has(row));
        };
        expect(isolate(count, fails)).toBe(Math.min(...bad));
        expect(asked).toBeLessThan(20 + Math.log2(count));
      }
    }
  });

  test('finds the one that the others do not go with, though it passes alone', () => {
    for (const count of [4, 5, 8, 100]) {
      for (let bad = 0; bad < count; bad++)
        expect(isolate(count, (rows) => rows.includes(bad) && rows.some((row) => row !== bad))).toBe(bad);
    }
  });

  test('names none where all fail, where it cannot be told, or where nothing fails any more', () => {
    for (const count of [2, 3, 8, 100, 1000]) {
      let asked = 0;
      expect(
        isolate(count, () => {
          asked++;
          return true;
        }),
      ).toBe(undefined);
      expect(asked).toBeLessThan(20);
    }
    expect(isolate(2, (rows) => rows[0] !== rows[1])).toBe(undefined);
    expect(isolate(8, () => false)).toBe(undefined);
    expect(isolate(0, () => true)).toBe(undefined);
  });
});
