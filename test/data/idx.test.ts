import { describe, expect, test } from 'vitest';
import { FileFormatError, parseIdx } from '../../src/index.js';
import { bitFlipped, survives, truncated } from '../support/damage.js';
import { idx } from '../support/idx.js';

function refusal(bytes: Uint8Array): FileFormatError {
  try {
    parseIdx(bytes, 'images');
  } catch (error) {
    expect(error).toBeInstanceOf(FileFormatError);
    expect((error as FileFormatError).file).toBe('images');
    return error as FileFormatError;
  }
  return expect.fail('it was read');
}

describe('parseIdx', () => {
  test('reads bytes in place', () => {
    const bytes = idx(8, [2, 2, 3], [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255]);
    const { dtype, shape, data } = parseIdx(bytes);
    expect([dtype, shape]).toEqual(['uint8', [2, 2, 3]]);
    expect(data).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255));
    expect(data.buffer).toBe(bytes.buffer);
  });

  test('reads the other types, big-endian, at any alignment', () => {
    const shifted = (bytes: Uint8Array) => {
      const longer = new Uint8Array(bytes.length + 1);
      longer.set(bytes, 1);
      return longer.subarray(1);
    };
    expect(parseIdx(shifted(idx(9, [3], [255, 128, 127])))).toEqual({
      dtype: 'int32',
      shape: [3],
      data: Int32Array.of(-1, -128, 127),
    });
    expect(parseIdx(shifted(idx(11, [2], [255, 254, 1, 0]))).data).toEqual(Int32Array.of(-2, 256));
    expect(parseIdx(shifted(idx(12, [1, 2], [255, 255, 255, 253, 0, 1, 0, 0]))).data).toEqual(
      Int32Array.of(-3, 65_536),
    );
    expect(parseIdx(shifted(idx(13, [2], [0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0])))).toEqual({
      dtype: 'float32',
      shape: [2],
      data: Float32Array.of(1, -2.5),
    });
    expect(parseIdx(shifted(idx(14, [1], [0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a]))).data).toEqual(
      Float32Array.of(0.1),
    );
  });

  test('reads empty arrays and scalars', () => {
    expect(parseIdx(idx(8, [0, 28, 28], []))).toMatchObject({ shape: [0, 28, 28], data: new Uint8Array(0) });
    expect(parseIdx(idx(12, [], [0, 0, 0, 7]))).toMatchObject({ shape: [], data: Int32Array.of(7) });
  });

  test.each<[string, Uint8Array, RegExp, number]>([
    ['nothing', new Uint8Array(0), /an IDX header of 4 bytes ends here/, 0],
    ['a web page', new TextEncoder().encode('<!doctype html>'), /two zero bytes/, 0],
    ['an unknown type', idx(10, [1], [0]), /no element type 10/, 2],
    ['too many axes', idx(8, Array(17).fill(1), [0]), /17 axes/, 3],
    ['a header cut short', idx(8, [2, 2], []).subarray(0, 9), /header of 12 bytes ends here/, 9],
    [
      'data cut short',
      idx(8, [2, 2], [1, 2, 3]),
      /\[2, 2\] elements of 1 bytes take 16 bytes with the header, but the file has 15\n {2}hint: .* truncated/,
      15,
    ],
    [
      'data that go on',
      idx(12, [1], [0, 0, 0, 1, 9]),
      /take 12 bytes .* but the file has 13\n {2}hint: something follows/,
      12,
    ],
    ['a size that no memory has', idx(14, Array(16).fill(0xffff_ffff), []), /take 1\.\d+e\+155 bytes/, 68],
    ['a size that wraps around to zero in 32 bits', idx(8, [65_536, 65_536], []), /take 4294967308 bytes/, 12],
  ])('refuses %s', (_what, bytes, message, offset) => {
    const error = refusal(bytes);
    expect(error.message).toMatch(message);
    expect(error.offset).toBe(offset);
  });

  test('damaged files end in an error of ours', () => {
    for (const bytes of [
      idx(
        8,
        [3, 4, 5],
        Array.from({ length: 60 }, (_, i) => i),
      ),
      idx(14, [2], Array(16).fill(1)),
    ]) {
      expect(survives(truncated(bytes), parseIdx).read).toBe(0);
      expect(survives(bitFlipped(bytes, 2000, 16), parseIdx).refused).toBeGreaterThan(1000);
    }
  });
});
