import { describe, expect, test } from 'vitest';
import { CIFAR10_CLASSES, FileFormatError, parseCifar10 } from '../../src/index.js';
import { bitFlipped, survives, truncated } from '../support/damage.js';

/** A file whose record n has the class and is filled with bytes n, n + 1, … */
function file(labels: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(labels.length * 3073);
  labels.forEach((label, n) => {
    bytes[n * 3073] = label;
    for (let i = 0; i < 3072; i++) bytes[n * 3073 + 1 + i] = n + i;
  });
  return bytes;
}

describe('parseCifar10', () => {
  test('takes classes and images apart', () => {
    const { images, labels } = parseCifar10(file([3, 9, 0]));
    expect(labels).toEqual(Int32Array.of(3, 9, 0));
    expect(images.length).toBe(3 * 3072);
    expect([images[0], images[3071], images[3072], images[2 * 3072]]).toEqual([0, 255, 1, 2]);
    expect([CIFAR10_CLASSES.length, CIFAR10_CLASSES[3]]).toEqual([10, 'cat']);
  });

  test('refuses records that end early and classes that are none, with the place', () => {
    const refusal = (bytes: Uint8Array): FileFormatError => {
      try {
        parseCifar10(bytes, 'batch.bin');
      } catch (error) {
        expect(error).toBeInstanceOf(FileFormatError);
        return error as FileFormatError;
      }
      return expect.fail('it was read');
    };
    expect(refusal(new Uint8Array(0)).offset).toBe(0);
    expect(refusal(file([1, 2]).subarray(0, 6000))).toMatchObject({ offset: 3073, file: 'batch.bin' });
    expect(refusal(file([1, 10]))).toMatchObject({ offset: 3073 });
    expect(refusal(file([1, 10])).message).toMatch(/batch\.bin at byte 3073: there is no class 10/);
  });

  test('damaged files end in an error of ours', () => {
    const bytes = file([3, 9, 0]);
    // Cut between records it is a shorter file in good order.
    expect(survives(truncated(bytes, [3073, 6146]), parseCifar10).read).toBe(2);
    expect(survives(bitFlipped(bytes, 300, 1), parseCifar10).refused).toBeGreaterThan(100);
    expect(survives([new Uint8Array([...bytes, 0]), new Uint8Array([0, ...bytes])], parseCifar10).read).toBe(0);
  });
});
