/** What the operations that resize, pad and drop channels refuse, and what no twin shows. */
import { expect, test } from 'vitest';
import {
  ArgumentError,
  adaptiveMaxPool2d,
  dropout1d,
  dropout2d,
  interpolate,
  manualSeed,
  ones,
  pad,
  pixelShuffle,
  ShapeError,
  tensor,
  unflatten,
  zeros,
} from '../../src/index.js';

test('dropout2d drops whole channels, a share p of them, and passes gradients alike', () => {
  manualSeed(3);
  const x = ones([100, 20, 2, 2]).requireGrad();
  const y = dropout2d(x, 0.25);
  y.backward({ gradient: ones(y.shape) });
  const values = y.data();
  expect(x.grad!.data()).toEqual(values);
  const channels = Array.from({ length: 2000 }, (_, i) => values.subarray(4 * i, 4 * i + 4));
  expect(channels.every((channel) => channel.every((value) => value === channel[0]))).toBe(true);
  expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
  const dropped = channels.filter(([value]) => value === 0).length;
  expect(Math.abs(dropped / 2000 - 0.25)).toBeLessThan(0.04);
  manualSeed(3);
  expect(dropout1d(ones([100, 20, 4]), 0.25).data()).toEqual(values);
  x.zeroGrad();
});

test('sizes and modes that do not go together', () => {
  const image = zeros([1, 2, 3, 4]);
  expect(() => interpolate(image, {})).toThrow('interpolate: give either size or scaleFactor');
  expect(() => interpolate(image, { size: 2, scaleFactor: 2 })).toThrow(ArgumentError);
  expect(() => interpolate(zeros([2, 3]), { size: 2 })).toThrow(ShapeError);
  expect(() => interpolate(zeros([1, 2, 3]), { size: 2, mode: 'bilinear' })).toThrow("'bilinear' takes [N, C, H, W]");
  expect(() => interpolate(image, { size: 2, mode: 'linear' })).toThrow(ShapeError);
  expect(() => interpolate(image, { size: 2, alignCorners: true })).toThrow('alignCorners has no meaning');
  expect(() => interpolate(image, { size: [2] })).toThrow('1 numbers are given for 2 axes');
  expect(() => interpolate(image, { scaleFactor: 0.1 })).toThrow('cannot get length 0');
  expect(() => pixelShuffle(image, 2)).toThrow('2 channels are not divisible by 2·2');
  expect(() => unflatten(image, 3, [3, -1])).toThrow('axis 3 of [1, 2, 3, 4] is not made of [3, -1]');
  expect(() => adaptiveMaxPool2d(zeros([1, 2, 0, 4]), 1)).toThrow('have no maximum');
  expect(() => dropout2d(zeros([2, 3]))).toThrow('it takes [N, C, H, W]');
  expect(() => dropout1d(zeros([2, 3]), 1.5)).toThrow('dropout1d: p is a probability');
  expect(() => pad(image, [4, 0], { mode: 'reflect' })).toThrow('too short for a reflect padding of 4');
  expect(() => pad(image, [5, 0], { mode: 'circular' })).toThrow(ShapeError);
  expect(() => pad(zeros([0]), [1, 0], { mode: 'replicate' })).toThrow(ShapeError);
});

test('nothing is computed from what is not needed: NaN stays where it is', () => {
  const x = tensor([[[1, NaN, 3]]]);
  expect(interpolate(x, { scaleFactor: 2 }).toArray()).toEqual([[[1, 1, NaN, NaN, 3, 3]]]);
  expect(pad(x, [1, 1], { mode: 'circular' }).toArray()).toEqual([[[3, 1, NaN, 3, 1]]]);
  expect(adaptiveMaxPool2d(x, [1, 2]).toArray()).toEqual([[[NaN, NaN]]]);
});

test('borders of integers', () => {
  const x = tensor([1, 2, 3], { dtype: 'int32' });
  expect(pad(x, [2, 2], { mode: 'replicate' }).toArray()).toEqual([1, 1, 1, 2, 3, 3, 3]);
  expect(pad(x, [0, 0], { mode: 'reflect' }).toArray()).toEqual([1, 2, 3]);
});
