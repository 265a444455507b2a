import { beforeEach, describe, expect, test } from 'vitest';
import {
  bceWithLogits,
  crossEntropy,
  l1Loss,
  manualSeed,
  memory,
  mseLoss,
  nllLoss,
  nn,
  rand,
  randn,
  ShapeError,
  scope,
  smoothL1Loss,
  type Tensor,
  tensor,
} from '../../src/index.js';

beforeEach(() => manualSeed(1));

const classIds = () => tensor([2, 0, 1, 2], { dtype: 'int32' });
const weights = () => tensor([1, 2, 0.5]);

/** A loss module, its targets for scores [4, 3], and the operation that it stands for. */
type Row = [
  name: string,
  make: () => nn.Module<[Tensor, Tensor]>,
  target: () => Tensor,
  same: (x: Tensor, target: Tensor) => Tensor,
];

const rows: Row[] = [
  ['CrossEntropyLoss', () => new nn.CrossEntropyLoss(), classIds, (x, t) => crossEntropy(x, t)],
  [
    'CrossEntropyLoss with all options',
    () => new nn.CrossEntropyLoss({ weight: weights(), ignoreIndex: 0, labelSmoothing: 0.1, reduction: 'sum' }),
    classIds,
    (x, t) => crossEntropy(x, t, { weight: weights(), ignoreIndex: 0, labelSmoothing: 0.1, reduction: 'sum' }),
  ],
  ['NLLLoss', () => new nn.NLLLoss(), classIds, (x, t) => nllLoss(x, t)],
  [
    'NLLLoss with all options',
    () => new nn.NLLLoss({ weight: weights(), ignoreIndex: 1, reduction: 'none' }),
    classIds,
    (x, t) => nllLoss(x, t, { weight: weights(), ignoreIndex: 1, reduction: 'none' }),
  ],
  ['MSELoss', () => new nn.MSELoss(), () => rand([4, 3]), (x, t) => mseLoss(x, t)],
  [
    'MSELoss, sum',
    () => new nn.MSELoss({ reduction: 'sum' }),
    () => rand([4, 3]),
    (x, t) => mseLoss(x, t, { reduction: 'sum' }),
  ],
  ['L1Loss', () => new nn.L1Loss(), () => rand([4, 3]), (x, t) => l1Loss(x, t)],
  [
    'L1Loss, none',
    () => new nn.L1Loss({ reduction: 'none' }),
    () => rand([4, 3]),
    (x, t) => l1Loss(x, t, { reduction: 'none' }),
  ],
  ['SmoothL1Loss', () => new nn.SmoothL1Loss(), () => rand([4, 3]), (x, t) => smoothL1Loss(x, t)],
  [
    'SmoothL1Loss with all options',
    () => new nn.SmoothL1Loss({ beta: 0.3, reduction: 'sum' }),
    () => rand([4, 3]),
    (x, t) => smoothL1Loss(x, t, { beta: 0.3, reduction: 'sum' }),
  ],
  ['BCEWithLogitsLoss', () => new nn.BCEWithLogitsLoss(), () => rand([4, 3]), (x, t) => bceWithLogits(x, t)],
  [
    'BCEWithLogitsLoss with all options',
    () => new nn.BCEWithLogitsLoss({ weight: weights(), posWeight: tensor([3, 2, 1]), reduction: 'none' }),
    () => rand([4, 3]),
    (x, t) => bceWithLogits(x, t, { weight: weights(), posWeight: tensor([3, 2, 1]), reduction: 'none' }),
  ],
];

describe('each loss', () => {
  for (const [name, make, makeTarget, same] of rows) {
    test(name, () => {
      const before = memory();
      scope(() => {
        const loss = make();
        const x = randn([4, 3]).requireGrad();
        const target = makeTarget();
        const y = loss.forward(x, target);
        expect(y.shape).toEqual(same(x, target).shape);
        expect(y.toArray()).toEqual(same(x, target).toArray());
        y.backward({ gradient: rand(y.shape) });
        expect(x.grad!.shape).toEqual([4, 3]);
        x.zeroGrad();
        loss.dispose();
      });
      expect(memory().tensors).toBe(before.tensors);
    });
  }
});

test('class weights are copied: they outlive the scope they were made in, and stay as they were', () => {
  const loss = scope(() => {
    const weight = weights();
    const made = new nn.CrossEntropyLoss({ weight });
    weight.assign([9, 9, 9]);
    return { made };
  }).made;
  expect(loss.stateDict().weight!.toArray()).toEqual([1, 2, 0.5]);
  expect(loss.forward(randn([4, 3]), classIds()).shape).toEqual([]);
});

test('errors name the loss as the layer', () => {
  expect(() => new nn.MSELoss().forward(rand([4, 3]), rand([4, 2]))).toThrow(ShapeError);
  expect(() => new nn.MSELoss().forward(rand([4, 3]), rand([4, 2]))).toThrow(/\(in layer MSELoss\)/);
});
