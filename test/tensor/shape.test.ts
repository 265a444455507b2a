import { describe, expect, test } from 'vitest';
import { broadcastShapes, broadcastStrides, mergeAxes, stridesOf } from '../../src/tensor/shape.js';

describe('broadcasting', () => {
  test('aligns shapes at the last axis', () => {
    expect(broadcastShapes([8, 3, 28, 28], [3, 1, 1], 'add')).toEqual([8, 3, 28, 28]);
    expect(broadcastShapes([4, 1], [5], 'add')).toEqual([4, 5]);
    expect(broadcastShapes([0, 3], [1, 1], 'add')).toEqual([0, 3]);
  });
  test('has stride 0 where a shape repeats', () => {
    expect(broadcastStrides([3, 1, 1], [8, 3, 28, 28])).toEqual([0, 1, 0, 0]);
    expect(broadcastStrides([2, 5], [2, 5])).toEqual([5, 1]);
    expect(broadcastStrides([], [4])).toEqual([0]);
  });
});

describe('mergeAxes', () => {
  const merged = (shape: number[], ...inputs: number[][]) =>
    mergeAxes(
      shape,
      inputs.map((input) => broadcastStrides(input, shape)),
    );
  test('makes one axis of neighbours that are walked in one stride', () => {
    expect(merged([2, 3, 4], [2, 3, 4], [2, 3, 4])).toEqual([[24, 1, 1]]);
    expect(merged([2, 3, 4], [2, 3, 4], [])).toEqual([[24, 1, 0]]);
    expect(merged([8, 3, 28, 28], [8, 3, 28, 28], [3, 1, 1])).toEqual([
      [8, 2352, 0],
      [3, 784, 1],
      [784, 1, 0],
    ]);
  });
  test('leaves axes apart that one operand passes differently', () => {
    expect(merged([2, 3], [2, 1], [1, 3])).toEqual([
      [2, 1, 0],
      [3, 0, 1],
    ]);
    expect(mergeAxes([2, 3], [stridesOf([2, 3]), [1, 2]])).toEqual([
      [2, 3, 1],
      [3, 1, 2],
    ]);
  });
  test('drops axes of size 1, but not the last row', () => {
    expect(merged([1, 5, 1], [1, 5, 1])).toEqual([[5, 1]]);
    expect(merged([1, 1], [1, 1], [])).toEqual([[1, 0, 0]]);
    expect(merged([], [])).toEqual([[1, 0]]);
  });
});
