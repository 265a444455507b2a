import { beforeEach, describe, expect, test } from 'vitest';
import { ArgumentError, manualSeed, nn, randn, ShapeError, type Tensor, tensor, zeros } from '../../src/index.js';

beforeEach(() => manualSeed(1));

/** Two batches of two channels: means [2, 30] and [6, 0], unbiased variances [2, 200] and [8, 0]. */
const batches = () => [
  tensor([
    [1, 20],
    [3, 40],
  ]),
  tensor([
    [4, 0],
    [8, 0],
  ]),
];

const running = ({ runningMean, runningVar, numBatchesTracked }: nn.BatchNorm) => [
  Array.from(runningMean!.view()),
  Array.from(runningVar!.view()),
  numBatchesTracked!.item(),
];

function expectClose(got: ArrayLike<number>, want: readonly number[]): void {
  expect(got.length).toBe(want.length);
  want.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 4));
}

describe('running statistics', () => {
  test('running = (1 − momentum)·running + momentum·batch, by the unbiased variance', () => {
    const layer = new nn.BatchNorm1d(2);
    for (const x of batches()) layer.forward(x);
    expectClose(layer.runningMean!.view(), [0.9 * 0.2 + 0.6, 0.9 * 3]);
    expectClose(layer.runningVar!.view(), [0.9 * (0.9 + 0.2) + 0.8, 0.9 * (0.9 + 20)]);
    expect(layer.numBatchesTracked!.item()).toBe(2);
    expect(layer.numBatchesTracked!.dtype).toBe('int32');
  });

  test('momentum null: the plain average over the batches', () => {
    const layer = new nn.BatchNorm1d(2, { momentum: null });
    for (const x of batches()) layer.forward(x);
    expectClose(layer.runningMean!.view(), [4, 15]);
    expectClose(layer.runningVar!.view(), [5, 100]);
  });

  test('evaluation uses them and leaves them alone', () => {
    const layer = new nn.BatchNorm2d(2, { eps: 0 }).eval();
    layer.runningMean!.assign([1, 2]);
    layer.runningVar!.assign([4, 16]);
    layer.weight!.assign([1, 2]);
    layer.bias!.assign([0, 0.5]);
    expect(layer.forward(tensor([[[[3]], [[6]]]])).toArray()).toEqual([[[[1]], [[2.5]]]]);
    expect(running(layer)).toEqual([[1, 2], [4, 16], 0]);
  });

  test('without them, evaluation uses those of the batch', () => {
    const layer = new nn.BatchNorm1d(2, { trackRunningStats: false });
    const [x] = batches() as [Tensor];
    const training = layer.forward(x).toArray();
    expect(layer.eval().forward(x).toArray()).toEqual(training);
    expectClose((training as number[][]).flat(), [-1, -1, 1, 1]);
    expect(layer.buffers()).toEqual([]);
  });

  test('a batch that is refused does not count', () => {
    const layer = new nn.BatchNorm1d(2);
    expect(() => layer.forward(zeros([1, 2]))).toThrow(/more than 1 value per channel.*\(in layer BatchNorm1d\)/);
    expect(running(layer)).toEqual([[0, 0], [1, 1], 0]);
  });

  test('resetRunningStats and resetParameters', () => {
    const layer = new nn.BatchNorm1d(2);
    layer.forward(randn([5, 2]));
    layer.weight!.assign([3, 3]);
    layer.resetRunningStats();
    expect(running(layer)).toEqual([[0, 0], [1, 1], 0]);
    expect(layer.weight!.toArray()).toEqual([3, 3]);
    layer.resetParameters();
    expect(layer.weight!.toArray()).toEqual([1, 1]);
    new nn.BatchNorm1d(2, { affine: false, trackRunningStats: false }).resetParameters();
  });
});

describe('wrong use', () => {
  test('axes and channels that do not fit', () => {
    expect(() => new nn.BatchNorm2d(4).forward(zeros([2, 4]))).toThrow(
      /BatchNorm2d: the input must be \[N, C, H, W\], not of shape \[2, 4\][\s\S]*BatchNorm1d/,
    );
    expect(() => new nn.BatchNorm1d(4).forward(zeros([2, 4, 3, 3]))).toThrow(
      /BatchNorm1d: the input must be \[N, C\] or \[N, C, L\][\s\S]*BatchNorm2d/,
    );
    // @ts-expect-error layer 1 takes 4 channels, but layer 0 gives 8
    const model = new nn.Sequential(new nn.Conv2d(1, 8, 3), new nn.BatchNorm2d(4));
    expect(() => model.forward(zeros([2, 1, 5, 5]))).toThrow(ShapeError);
    expect(() => model.forward(zeros([2, 1, 5, 5]))).toThrow(
      /shape \[2, 8, 3, 3\]\) has 8 channels on axis 1, but the layer has 4 \(in layer 1\)/,
    );
  });

  test('options out of range', () => {
    expect(() => new nn.BatchNorm1d(2, { momentum: 1.5 })).toThrow(ArgumentError);
    expect(() => new nn.BatchNorm1d(0)).toThrow(/BatchNorm1d: numFeatures must be a whole number ≥ 1/);
    expect(() => new nn.GroupNorm(3, 4)).toThrow(/4 channels cannot be shared out among 3 groups/);
    expect(() => new nn.LayerNorm([3, 0])).toThrow(/normalizedShape must be sizes ≥ 1/);
    expect(() => new nn.Dropout(1.5)).toThrow(/p is a probability in \[0, 1\], not 1\.5/);
  });
});
