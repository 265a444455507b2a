import { describe, expect, test } from 'vitest';
import { ArgumentError, decodeSafetensors, encodeSafetensors } from '../../src/index.js';
import { bitFlipped, survives, truncated } from '../support/damage.js';
import { file, one, refusal, state } from './made.js';

test.each([
  [[0x50, 0x4b, 3, 4], 'a zip file (of PyTorch or NumPy)'],
  [[0x80, 2, 0x8a, 10], 'a pickle (of PyTorch)'],
  [[0x93, 0x4e, 0x55, 0x4d], 'a NumPy array'],
])('%j is told to be another file', (first, what) => {
  const bytes = Uint8Array.from([...first, 0x08, 0x08, 0, 0x10, 1, 2, 3]);
  expect(refusal(bytes).message).toBe(
    `w.safetensors at byte 0: this is ${what}\n  hint: use load() of lanewise/formats`,
  );
});

describe('encodeSafetensors', () => {
  test('what is written is read back', () => {
    const { tensors, metadata } = decodeSafetensors(state());
    expect(Object.keys(tensors)).toEqual(['features.0.weight', 'features.1.num_batches_tracked', 'images', 'nothing']);
    expect(tensors['features.0.weight']).toEqual({
      dtype: 'float32',
      shape: [2, 3],
      data: Float32Array.of(1, -2, 3, 4.5, 0, -0),
    });
    expect(tensors['features.1.num_batches_tracked']).toEqual({ dtype: 'int32', shape: [], data: Int32Array.of(-7) });
    expect(tensors.images).toEqual({ dtype: 'uint8', shape: [1, 3], data: Uint8Array.of(0, 128, 255) });
    expect(tensors.nothing!.data.length).toBe(0);
    expect(metadata).toEqual({ model: 'mlp', größe: '1024 × 512' });
  });

  test('every bit of a float32 survives', () => {
    const bits = Uint32Array.of(0, 0x8000_0000, 1, 0x7f80_0000, 0xff80_0000, 0x7fc0_1234, 0x3f80_0001);
    const { tensors } = decodeSafetensors(
      encodeSafetensors({ x: { dtype: 'float32', shape: [7], data: new Float32Array(bits.buffer) } }),
    );
    expect(new Uint32Array(tensors.x!.data.buffer)).toEqual(bits);
  });

  test('the file is laid out as the format says: wider types first, aligned, counters as I64', () => {
    const bytes = state();
    const length = new DataView(bytes.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
      string,
      { dtype: string; data_offsets: number[] }
    >;
    expect(header['features.1.num_batches_tracked']).toEqual({ dtype: 'I64', shape: [], data_offsets: [0, 8] });
    expect(header['features.0.weight']).toEqual({ dtype: 'F32', shape: [2, 3], data_offsets: [8, 32] });
    expect(header.images).toEqual({ dtype: 'U8', shape: [1, 3], data_offsets: [32, 35] });
    expect((8 + length) % 64).toBe(0);
    expect(bytes.length).toBe(8 + length + 35);
    expect(new DataView(bytes.buffer).getBigInt64(8 + length, true)).toBe(-7n);
  });

  test('the same tensors give the same bytes, and nothing at all is a file too', () => {
    expect(state()).toEqual(state());
    expect(decodeSafetensors(encodeSafetensors({}))).toEqual({ tensors: {}, metadata: {} });
  });

  test('what no file can say is refused', () => {
    const x = { dtype: 'float32', shape: [2], data: new Float32Array(2) } as const;
    expect(() => encodeSafetensors({ __metadata__: x })).toThrow(ArgumentError);
    expect(() => encodeSafetensors(Object.fromEntries([['__proto__', x]]))).toThrow(ArgumentError);
    expect(() => encodeSafetensors({ x: { ...x, shape: [3] } })).toThrow(/2 elements for shape \[3\]/);
    expect(() => encodeSafetensors({ x: { ...x, dtype: 'int32' } })).toThrow(
      /said to be int32, but its data are float32/,
    );
    expect(() => encodeSafetensors({ x }, { epoch: 3 as unknown as string })).toThrow(
      /metadata "epoch" must be a text, not number/,
    );
  });
});

describe('decodeSafetensors', () => {
  test('reads a file at any alignment, without keeping its bytes', () => {
    const bytes = state();
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const { tensors } = decodeSafetensors(shifted.subarray(3));
    shifted.fill(0xff);
    expect(tensors['features.0.weight']!.data).toEqual(Float32Array.of(1, -2, 3, 4.5, 0, -0));
  });

  test('converts the types that lanewise has no place for', () => {
    const read = (dtype: string, shape: number[], data: number[]) =>
      decodeSafetensors(one(dtype, shape, data)).tensors.x!;
    const bytesOf = (array: ArrayBufferView) => [...new Uint8Array(array.buffer)];
    expect(read('I32', [2], bytesOf(Int32Array.of(-5, 70_000)))).toEqual({
      dtype: 'int32',
      shape: [2],
      data: Int32Array.of(-5, 70_000),
    });
    expect(read('I64', [3], bytesOf(BigInt64Array.of(-1n, 2n ** 31n - 1n, -(2n ** 31n))))).toEqual({
      dtype: 'int32',
      shape: [3],
      data: Int32Array.of(-1, 2 ** 31 - 1, -(2 ** 31)),
    });
    expect(read('F64', [2], bytesOf(Float64Array.of(0.1, -1e300))).data).toEqual(
      Float32Array.of(Math.fround(0.1), -Infinity),
    );
    expect(read('BOOL', [3], [0, 1, 1]).data).toEqual(Uint8Array.of(0, 1, 1));
    // 1, −2, 65504, the smallest denormal, the largest denormal, −0, ∞, NaN; and 1, −3, π in bfloat16.
    expect(
      read('F16', [8], bytesOf(Uint16Array.of(0x3c00, 0xc000, 0x7bff, 1, 0x3ff, 0x8000, 0x7c00, 0x7e00))).data,
    ).toEqual(Float32Array.of(1, -2, 65504, 2 ** -24, 1023 * 2 ** -24, -0, Infinity, NaN));
    expect(read('BF16', [3], bytesOf(Uint16Array.of(0x3f80, 0xc040, 0x4049))).data).toEqual(
      Float32Array.of(1, -3, 3.140625),
    );
  });

  test('spaces are allowed where JSON allows them, and escapes in names', () => {
    const { tensors } = decodeSafetensors(
      file('{ "a\\u00e9\\"" : {"shape": [ 2 , 1 ],\n"data_offsets":[0,2],"dtype":"U8"} }  ', 2),
    );
    expect(tensors['aé"']).toEqual({ dtype: 'uint8', shape: [2, 1], data: Uint8Array.of(0, 1) });
  });

  const u8 = (begin: number, end: number, length = end - begin) =>
    `{"dtype":"U8","shape":[${length}],"data_offsets":[${begin},${end}]}`;

  test.each<[string, Uint8Array, RegExp, number | undefined]>([
    ['an empty file', new Uint8Array(0), /8 bytes for the length of its header, this has 0/, 0],
    [
      'a header longer than the file',
      file('{}', 0).fill(0xff, 0, 8),
      /18446744073709552000 bytes, but only 2 follow/,
      0,
    ],
    ['a header cut short', file('{}', 0).subarray(0, 9), /2 bytes, but only 1 follow/, 0],
    ['no JSON', file('hello', 0), /must begin with "{"/, 8],
    ['a byte order mark', file('\ufeff{}', 0), /must begin with "{"/, 8],
    ['two headers', file('{}{}', 0), /goes on after its end/, 10],
    ['an unfinished header', file('{"a":', 0), /\{ is missing here/, 13],
    ['an unfinished name', file('{"a', 0), /text does not end/, 9],
    ['an unfinished escape', file('{"a\\', 0), /text does not end/, 9],
    ['an unknown escape', file('{"\\x":1}', 0), /not valid UTF-8 or JSON/, 9],
    ['no UTF-8', file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a), 0), /not valid UTF-8 or JSON/, 9],
    [
      'a name given twice',
      file(`{"a":${u8(0, 1)},"\\u0061":${u8(1, 2)}}`, 2),
      /"a" is given twice/,
      8 + 6 + u8(0, 1).length,
    ],
    ['__proto__', file(`{"__proto__":${u8(0, 1)}}`, 1), /"__proto__" is not allowed/, 9],
    ['__proto__ in the metadata', file('{"__metadata__":{"__proto__":"x"}}', 0), /"__proto__" is not allowed/, 25],
    ['metadata that are no texts', file('{"__metadata__":{"a":1}}', 0), /" is missing here/, 29],
    [
      'a missing dtype',
      file('{"a":{"shape":[1],"data_offsets":[0,1]}}', 1),
      /"a" must have dtype, shape and data_offsets/,
      9,
    ],
    ['an unknown key', file('{"a":{"strides":[1]}}', 1), /no "strides"/, undefined],
    [
      'an unknown type',
      file('{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}', 1),
      /element type "F8_E4M3"\n {2}hint: lanewise reads F32, I32/,
      9,
    ],
    [
      'a negative size',
      file('{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}', 1),
      /whole number ≥ 0 is missing/,
      undefined,
    ],
    [
      'a fractional size',
      file('{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}', 1),
      /\] is missing here/,
      undefined,
    ],
    [
      'a number past 2^53',
      file('{"a":{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,1]}}', 1),
      /number is too large/,
      undefined,
    ],
    [
      'a huge shape',
      file('{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967297],"data_offsets":[0,4]}}', 4),
      /has 4 bytes, but F32 of shape/,
      9,
    ],
    [
      'a shape that overflows to its length',
      file('{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}', 0),
      /has 0 bytes, but U8 of shape/,
      9,
    ],
    [
      'too many axes',
      file(`{"a":{"dtype":"U8","shape":[${Array(65).fill(1)}],"data_offsets":[0,1]}}`, 1),
      /more than 64 numbers/,
      undefined,
    ],
    [
      "a length that is not the shape's",
      file(`{"a":${u8(0, 4, 3)}}`, 4),
      /"a" has 4 bytes, but U8 of shape \[3\] takes 3/,
      9,
    ],
    ['offsets past the data', file(`{"a":${u8(0, 5)}}`, 4), /"a" ends at 5, past the 4 bytes of data/, 9],
    [
      'offsets backwards',
      file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[2,1]}}', 4),
      /data_offsets \[begin, end\]/,
      9,
    ],
    [
      'three offsets',
      file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0,0]}}', 0),
      /data_offsets \[begin, end\]/,
      9,
    ],
    [
      'tensors that overlap',
      file(`{"a":${u8(0, 3)},"b":${u8(2, 4)}}`, 4),
      /"b" begins at 2, inside another one that ends at 3/,
      8 + 6 + u8(0, 3).length,
    ],
    [
      'a gap',
      file(`{"a":${u8(0, 1)},"b":${u8(2, 4)}}`, 4),
      /"b" begins at 2, but the one before ends at 1: gaps/,
      8 + 6 + u8(0, 1).length,
    ],
    ['bytes left over', file(`{"a":${u8(0, 1)}}`, 4), /3 bytes at the end belong to no tensor/, undefined],
    [
      'an I64 that does not fit',
      one('I64', [1], [0, 0, 0, 0, 1, 0, 0, 0]),
      /element 0: the I64 value 4294967296 does not fit int32/,
      undefined,
    ],
    ['a BOOL that is none', one('BOOL', [2], [1, 2]), /element 1: a BOOL must be 0 or 1, not 2/, undefined],
    ['deep nesting', file(`{"a":${'['.repeat(200_000)}`, 0), /\{ is missing here/, 13],
  ])('refuses %s', (_what, bytes, message, offset) => {
    const error = refusal(bytes);
    expect(error.message).toMatch(message);
    expect(error.file).toBe('w.safetensors');
    if (offset !== undefined) expect(error.offset).toBe(offset);
  });

  test('the largest header claim allocates nothing', () => {
    const bytes = file('{}', 0);
    new DataView(bytes.buffer).setBigUint64(0, 2n ** 63n, true);
    expect(refusal(bytes).offset).toBe(0);
  });

  test('a header of more than 100 MB is not read, though the file has that many bytes', () => {
    const bytes = new Uint8Array(100_000_009);
    new DataView(bytes.buffer).setUint32(0, 100_000_001, true);
    expect(refusal(bytes).message).toMatch(/100000001 bytes, more than the 100000000 allowed/);
  });

  test('damaged files end in an error of ours', () => {
    const bytes = state();
    expect(survives(truncated(bytes), decodeSafetensors).read).toBe(0);
    expect(survives(bitFlipped(bytes, 3000, 500), decodeSafetensors).refused).toBeGreaterThan(1000);
    expect(survives([new Uint8Array([...bytes, 0]), new Uint8Array([0, ...bytes])], decodeSafetensors).read).toBe(0);
  });
});
