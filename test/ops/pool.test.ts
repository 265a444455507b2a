import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  adaptiveAvgPool2d,
  avgPool2d,
  DTypeError,
  maxPool2d,
  ones,
  scope,
  tensor,
  zeros,
} from '../../src/index.js';

describe('maxPool2d', () => {
  test('the gradient goes to the first of equal elements, in whole vectors and cut ones', () => {
    scope(() => {
      const x = zeros([1, 2, 10], { requiresGrad: true });
      maxPool2d(x, 2).backward({ gradient: ones([1, 1, 5]) });
      expect(x.grad!.toArray()).toEqual([
        [
          [1, 0, 1, 0, 1, 0, 1, 0, 1, 0],
          [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ],
      ]);
    });
  });

  test('each place of a window can win', () => {
    scope(() => {
      // Four windows side by side (a vector) and one more, with the largest at a, b, c, d and d.
      const x = tensor(
        [
          [
            [9, 1, 1, 9, 1, 1, 1, 1, 1, 1],
            [1, 1, 1, 1, 9, 1, 1, 9, 1, 9],
          ],
        ],
        { requiresGrad: true },
      );
      const y = maxPool2d(x, 2);
      expect(y.toArray()).toEqual([[[9, 9, 9, 9, 9]]]);
      y.backward({ gradient: tensor([[[1, 2, 3, 4, 5]]]) });
      expect(x.grad!.toArray()).toEqual([
        [
          [1, 0, 0, 2, 0, 0, 0, 0, 0, 0],
          [0, 0, 0, 0, 3, 0, 0, 4, 0, 5],
        ],
      ]);
    });
  });

  test('NaN wins, and takes the gradient', () => {
    scope(() => {
      const row = [NaN, 5, 1, 2, 3, 4, 5, 6, NaN, 7];
      const x = tensor([[row, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]], { requiresGrad: true });
      const y = maxPool2d(x, 2);
      expect(y.toArray()).toEqual([[[NaN, 4, 6, 8, NaN]]]);
      y.backward({ gradient: ones([1, 1, 5]) });
      expect(x.grad!.toArray()).toEqual([
        [
          [1, 0, 0, 0, 0, 0, 0, 0, 1, 0],
          [0, 0, 0, 1, 0, 1, 0, 1, 0, 0],
        ],
      ]);
    });
  });

  test('NaN wins over ∞ before and behind it, and the last NaN over others', () => {
    scope(() => {
      const [top, bottom] = [
        [NaN, Infinity, Infinity, NaN, NaN, 1, Infinity, 2],
        [Infinity, 1, Infinity, 0, NaN, 1, Infinity, Infinity],
      ];
      const x = tensor([[top, bottom]], { requiresGrad: true });
      const y = maxPool2d(x, 2);
      expect(y.toArray()).toEqual([[[NaN, NaN, NaN, Infinity]]]);
      y.backward({ gradient: ones([1, 1, 4]) });
      expect(x.grad!.toArray()).toEqual([
        [
          [1, 0, 0, 1, 0, 0, 1, 0],
          [0, 0, 0, 0, 1, 0, 0, 0],
        ],
      ]);
    });
  });

  test('padding never wins, not even against −∞', () => {
    scope(() => {
      expect(maxPool2d(tensor([[[-3]]]), 3, { stride: 1, padding: 1 }).toArray()).toEqual([[[-3]]]);
      expect(maxPool2d(tensor([[[-Infinity, -Infinity]]]), [1, 2]).toArray()).toEqual([[[-Infinity]]]);
    });
  });
});

describe('pools', () => {
  test('name the axis and both sizes when the window does not fit', () => {
    scope(() => {
      for (const pool of [maxPool2d, avgPool2d]) {
        expect(() => pool(zeros([2, 3, 1, 4]), 2), pool.name).toThrow(
          `${pool.name}: the window (2) is larger than the padded input (1) along the height of [2, 3, 1, 4]`,
        );
        expect(() => pool(zeros([4, 4]), 2), pool.name).toThrow(
          'the input must be [N, C, H, W] or [C, H, W], not [4, 4]',
        );
        expect(() => pool(zeros([1, 1, 4, 4]), 3, { padding: 2 }), pool.name).toThrow(
          "padding 2 is more than half of the kernel's 3",
        );
        for (const [size, options] of [
          [0, {}],
          [2, { stride: 0 }],
          [2, { padding: -1 }],
          [1.5, {}],
        ] as const) {
          expect(() => pool(zeros([1, 1, 4, 4]), size, options), pool.name).toThrow(ArgumentError);
        }
        expect(() => pool(zeros([1, 1, 4, 4], { dtype: 'uint8' }), 2), pool.name).toThrow(DTypeError);
      }
      expect(() => avgPool2d(zeros([1, 1, 4, 4]), 2, { divisorOverride: 0 })).toThrow(ArgumentError);
      expect(() => adaptiveAvgPool2d(zeros([1, 1, 0, 4]), 1)).toThrow('images of 0 × 4 ([1, 1, 0, 4]) have no mean');
      expect(() => adaptiveAvgPool2d(zeros([1, 1, 4, 4]), 0)).toThrow(ArgumentError);
    });
  });

  test('take one image without a batch axis', () => {
    scope(() => {
      expect(avgPool2d(ones([3, 4, 6]), 2).shape).toEqual([3, 2, 3]);
      expect(adaptiveAvgPool2d(ones([3, 4, 6]), 1).toArray()).toEqual([[[1]], [[1]], [[1]]]);
    });
  });
});
