import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  arange,
  DisposedTensorError,
  eye,
  full,
  linspace,
  ones,
  onesLike,
  RangeIndexError,
  ShapeError,
  tensor,
  zeros,
  zerosLike,
} from '../../src/index.js';

describe('creation', () => {
  test('from numbers and nested arrays', () => {
    expect(tensor(5)).toMatchObject({ shape: [], size: 1, rank: 0, dtype: 'float32' });
    expect(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]).toArray(),
    ).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    expect(tensor([true, false], { dtype: 'uint8' }).toArray()).toEqual([1, 0]);
  });

  test('from typed arrays, which give the dtype', () => {
    expect(tensor(new Int32Array([1, 2]))).toMatchObject({ dtype: 'int32', shape: [2] });
    expect(tensor(new Uint8Array(6), { shape: [2, 3] })).toMatchObject({ dtype: 'uint8', shape: [2, 3] });
    expect(tensor(new Int32Array([1, 2]), { dtype: 'float32' }).data()).toEqual(new Float32Array([1, 2]));
  });

  test('refuses ragged arrays and wrong sizes', () => {
    expect(() => tensor([[1, 2], [3]])).toThrow(ShapeError);
    expect(() => tensor([[1], 2])).toThrow(/ragged/);
    expect(() => tensor([1, [2]])).toThrow(/ragged/);
    expect(() => tensor(new Float32Array(5), { shape: [2, 3] })).toThrow('tensor: 5 values do not fill shape [2, 3]');
    expect(() => zeros([2, -1])).toThrow(ArgumentError);
    expect(() => zeros([1.5])).toThrow(ArgumentError);
  });

  test('by rule', () => {
    expect(full([2], 7).toArray()).toEqual([7, 7]);
    expect(ones([2, 1], { dtype: 'int32' }).toArray()).toEqual([[1], [1]]);
    expect(arange(4).toArray()).toEqual([0, 1, 2, 3]);
    expect(arange(5, 1, { step: -2 }).toArray()).toEqual([5, 3]);
    expect(arange(0, 1, { step: 0.25 }).toArray()).toEqual([0, 0.25, 0.5, 0.75]);
    expect(() => arange(0, 1, { step: -1 })).toThrow(ArgumentError);
    expect(() => arange(0, 1, { step: 0 })).toThrow(ArgumentError);
    expect(linspace(0, 1, 5).toArray()).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(linspace(3, 9, 1).toArray()).toEqual([3]);
    expect(eye(2, 3).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    const x = tensor(new Int32Array(2));
    expect(zerosLike(x)).toMatchObject({ dtype: 'int32', shape: [2] });
    expect(onesLike(x).toArray()).toEqual([1, 1]);
  });

  test('only float32 can require a gradient', () => {
    expect(zeros([1], { requiresGrad: true }).requiresGrad).toBe(true);
    expect(() => zeros([1], { dtype: 'int32', requiresGrad: true })).toThrow(ArgumentError);
  });
});

test('shape, dtype and size cannot be written to', () => {
  const given = [2, 3];
  const x = zeros(given);
  for (const [name, value] of [
    ['shape', [80]],
    ['dtype', 'int32'],
    ['size', 80],
  ])
    expect(() => Object.assign(x, { [name as string]: value })).toThrow(TypeError);
  expect(() => {
    (x.shape as number[])[0] = 80;
  }).toThrow(TypeError);
  expect(() => (x.reshape([6]).shape as number[]).push(9)).toThrow(TypeError);
  given[0] = 80;
  expect(x.shape).toEqual([2, 3]);
});

describe('reading', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  test('item', () => {
    expect(x.item(1, 2)).toBe(6);
    expect(x.item(-1, 0)).toBe(4);
    expect(tensor(3).item()).toBe(3);
    expect(() => x.item()).toThrow(ShapeError);
    expect(() => x.item(1)).toThrow(ShapeError);
    expect(() => x.item(2, 0)).toThrow(RangeIndexError);
  });

  test('data is a copy', () => {
    const data = x.data();
    data[0] = 99;
    expect(x.item(0, 0)).toBe(1);
  });

  test('assign checks the size', () => {
    expect(zeros([2]).assign([1, 2]).toArray()).toEqual([1, 2]);
    expect(() => zeros([2]).assign([1])).toThrow(ShapeError);
  });
});

describe('printing', () => {
  test('aligns columns and names shape, dtype and origin', () => {
    expect(
      String(
        tensor([
          [1, -2.5],
          [10, 0.125],
        ]),
      ),
    ).toBe('Tensor([[ 1.0000, -2.5000],\n        [10.0000,  0.1250]], shape [2, 2])');
    expect(String(tensor(new Int32Array([1, 20])))).toBe('Tensor([ 1, 20], shape [2], int32)');
    expect(String(tensor(1.5, { requiresGrad: true }))).toBe('Tensor(1.5000, shape [], grad: leaf)');
    expect(String(tensor([1e-9, 1]))).toContain('1.0000e-9');
    expect(String(tensor([NaN, Infinity]))).toContain('NaN');
    expect(String(zeros([0, 3]))).toBe('Tensor([], shape [0, 3])');
  });

  test('shortens long axes', () => {
    const text = String(zeros([100, 100]));
    expect(text.split('\n').length).toBe(7);
    expect(text).toContain('...');
  });
});

test('JSON.stringify writes the nested values, and refuses a freed tensor', () => {
  const x = tensor([[1, 2.5, NaN]]);
  expect(JSON.stringify({ x, none: zeros([0, 2]), one: tensor(3, { dtype: 'uint8' }) })).toBe(
    '{"x":[[1,2.5,null]],"none":[],"one":3}',
  );
  x.dispose();
  expect(() => JSON.stringify(x)).toThrow(DisposedTensorError);
});
