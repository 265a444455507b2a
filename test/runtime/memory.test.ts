/** In a file, and so a process, of its own: it starts the runtime with a small memory. */
import { beforeAll, expect, test } from 'vitest';
import { ArgumentError, init, memory, OutOfMemoryError, ones, scope, zeros } from '../../src/index.js';

beforeAll(async () => {
  await expect(init({ maximumMemory: 1000 })).rejects.toThrow(ArgumentError);
  await init({ maximumMemory: 64 * 2 ** 20, threads: 1 });
});

test('options cannot change once tensors may live', async () => {
  await expect(init({ maximumMemory: 2 ** 30 })).rejects.toThrow(/already initialised/);
  expect(await init()).toEqual({ variant: 'simd', threads: 1, maximumMemory: 64 * 2 ** 20 });
});

test('out of memory is an error that tells what is live, and leaves everything usable', () => {
  const kept = ones([1000]);
  expect(() =>
    scope(() => {
      for (let i = 0; i < 100; i++) zeros([1_000_000]);
    }),
  ).toThrow(OutOfMemoryError);
  expect(() => zeros([100_000_000])).toThrow(/no room for 400\.0 MB: .* are in use/);
  expect(kept.item(999)).toBe(1);
  expect(memory().tensors).toBe(1);
  // What the failed attempt had split up is whole again.
  scope(() => expect(zeros([12_000_000]).size).toBe(12_000_000));
  kept.dispose();
  expect(memory()).toMatchObject({ tensors: 0, bytes: 0 });
});
