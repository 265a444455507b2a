import { expect, test } from 'vitest';
import { nn, ones, scope, tensor, trackTensors, zeros } from '../../src/index.js';

test('tells what is still alive, by operation and layer', () => {
  const model = new nn.Sequential(new nn.Linear(4, 3), new nn.ReLU());
  const tracker = trackTensors();
  const kept = scope(() => {
    zeros([100]);
    return { y: model.forward(ones([2, 4])), sum: ones([5]).add(1) };
  });
  expect(tracker.live()).toEqual([
    { count: 1, bytes: 24, shape: [2, 3], dtype: 'float32', op: 'relu', layer: '1' },
    { count: 1, bytes: 20, shape: [5], dtype: 'float32', op: 'add', layer: undefined },
  ]);
  const others = [tensor([1]), tensor([2])];
  expect(tracker.live().at(-1)).toEqual({
    count: 2,
    bytes: 8,
    shape: [1],
    dtype: 'float32',
    op: undefined,
    layer: undefined,
  });
  for (const t of [kept.y, kept.sum, ...others]) t.dispose();
  expect(tracker.live()).toEqual([]);
  tracker.stop();
  ones([1]).dispose();
  expect(tracker.live()).toEqual([]);
});
