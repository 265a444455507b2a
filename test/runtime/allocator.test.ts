import { describe, expect, test } from 'vitest';
import { ALIGNMENT, Allocator, sizeClass } from '../../src/runtime/allocator.js';
import { uniform } from '../support/random.js';

describe('size classes', () => {
  test('hold the request, lose at most an eighth, and are lines', () => {
    for (let bytes = 1; bytes < 100_000; bytes = Math.ceil(bytes * 1.01)) {
      const size = sizeClass(bytes);
      expect(size).toBeGreaterThanOrEqual(bytes);
      expect(size % ALIGNMENT).toBe(0);
      expect(size - bytes).toBeLessThan(Math.max(ALIGNMENT, bytes / 4));
      if (bytes > 8 * ALIGNMENT) expect(size).toBeLessThanOrEqual(bytes * 1.126 + ALIGNMENT);
      expect(sizeClass(size)).toBe(size);
    }
    expect(sizeClass(0)).toBe(ALIGNMENT);
    expect(sizeClass(3e9)).toBeGreaterThanOrEqual(3e9);
  });
});

describe('allocator', () => {
  const fixed = (bytes: number) => new Allocator(0, bytes, () => null);

  test('gives a released range to the next request of its class', () => {
    const allocator = fixed(1 << 20);
    const first = allocator.allocate(1000)!;
    allocator.allocate(1000);
    allocator.release(first, 1000);
    expect(allocator.allocate(990)).toBe(first);
  });

  test('says null when full, and works on', () => {
    const allocator = fixed(1024);
    const address = allocator.allocate(1024)!;
    expect(allocator.allocate(1)).toBeNull();
    allocator.release(address, 1024);
    expect(allocator.live).toBe(0);
    expect(allocator.allocate(64)).not.toBeNull();
  });

  test('joins neighbours before it gives up', () => {
    const allocator = fixed(64 * 64);
    const parts = Array.from({ length: 64 }, () => allocator.allocate(64)!);
    for (const address of parts.slice(0, 32)) allocator.release(address, 64);
    expect(allocator.allocate(32 * 64)).toBe(parts[0]);
    for (const address of parts.slice(32)) allocator.release(address, 64);
    expect(allocator.allocate(32 * 64)).toBe(parts[32]);
  });

  test('grows when it may', () => {
    const asked: number[] = [];
    const allocator = new Allocator(100, 256, (bytes) => {
      asked.push(bytes);
      return bytes + 512;
    });
    expect(allocator.allocate(128)).toBe(128);
    expect(asked).toEqual([]);
    expect(allocator.allocate(64)).toBe(256);
    expect(asked).toEqual([320]);
  });

  test('ranges never overlap, whatever the order of requests and releases', () => {
    const random = uniform(1);
    const allocator = fixed(1 << 18);
    const live: { address: number; bytes: number }[] = [];
    let refused = 0;
    for (let turn = 0; turn < 20_000; turn++) {
      if (random() < 0.55) {
        const bytes = Math.floor(random() ** 3 * 20_000);
        const address = allocator.allocate(bytes);
        if (address === null) {
          refused++;
          continue;
        }
        expect(address % ALIGNMENT).toBe(0);
        for (const other of live) {
          if (address < other.address + other.bytes && other.address < address + bytes)
            expect.fail(`${address}+${bytes} overlaps ${other.address}+${other.bytes}`);
        }
        live.push({ address, bytes });
      } else if (live.length > 0) {
        const [range] = live.splice(Math.floor(random() * live.length), 1);
        allocator.release(range!.address, range!.bytes);
      }
    }
    expect(refused).toBeGreaterThan(0);
    expect(allocator.live).toBe(live.reduce((sum, { bytes }) => sum + sizeClass(bytes), 0));
    for (const { address, bytes } of live) allocator.release(address, bytes);
    expect(allocator.live).toBe(0);
    expect(allocator.allocate(1 << 18)).toBe(0);
  });
});
