/** The types of values that go into a tensor and come out of it. `npm run typecheck` compiles what is refused here. */
import { expect, expectTypeOf, test } from 'vitest';
import { type DType, DTypeError, type NestedArray, type Tensor, tensor, zeros } from '../../src/index.js';

test('tensor() takes readonly arrays, literals of any depth and typed arrays in arrays', () => {
  const rows = [[1, 2], [3, 4]] as const; // biome-ignore format: a matrix
  const flat: readonly number[] = [1, 2, 3];
  const shape = [3, 1] as const;
  expect(tensor(rows).shape).toEqual([2, 2]);
  expect(tensor(flat, { shape }).shape).toEqual([3, 1]);
  expect(tensor(Object.freeze([true, false])).toArray()).toEqual([1, 0]);
  expect(tensor([Float32Array.of(1, 2), Float32Array.of(3, 4)] as const).shape).toEqual([2, 2]);
  expect(
    zeros([2])
      .assign(Object.freeze([1, 2]))
      .toArray(),
  ).toEqual([1, 2]);
  expectTypeOf(tensor(rows)).toEqualTypeOf<Tensor>();
  // @ts-expect-error text is not a value
  expect(() => tensor([['1']] as const)).toThrow();
});

test('data() has the class of the dtype that it is asked for, and refuses another', () => {
  const x = tensor([1, 2]);
  expectTypeOf(x.data()).toEqualTypeOf<Float32Array | Int32Array | Uint8Array>();
  expectTypeOf(x.data('float32')).toEqualTypeOf<Float32Array>();
  expectTypeOf(x.to('int32').data('int32')).toEqualTypeOf<Int32Array>();
  expectTypeOf(x.to('uint8').data('uint8')).toEqualTypeOf<Uint8Array>();
  expectTypeOf((dtype: DType) => x.data(dtype)).returns.toEqualTypeOf<Float32Array | Int32Array | Uint8Array>();
  expect(x.data('float32')).toEqual(Float32Array.of(1, 2));
  expect(x.to('uint8').data('uint8')).toEqual(Uint8Array.of(1, 2));
  expect(() => x.data('int32')).toThrow(DTypeError);
  // @ts-expect-error there is no such dtype
  expect(() => x.data('float64')).toThrow(/^data: there is no dtype "float64"/);
});

test('toArray() is nested as deep as the caller says', () => {
  const x = tensor([[1, 2], [3, 4]]); // biome-ignore format: a matrix
  expectTypeOf(x.toArray()).toEqualTypeOf<NestedArray>();
  expectTypeOf(x.toArray<number[][]>()).toEqualTypeOf<number[][]>();
  const rows: number[][] = x.toArray();
  const scalar: number = x.sum().toArray();
  expect(rows.map((row) => row.length)).toEqual([2, 2]);
  expect(scalar).toBe(10);
  // @ts-expect-error arrays of numbers alone
  expect(x.toArray<string[]>()).toEqual(rows);
});
