/** What the operations by index refuse, and what their rows in the case table do not show. */
import { beforeAll, describe, expect, test } from 'vitest';
import { arange, DTypeError, init, RangeIndexError, ShapeError, tensor, zeros } from '../../src/index.js';

beforeAll(() => init({ threads: 1 }));

const index = (values: number[] | number[][]) => tensor(values, { dtype: 'int32' });

describe('errors name what disagrees', () => {
  test.each([
    ['a scalar', () => tensor(1).chunk(2), ShapeError, 'chunk: a scalar has no axis'],
    ['a scalar', () => tensor(1).unbind(), ShapeError, 'unbind: a scalar has no axis'],
    [
      'an index of two axes',
      () => zeros([2, 3]).indexSelect(0, index([[0]])),
      ShapeError,
      'cannot select from shape [2, 3] by an index of shape [1, 1]',
    ],
    [
      'an index out of range',
      () => zeros([2, 3]).indexSelect(1, index([0, 3])),
      RangeIndexError,
      'indexSelect: index 3 at row 1 is outside 0 … 2',
    ],
    [
      'a place out of range',
      () => zeros([2, 3]).scatter(1, index([[0], [-1]]), 1),
      RangeIndexError,
      'scatter: index -1 at position [1, 0] is outside 0 … 2',
    ],
    [
      'an index longer than x',
      () => zeros([2, 3]).scatterAdd(1, index([[0], [1], [2]]), zeros([3, 1])),
      ShapeError,
      'scatterAdd: indices of shape [3, 1] do not pick from shape [2, 3] along axis 1: axis 0 has 3, more than 2',
    ],
    [
      'src shorter than the index',
      () => zeros([2, 3]).scatter(1, index([[0, 1]]), zeros([1, 1])),
      ShapeError,
      'scatter: src of shape [1, 1] for an index of shape [1, 2]: no axis of src may be shorter',
    ],
    [
      'another dtype',
      () => zeros([2]).scatter(0, index([0]), index([1])),
      DTypeError,
      'scatter: src is int32, x is float32',
    ],
    [
      'bytes to add up',
      () => zeros([2], { dtype: 'uint8' }).scatterAdd(0, index([0]), zeros([1], { dtype: 'uint8' })),
      DTypeError,
      'scatterAdd: x is uint8',
    ],
    ['more shifts than axes', () => zeros([2, 3]).roll([1, 2], 0), Error, 'roll: 2 shifts for 1 axes'],
    ['several shifts without axes', () => zeros([2, 3]).roll([1, 2]), Error, 'roll: 2 shifts for 0 axes'],
    ['three axes', () => zeros([2, 3, 4]).diag(), ShapeError, 'diag: x must be a vector or a matrix'],
    ['a matrix', () => zeros([2, 3]).outer(zeros([2])), ShapeError, 'outer: both operands must be vectors'],
    ['more elements than there are', () => zeros([2, 3]).topk(4), Error, 'topk: axis -1 has 3 elements, k is 4'],
    [
      'a sum beyond int32',
      () => index([2 ** 31 - 1, 1]).cumsum(0),
      DTypeError,
      'cumsum: the sum 2147483648 does not fit int32',
    ],
  ])('%s', (_, run, kind, message) => {
    expect(run).toThrow(kind);
    expect(run).toThrow(message);
  });
});

test('a clone has memory of its own, and passes gradients on', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.clone();
  y.mul(y).sum().backward();
  expect(x.grad!.toArray()).toEqual([2, 4]);
  x.assign([5, 6]);
  expect(y.toArray()).toEqual([1, 2]);
});

test('chunks of an axis that is shorter than their number, and of an empty one', () => {
  expect(arange(3).chunk(5)).toHaveLength(3);
  expect(zeros([2, 0]).chunk(3, 1)).toHaveLength(3);
});

test('of several elements put in one place, the last one stays and has the gradient', () => {
  const [x, src] = [tensor([1, 2], { requiresGrad: true }), tensor([3, 4, 5], { requiresGrad: true })];
  const y = x.scatter(0, index([1, 0, 1]), src);
  expect(y.toArray()).toEqual([4, 5]);
  y.backward({ gradient: tensor([10, 20]) });
  expect(x.grad!.toArray()).toEqual([0, 0]);
  expect(src.grad!.toArray()).toEqual([0, 10, 20]);
});

test('integers are selected, put and added as they are', () => {
  const x = index([[1, 2], [3, 4]]); // biome-ignore format: a matrix
  expect(x.indexSelect(1, index([1, 1])).toArray()).toEqual([[2, 2], [4, 4]]); // biome-ignore format: a matrix
  expect(
    zeros([2], { dtype: 'int32' })
      .scatterAdd(0, index([1, 1]), index([2, 3]))
      .toArray(),
  ).toEqual([0, 5]);
  const bytes = tensor([7, 8, 9], { dtype: 'uint8' }).indexSelect(0, index([2, 0]));
  expect([bytes.dtype, bytes.toArray()]).toEqual(['uint8', [9, 7]]);
});

test('a sort of many equal elements keeps their order in both directions', () => {
  const x = tensor([1, 0, 1, 0, 1]);
  expect(x.argsort().toArray()).toEqual([1, 3, 0, 2, 4]);
  expect(x.argsort(0, { descending: true }).toArray()).toEqual([0, 2, 4, 1, 3]);
});

test('scalars are sorted and summed as one element', () => {
  expect(tensor(3).sort().indices.toArray()).toBe(0);
  expect(tensor(3).topk(1).values.toArray()).toBe(3);
  expect(tensor(3).cumsum(0).toArray()).toBe(3);
});
