/** How many threads are started on how many cores. Each test has a library of its own. */
import os from 'node:os';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let lw: typeof import('../../src/index.js');

beforeEach(async () => {
  vi.resetModules();
  lw = await import('../../src/index.js');
});
afterEach(() => {
  lw.stopThreads();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Lets `node:os` be another module. */
function replaceOs(os: unknown): void {
  const builtin = process.getBuiltinModule.bind(process) as (name: string) => unknown;
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
    name === 'node:os' ? os : builtin(name)) as never);
}

const cores = (count: number) => vi.spyOn(os, 'availableParallelism').mockReturnValue(count);

test.each([
  [1, 8, 1, '8 threads were asked for, this machine has 1 core'],
  [2, 100, 2, '100 threads were asked for, this machine has 2 cores'],
  [2, 2, 2, undefined],
  [3, 2, 2, undefined],
  [3, 1, 1, undefined],
])('on %i cores %i threads are %i', async (count, asked, threads, threadsReason) => {
  cores(count);
  const info = await lw.init({ threads: asked });
  expect(info).toEqual({ variant: 'simd', threads, threadsReason, maximumMemory: 2 ** 32 });
  // What was asked for and what came of it are both in force.
  expect(await lw.init({ threads: asked })).toBe(info);
  expect(await lw.init({ threads })).toBe(info);
  expect(lw.relu(lw.arange(100_000)).item(99_999)).toBe(99_999);
});

test('what came of it may be asked for while the first call is under way', async () => {
  cores(2);
  const [first, second] = await Promise.all([lw.init({ threads: 8 }), lw.init({ threads: 2 })]);
  expect(second).toBe(first);
});

test('left out, it is as many as there are cores, without a reason', async () => {
  cores(2);
  expect(await lw.init()).toEqual({ variant: 'simd', threads: 2, maximumMemory: 2 ** 32 });
});

test('threads started again are as many as before, for the same reason', async () => {
  cores(2);
  const first = await lw.init({ threads: 8 });
  lw.stopThreads();
  expect(await lw.init({ threads: 8 })).toEqual(first);
});

test('a test may have more threads than there are cores', async () => {
  cores(1);
  expect(await lw.init({ threads: 3, oversubscribe: true })).toMatchObject({ threads: 3 });
});

test('where the engine does not say how many cores there are, all that are asked for are started', async () => {
  replaceOs({});
  vi.stubGlobal('navigator', undefined);
  expect(await lw.init({ threads: 3 })).toEqual({ variant: 'simd', threads: 3, maximumMemory: 2 ** 32 });
});

test('a page goes by navigator.hardwareConcurrency', async () => {
  replaceOs(undefined);
  vi.stubGlobal('navigator', { hardwareConcurrency: 2 });
  const info = await lw.init({ threads: 4 });
  expect(info).toMatchObject({ threads: 2, threadsReason: '4 threads were asked for, this machine has 2 cores' });
});
