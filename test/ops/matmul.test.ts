import { describe, expect, test } from 'vitest';
import { DTypeError, linear, matmul, ones, ShapeError, scope, tensor, zeros } from '../../src/index.js';

describe('matmul', () => {
  test('names the axis that disagrees, both shapes and the mend', () => {
    scope(() => {
      expect(() => matmul(zeros([2, 3]), zeros([4, 3]))).toThrow(
        'matmul: shapes [2, 3] and [4, 3] do not multiply: axis 1 of the left has 3, axis 0 of ' +
          'the right has 4\n  hint: transpose the right operand',
      );
      expect(() => matmul(zeros([2, 3]), zeros([2, 5]))).toThrow('transpose the left operand');
      expect(() => matmul(zeros([3]), zeros([4]))).toThrow(ShapeError);
      expect(() => matmul(zeros([2, 2, 3]), zeros([5, 3, 1]))).toThrow(
        'matmul: the batch axes of [2, 2, 3] and [5, 3, 1] do not broadcast: axis −3 has 2 and 5',
      );
      expect(() => matmul(zeros([]), zeros([1]))).toThrow('a scalar is not a matrix');
    });
  });

  test('takes float32 only', () => {
    scope(() => expect(() => matmul(zeros([1, 1], { dtype: 'int32' }), zeros([1, 1]))).toThrow(DTypeError));
  });

  test('is a method too', () => {
    scope(() =>
      expect(
        tensor([
          [1, 2],
          [3, 4],
        ])
          .matmul(tensor([5, 6]))
          .toArray(),
      ).toEqual([17, 39]),
    );
  });

  test('of a tensor with itself: both gradients add up', () => {
    scope(() => {
      const x = tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { requiresGrad: true },
      );
      matmul(x, x).backward({ gradient: ones([2, 2]) });
      // dx = dc·xᵀ + xᵀ·dc with dc all ones: row sums of x along rows, column sums along columns.
      expect(x.grad!.toArray()).toEqual([
        [3 + 4, 7 + 4],
        [3 + 6, 7 + 6],
      ]);
    });
  });

  test('leaves out the gradient that nothing asks for', () => {
    scope(() => {
      const a = ones([2, 2], { requiresGrad: true });
      const b = ones([2, 2]);
      matmul(a, b).backward({ gradient: ones([2, 2]) });
      expect(a.grad!.toArray()).toEqual([
        [2, 2],
        [2, 2],
      ]);
      expect(b.grad).toBe(null);
    });
  });
});

describe('linear', () => {
  test('names the sizes that disagree and the mend', () => {
    scope(() => {
      const weight = zeros([10, 784]);
      expect(() => linear(zeros([2, 28, 28]), weight)).toThrow(
        'linear: the input (shape [2, 28, 28]) has 28 features on axis 2, but weight ' +
          '[10, 784] expects 784\n  hint: flatten it first',
      );
      expect(() => linear(zeros([2, 100]), weight)).toThrow('inFeatures = 100');
      expect(() => linear(zeros([]), weight)).toThrow(ShapeError);
      expect(() => linear(zeros([2, 784]), weight, zeros([5]))).toThrow(
        'bias has shape [5], but weight [10, 784] gives 10 outputs',
      );
      expect(() => linear(zeros([2, 784]), zeros([784]))).toThrow(
        'weight must be [outFeatures, inFeatures], not [784]',
      );
      expect(() => linear(zeros([2, 784], { dtype: 'uint8' }), weight)).toThrow(DTypeError);
    });
  });
});
