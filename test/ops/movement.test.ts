import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  arange,
  concat,
  DTypeError,
  embedding,
  expand,
  eye,
  flatten,
  flip,
  gather,
  oneHot,
  pad,
  permute,
  RangeIndexError,
  repeat,
  reshape,
  ShapeError,
  select,
  slice,
  split,
  squeeze,
  stack,
  sum,
  type Tensor,
  tensor,
  transpose,
  unsqueeze,
  zeros,
} from '../../src/index.js';

describe('reshape', () => {
  test('shares the elements', () => {
    const x = arange(6);
    const y = x.reshape([2, 3]);
    x.assign([9, 8, 7, 6, 5, 4]);
    expect(y.toArray()).toEqual([
      [9, 8, 7],
      [6, 5, 4],
    ]);
  });

  test('refuses what does not fill the shape, naming both shapes', () => {
    expect(() => reshape(zeros([2, 3]), [4, 2])).toThrow(
      new ShapeError('the 6 elements of shape [2, 3] do not fill shape [4, 2]', {
        where: 'reshape',
        hint: 'use −1 for the size that shall follow from the others',
      }),
    );
    expect(() => reshape(zeros([2, 3]), [4, -1])).toThrow(ShapeError);
    expect(() => reshape(zeros([2, 3]), [-1, -1])).toThrow(ArgumentError);
    expect(() => reshape(zeros([2, 3]), [1.5, 4])).toThrow(ArgumentError);
    expect(() => reshape(zeros([2, 3]), [0, -1])).toThrow(ShapeError);
    expect(reshape(zeros([0, 3]), [0, -1]).shape).toEqual([0, 0]);
  });

  test('flatten, squeeze and unsqueeze refuse axes that are not there', () => {
    expect(() => flatten(zeros([2, 3, 4]), { startAxis: 2, endAxis: 1 })).toThrow(ArgumentError);
    expect(() => flatten(zeros([2, 3]), { startAxis: 2 })).toThrow(RangeIndexError);
    expect(() => squeeze(zeros([2, 1]), 2)).toThrow(RangeIndexError);
    expect(() => unsqueeze(zeros([2, 1]), 3)).toThrow('a new axis of [2, 1] can be from -3 to 2, not 3');
    expect(() => unsqueeze(zeros([2, 1]), -4)).toThrow(RangeIndexError);
  });
});

describe('permute', () => {
  test('refuses an order that is none', () => {
    expect(() => permute(zeros([2, 3]), [0])).toThrow('permute: the order [0] does not name each axis of [2, 3] once');
    expect(() => permute(zeros([2, 3]), [0, 0])).toThrow(ArgumentError);
    expect(() => permute(zeros([2, 3]), [0, 2])).toThrow(RangeIndexError);
    expect(() => transpose(zeros([3]))).toThrow(RangeIndexError);
  });

  test('large matrices are turned exactly', () => {
    const x = arange(0, 61 * 45).reshape([61, 45]);
    const turned = x.transpose().data();
    expect(Array.from(turned)).toEqual(Array.from(turned, (_, i) => (i % 61) * 45 + Math.floor(i / 61)));
  });
});

describe('slice, select, split', () => {
  test('refuse steps and positions that are none', () => {
    expect(() => slice(arange(5), 0, 5, { step: 0 })).toThrow(ArgumentError);
    expect(() => slice(arange(5), 4, 0, { step: -1 })).toThrow('step must be a whole number ≥ 1, not -1');
    expect(() => slice(arange(5), 0.5)).toThrow(ArgumentError);
    expect(() => slice(arange(5), 0, 1, { axis: 1 })).toThrow(RangeIndexError);
    expect(() => slice(tensor(3), 0)).toThrow(ShapeError);
    expect(() => select(zeros([2, 3]), 1, 3)).toThrow('select: index 3 is outside axis 1 of length 3 of shape [2, 3]');
    expect(() => select(zeros([2, 3]), 1, -4)).toThrow(RangeIndexError);
    expect(() => split(arange(5), [2, 2])).toThrow(
      'split: pieces of [2, 2] do not make up axis 0 of length 5 of shape [5]',
    );
    expect(() => split(arange(5), [6, -1])).toThrow(ShapeError);
    expect(() => split(arange(5), 0)).toThrow(ArgumentError);
  });

  test('split gives whole pieces and a rest', () => {
    expect(
      arange(7)
        .split(3)
        .map((piece) => piece.toArray()),
    ).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(split(zeros([0, 2]), 3).map((piece) => piece.shape)).toEqual([[0, 2]]);
  });
});

describe('concat and stack', () => {
  test('name the axis that disagrees', () => {
    expect(() => concat([zeros([2, 3]), zeros([2, 4])])).toThrow(
      'concat: shapes [2, 3] and [2, 4] cannot be joined along axis 0: axis 1 has 3 and 4',
    );
    expect(() => concat([zeros([2, 3]), zeros([2])])).toThrow('they have different numbers of axes');
    expect(() => concat([zeros([2]), zeros([2], { dtype: 'int32' })])).toThrow(DTypeError);
    expect(() => concat([])).toThrow(ArgumentError);
    expect(() => concat([tensor(1), tensor(2)])).toThrow('use stack()');
    expect(() => stack([zeros([2]), zeros([3])])).toThrow('stack: shapes [2] and [3] differ');
    expect(() => stack([])).toThrow(ArgumentError);
    expect(() => stack([zeros([2])], 2)).toThrow(RangeIndexError);
  });
});

describe('pad and flip', () => {
  test('pads the last axis first, as PyTorch', () => {
    expect(pad(eye(2), [0, 1, 2, 0], -1).toArray()).toEqual([
      [-1, -1, -1],
      [-1, -1, -1],
      [1, 0, -1],
      [0, 1, -1],
    ]);
  });

  test('refuse negative padding, half pairs, too many pairs, axes that are not there', () => {
    expect(() => pad(arange(5), [-1, 0])).toThrow('use slice() to cut off');
    expect(() => pad(arange(5), [1])).toThrow(ArgumentError);
    expect(() => pad(arange(5), [1, 1, 1, 1])).toThrow(ShapeError);
    expect(() => flip(arange(5), 1)).toThrow(RangeIndexError);
    expect(() => flip(zeros([2, 2]), [0, -2])).toThrow(ArgumentError);
  });
});

describe('gather, embedding, oneHot', () => {
  const ids = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'int32' });

  test('an index out of range names its place and value', () => {
    expect(() =>
      gather(
        zeros([2, 3]),
        1,
        ids([
          [0, 1],
          [2, 3],
        ]),
      ),
    ).toThrow('gather: index 3 at position [1, 1] is outside 0 … 2');
    expect(() => gather(zeros([2, 3]), 1, ids([[0], [-1]]))).toThrow(RangeIndexError);
    expect(() => embedding(ids([0, 4]), zeros([4, 2]))).toThrow('embedding: index 4 at row 1 is outside 0 … 3');
    expect(() => oneHot(ids([0, 4]), 4)).toThrow('oneHot: index 4 at row 1 is outside 0 … 3');
  });

  test('shapes and dtypes that do not go together', () => {
    expect(() => gather(zeros([2, 3]), 1, ids([0, 1]))).toThrow('they have different numbers of axes');
    expect(() => gather(zeros([2, 3]), 1, ids([[0], [0], [0]]))).toThrow(
      'indices of shape [3, 1] do not pick from shape [2, 3] along axis 1: axis 0 has 3, more than 2',
    );
    expect(() => gather(zeros([2, 3]), 1, zeros([2, 1]))).toThrow("convert them with to('int32')");
    expect(() => gather(zeros([2, 3], { dtype: 'uint8' }), 1, ids([[0], [0]]))).toThrow(DTypeError);
    expect(() => embedding(ids([0]), zeros([4]))).toThrow(ShapeError);
    expect(() => embedding(zeros([1]), zeros([4, 2]))).toThrow(DTypeError);
    expect(() => embedding(ids([0]), zeros([4, 2]), { paddingIdx: 4 })).toThrow(ArgumentError);
    expect(() => oneHot(ids([0]), 0)).toThrow(ArgumentError);
  });

  test('the padding row receives no gradient', () => {
    const weight = zeros([3, 2], { requiresGrad: true });
    for (const paddingIdx of [1, -2]) {
      sum(embedding(ids([0, 1, 1, 2, 0]), weight, { paddingIdx })).backward();
      expect(weight.grad!.toArray()).toEqual([
        [2, 2],
        [0, 0],
        [1, 1],
      ]);
      weight.zeroGrad();
    }
  });
});

describe('repeat and expand', () => {
  test('refuse counts and shapes that do not fit', () => {
    expect(() => repeat(zeros([2, 3]), [2])).toThrow('repeat: 1 counts for the 2 axes of shape [2, 3]');
    expect(() => repeat(zeros([2, 3]), [1, -1])).toThrow(ArgumentError);
    expect(() => expand(zeros([2, 3]), [2, 4])).toThrow(ShapeError);
    expect(() => expand(zeros([3]), [-1, 3])).toThrow(ArgumentError);
  });
});
