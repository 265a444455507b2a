/** Engines that refuse memories with a large maximum, as phones do. Each test has a library of its own. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

type Library = typeof import('../../src/index.js');

const MB = 2 ** 20;
const OwnMemory = WebAssembly.Memory;
let lw: Library;
/** The maxima that were asked for, in MB, shared ones with an s. */
let tried: string[];

/** Lets the engine refuse maxima above so many bytes. */
function refuseAbove(shared: number, unshared = shared): void {
  WebAssembly.Memory = function Memory(limits: WebAssembly.MemoryDescriptor) {
    const maximum = limits.maximum! * 65_536;
    tried.push(`${maximum / MB}${limits.shared ? 's' : ''}`);
    if (maximum > (limits.shared ? shared : unshared)) throw new RangeError('could not allocate memory');
    return new OwnMemory(limits);
  } as unknown as typeof WebAssembly.Memory;
}

beforeEach(async () => {
  tried = [];
  vi.resetModules();
  lw = await import('../../src/index.js');
});
afterEach(() => {
  lw.stopThreads();
  WebAssembly.Memory = OwnMemory;
});

const two = { threads: 2, oversubscribe: true };

describe('with threads', () => {
  test.each([
    [4096, ['4096s']],
    [1024, ['4096s', '2048s', '1024s']],
    [256, ['4096s', '2048s', '1024s', '512s', '256s']],
  ])('where %i MB are the most, they run with so much', async (most, order) => {
    refuseAbove(most * MB);
    const info = await lw.init(two);
    expect(info).toEqual({ variant: 'simd', threads: 2, maximumMemory: most * MB });
    expect(tried).toEqual(order);
    expect(lw.relu(lw.arange(100_000)).item(99_999)).toBe(99_999);
    expect(await lw.init({ ...two, maximumMemory: 4096 * MB })).toBe(info);
    expect(await lw.init({ maximumMemory: most * MB })).toBe(info);
  });

  test('a maximum that was asked for is the first that is tried, and those below follow', async () => {
    refuseAbove(300 * MB);
    expect(await lw.init({ ...two, maximumMemory: 700 * MB })).toMatchObject({ threads: 2, maximumMemory: 256 * MB });
    expect(tried).toEqual(['700s', '512s', '256s']);
    await expect(lw.init({ maximumMemory: 300 * MB })).rejects.toThrow(
      /maximumMemory is 268435456 and cannot become 314572800/,
    );
  });

  test('a small maximum that was asked for is granted', async () => {
    refuseAbove(64 * MB);
    expect(await lw.init({ ...two, maximumMemory: 64 * MB })).toMatchObject({ threads: 2, maximumMemory: 64 * MB });
    expect(tried).toEqual(['64s']);
  });

  test('where 256 MB are too much, one thread has unshared memory, and init says why', async () => {
    refuseAbove(255 * MB, 4096 * MB);
    expect(await lw.init(two)).toEqual({
      variant: 'simd',
      threads: 1,
      maximumMemory: 4096 * MB,
      threadsReason: 'no threads: the engine has no room for shared memory (could not allocate memory)',
    });
    expect(tried).toEqual(['4096s', '2048s', '1024s', '512s', '256s', '4096']);
  });
});

describe('on one thread', () => {
  test('smaller maxima are tried down to the initial 16 MB', () => {
    refuseAbove(40 * MB);
    expect(lw.zeros([10]).sum().item()).toBe(0);
    expect(lw.runtimeInfo()).toEqual({ variant: 'simd', threads: 1, maximumMemory: 32 * MB });
    expect(tried).toEqual(['4096', '2048', '1024', '512', '256', '128', '64', '32']);
  });

  test('growing past the maximum in force is an error that leaves the runtime usable', () => {
    refuseAbove(32 * MB);
    expect(() => lw.zeros([16 * MB])).toThrow(lw.OutOfMemoryError);
    expect(lw.zeros([5 * MB]).size).toBe(5 * MB);
  });

  test('where nothing is granted there is a typed error, and the next call may try again', async () => {
    refuseAbove(0);
    await expect(lw.init({ threads: 1 })).rejects.toThrow(
      /init: the engine has no room for a memory \(could not allocate memory\)/,
    );
    await expect(lw.init(two)).rejects.toBeInstanceOf(lw.OutOfMemoryError);
    expect(() => lw.zeros([1])).toThrow(lw.OutOfMemoryError);
    refuseAbove(4096 * MB);
    expect(await lw.init(two)).toMatchObject({ threads: 2 });
  });
});
