import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  type Conv2dOptions,
  conv2d,
  convTranspose2d,
  DTypeError,
  ones,
  randn,
  ShapeError,
  scope,
  zeros,
} from '../../src/index.js';

describe('conv2d', () => {
  test('names what disagrees, both shapes and the mend', () => {
    scope(() => {
      expect(() => conv2d(zeros([2, 3, 8, 8]), zeros([4, 1, 3, 3]))).toThrow(
        'conv2d: the input has 3 channels (axis 1 of [2, 3, 8, 8]), but weight [4, 1, 3, 3] ' +
          'expects 1\n  hint: give the layer inChannels = 3',
      );
      expect(() => conv2d(zeros([2, 8, 8, 3]), zeros([4, 3, 3, 3]))).toThrow('permute [N, H, W, C] first');
      expect(() => conv2d(zeros([2, 4, 8, 8]), zeros([4, 1, 3, 3]), null, { groups: 2 })).toThrow(
        'expects 1 in each of 2 groups',
      );
      expect(() => conv2d(zeros([2, 4, 8, 8]), zeros([3, 2, 3, 3]), null, { groups: 2 })).toThrow(
        'the 3 output channels of weight [3, 2, 3, 3] do not divide into 2 groups',
      );
      expect(() => conv2d(zeros([2, 1, 4, 4]), zeros([4, 1, 5, 5]))).toThrow(
        'the kernel (5 × 5) is larger than the padded input (4 × 4): input [2, 1, 4, 4], weight [4, 1, 5, 5]',
      );
      expect(() => conv2d(zeros([2, 1, 4, 4]), zeros([4, 1, 3, 3]), null, { dilation: 2 })).toThrow(
        'the kernel (5 × 5 with its dilation)',
      );
      expect(() => conv2d(zeros([2, 1, 4, 4]), zeros([4, 1, 3, 3]), zeros([3]))).toThrow(
        'the bias must have shape [4]',
      );
      expect(() => conv2d(zeros([2, 784]), zeros([4, 1, 3, 3]))).toThrow('reshaped to [N, C, H, W]');
      expect(() => conv2d(zeros([2, 1, 4, 4]), zeros([4, 9]))).toThrow(ShapeError);
      expect(() => conv2d(zeros([2, 1, 4, 4]), zeros([4, 1, 0, 3]))).toThrow('is empty');
    });
  });

  test('refuses options outside their range', () => {
    scope(() => {
      const [x, weight] = [zeros([1, 1, 4, 4]), zeros([1, 1, 3, 3])];
      for (const options of [
        { stride: 0 },
        { stride: 1.5 },
        { padding: -1 },
        { dilation: 0 },
        { groups: 0 },
        { padding: 'same', stride: 2 },
        { stride: [1, 2, 3] as never },
      ] as const) {
        expect(() => conv2d(x, weight, null, options), JSON.stringify(options)).toThrow(ArgumentError);
      }
      expect(() => conv2d(zeros([1, 1, 4, 4], { dtype: 'uint8' }), weight)).toThrow(DTypeError);
    });
  });

  test('gives an image the same bits alone and anywhere in a batch', () => {
    const all: readonly (readonly [
      readonly [number, number, number, number],
      readonly [number, number, number, number],
      Conv2dOptions,
    ])[] = [
      [[11, 4, 9, 11], [18, 4, 3, 3], { stride: 2, padding: 1 }],
      [[6, 16, 5, 5], [16, 16, 1, 1], { stride: 2 }],
      [[10, 32, 3, 3], [17, 32, 1, 1], {}],
      [[7, 8, 6, 6], [16, 8, 3, 3], { padding: 1, precision: 'precise' }],
      [[5, 4, 6, 14], [16, 4, 5, 5], { padding: 2 }],
      [[6, 1, 9, 12], [5, 1, 3, 3], { padding: 1 }],
      [[5, 4, 6, 9], [4, 1, 3, 3], { groups: 4 }],
    ];
    for (const [shape, weightShape, options] of all) {
      scope(() => {
        const x = randn(shape, { requiresGrad: true });
        const weight = randn(weightShape);
        const y = conv2d(x, weight, null, options);
        const dy = randn(y.shape);
        y.backward({ gradient: dy });
        for (let i = 0; i < shape[0]; i++) {
          const image = x
            .detach()
            .slice(i, i + 1)
            .requireGrad();
          const alone = conv2d(image, weight, null, options);
          expect(alone.toArray()).toEqual(y.slice(i, i + 1).toArray());
          alone.backward({ gradient: dy.slice(i, i + 1) });
          expect(image.grad!.toArray()).toEqual(x.grad!.slice(i, i + 1).toArray());
        }
      });
    }
  });

  test('passes over no zero of the gradient that meets an infinity: 0 · ∞ is NaN', () => {
    scope(() => {
      // The gradient is 1 at one corner of [4, 8, 8] and 0 elsewhere; ∞ lies at the other corner of x, or is one of the
      // weights.
      const gradient = zeros([1, 4, 8, 8]);
      gradient.assign([1, ...new Array<number>(255).fill(0)]);
      const gradients = (pixel: number, last: number) => {
        const x = ones([1, 2, 8, 8], { requiresGrad: true });
        x.assign([...new Array<number>(127).fill(1), pixel]);
        const weight = ones([4, 2, 3, 3], { requiresGrad: true });
        weight.assign([...new Array<number>(71).fill(1), last]);
        conv2d(x, weight, null, { padding: 1 }).backward({ gradient });
        return { dx: x.grad!.data(), dWeight: weight.grad!.data() };
      };
      const finite = gradients(1, 1);
      expect([...finite.dx, ...finite.dWeight].every(Number.isFinite)).toBe(true);
      // Tap (1, 1) of the second channel meets the last pixel, with a gradient of 0.
      expect(gradients(Infinity, 1).dWeight[13]).toBeNaN();
      // The last weight meets only zeros.
      expect(gradients(1, Infinity).dx.some(Number.isNaN)).toBe(true);
    });
  });

  test('takes one image without a batch axis', () => {
    scope(() => {
      const x = ones([1, 4, 5], { requiresGrad: true });
      const y = conv2d(x, ones([2, 1, 3, 3]));
      expect(y.shape).toEqual([2, 2, 3]);
      expect(y.toArray()).toEqual([
        [
          [9, 9, 9],
          [9, 9, 9],
        ],
        [
          [9, 9, 9],
          [9, 9, 9],
        ],
      ]);
      y.backward({ gradient: ones([2, 2, 3]) });
      expect(x.grad!.shape).toEqual([1, 4, 5]);
    });
  });
});

describe('convTranspose2d', () => {
  test('names what disagrees, both shapes and the mend', () => {
    scope(() => {
      expect(() => convTranspose2d(zeros([2, 3, 8, 8]), zeros([4, 3, 3, 3]))).toThrow(
        'convTranspose2d: the input has 3 channels (axis 1 of [2, 3, 8, 8]), but weight [4, 3, 3, 3] expects 4',
      );
      expect(() => convTranspose2d(zeros([1, 4, 2, 2]), zeros([4, 3, 3, 3]), zeros([3]), { groups: 2 })).toThrow(
        'the bias must have shape [6]',
      );
      expect(() => convTranspose2d(zeros([1, 3, 2, 2]), zeros([3, 1, 3, 3]), null, { groups: 2 })).toThrow(
        'the 3 input channels of weight [3, 1, 3, 3] do not divide into 2 groups',
      );
      expect(() => convTranspose2d(zeros([1, 1, 2, 2]), zeros([1, 1, 1, 1]), null, { padding: 1 })).toThrow(
        'give images of 0 × 0',
      );
      expect(() => convTranspose2d(zeros([1, 1, 2, 2]), zeros([1, 1, 2, 2]), null, { outputPadding: 1 })).toThrow(
        'outputPadding 1 must be smaller than the stride (1) or the dilation (1)',
      );
    });
  });
});
