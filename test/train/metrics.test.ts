import { describe, expect, test } from 'vitest';
import {
  accuracy,
  ConfusionMatrix,
  confusionMatrix,
  predictedClasses,
  RangeIndexError,
  ShapeError,
  scope,
  tensor,
} from '../../src/index.js';

const labels = (ids: number[]) => tensor(ids, { dtype: 'int32' });
const scores = () =>
  tensor([
    [0.1, 0.9, 0],
    [3, -1, 2],
    [0, 0, 0],
    [-5, -4, -3],
  ]);

describe('metrics', () => {
  test('the highest score wins, the first of equal ones', () =>
    scope(() => {
      expect(Array.from(predictedClasses(scores()))).toEqual([1, 0, 0, 2]);
    }));

  test('accuracy is the share of right rows', () =>
    scope(() => {
      expect(accuracy(scores(), labels([1, 0, 0, 2]))).toBe(1);
      expect(accuracy(scores(), labels([1, 2, 1, 2]))).toBe(0.5);
    }));

  test('the confusion matrix counts right classes by row, predicted ones by column, over batches', () =>
    scope(() => {
      expect(confusionMatrix(scores(), labels([1, 2, 0, 2]))).toEqual([
        [1, 0, 0],
        [0, 1, 0],
        [1, 0, 1],
      ]);
      const sum = new ConfusionMatrix(3).add(scores(), labels([1, 2, 0, 2])).add(scores(), labels([1, 1, 1, 1]));
      expect(sum.counts).toEqual([
        [1, 0, 0],
        [2, 2, 1],
        [1, 0, 1],
      ]);
      expect(String(sum)).toBe('  0 1 2\n0 1 0 0\n1 2 2 1\n2 1 0 1');
    }));

  test('what is not a score or label is refused', () =>
    scope(() => {
      expect(() => accuracy(scores(), labels([1, 2]))).toThrow(ShapeError);
      expect(() => accuracy(scores(), tensor([1, 0, 0, 2]))).toThrow(/int32 labels \[N\] are needed.*float32 \[4\]/);
      expect(() => new ConfusionMatrix(4).add(scores(), labels([0, 0, 0, 0]))).toThrow(ShapeError);
      expect(() => confusionMatrix(scores(), labels([0, 3, 0, 0]))).toThrow(RangeIndexError);
    }));
});
