import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  bceLoss,
  bceWithLogits,
  cosineEmbeddingLoss,
  crossEntropy,
  DTypeError,
  full,
  huberLoss,
  klDivLoss,
  l1Loss,
  logSoftmax,
  logSumExp,
  memory,
  mseLoss,
  multiMarginLoss,
  nllLoss,
  nn,
  ones,
  RangeIndexError,
  ShapeError,
  scope,
  smoothL1Loss,
  softmax,
  type Tensor,
  tensor,
  tripletMarginLoss,
  zeros,
} from '../../src/index.js';

const ids = (...values: number[]): Tensor => tensor(values, { dtype: 'int32' });

describe('stability', () => {
  test('softmax and its kin neither overflow nor vanish', () => {
    const x = tensor([
      [1000, 999, -1000],
      [-1000, -1000, -1000],
    ]);
    const p = 1 / (1 + Math.exp(-1));
    expect(softmax(x).data()).toEqual(Float32Array.of(p, 1 - p, 0, 1 / 3, 1 / 3, 1 / 3));
    expect(logSumExp(x, 1).item(0)).toBeCloseTo(1000 + Math.log(1 + Math.exp(-1)), 4);
    expect(logSoftmax(x).item(0, 2)).toBeCloseTo(-2000 - Math.log(1 + Math.exp(-1)), 3);
    expect(crossEntropy(x, ids(2, 0)).item()).toBeCloseTo((2000.3133 + Math.log(3)) / 2, 3);
  });

  test('−∞ is a class that is out of the question', () => {
    const x = tensor([[0, -Infinity, 0]], { requiresGrad: true });
    expect(softmax(x).toArray()).toEqual([[0.5, 0, 0.5]]);
    expect(logSumExp(x).item()).toBe(Math.fround(Math.log(2)));
    const loss = crossEntropy(x, ids(0));
    expect(loss.item()).toBe(Math.fround(Math.log(2)));
    loss.backward();
    expect(x.grad!.toArray()).toEqual([[-0.5, 0, 0.5]]);
    expect(logSumExp(tensor([-Infinity, -Infinity])).item()).toBe(-Infinity);
    expect(logSumExp(tensor([Infinity, 1])).item()).toBe(Infinity);
  });

  test('NaN shows in its row, and in no other', () => {
    const x = tensor([
      [1, NaN, 2],
      [0, 0, 0],
    ]);
    expect(softmax(x).data()).toEqual(Float32Array.of(NaN, NaN, NaN, 1 / 3, 1 / 3, 1 / 3));
    expect(logSoftmax(x).select(0, 0).toArray()).toEqual([NaN, NaN, NaN]);
    expect(logSumExp(x, 1).data()).toEqual(Float32Array.of(NaN, Math.log(3)));
    expect(crossEntropy(x, ids(0, 0), { reduction: 'none' }).data()).toEqual(Float32Array.of(NaN, Math.log(3)));
  });

  test('the binary loss of large logits', () => {
    const losses = bceWithLogits(tensor([-200, 200, -200, 200]), tensor([0, 1, 1, 0]), { reduction: 'none' });
    expect(losses.toArray()).toEqual([0, 0, 200, 200]);
  });

  test('the binary loss and its gradient keep their digits from -100 to 100, for either label', () => {
    const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    const sigmoid = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
    const at = Float32Array.from({ length: 401 }, (_, i) => (i - 200) / 2);
    for (const t of [0, 1]) {
      for (const p of [undefined, 3]) {
        scope(() => {
          const x = tensor(at, { requiresGrad: true });
          const target = full([at.length], t);
          const options = p === undefined ? {} : { posWeight: tensor([p]) };
          const losses = bceWithLogits(x, target, { reduction: 'none', ...options });
          losses.sum().backward();
          const [values, slopes] = [losses.data(), x.grad!.data()];
          at.forEach((value, i) => {
            const factor = p ?? 1;
            const loss = t === 0 ? softplus(value) : factor * softplus(-value);
            const slope = t === 0 ? sigmoid(value) : -factor * sigmoid(-value);
            // Below the normal numbers of float32 there are fewer digits to keep.
            const error = (got: number, want: number) => Math.abs(got - want) / Math.max(Math.abs(want), 2 ** -126);
            expect(error(values[i]!, loss), `loss at ${value}, target ${t}`).toBeLessThan(4e-7);
            expect(error(slopes[i]!, slope), `slope at ${value}, target ${t}`).toBeLessThan(4e-7);
          });
          x.zeroGrad();
        });
      }
    }
  });

  test('the gradient by the target of the binary loss keeps its digits under a small weight', () =>
    scope(() => {
      const target = ones([3], { requiresGrad: true });
      bceWithLogits(tensor([-15, -30, -90]), target, { posWeight: tensor([2 ** -14]), reduction: 'sum' }).backward();
      const slopes = target.grad!.data();
      [-15, -30, -90].forEach((x, i) => {
        const slope = 2 ** -14 * Math.log1p(Math.exp(-x)) - Math.log1p(Math.exp(x));
        expect(Math.abs(slopes[i]! / slope - 1)).toBeLessThan(4e-7);
      });
      target.zeroGrad();
    }));

  test('a sure and right answer costs next to nothing, exactly', () => {
    expect(crossEntropy(tensor([[40, 0]]), ids(0)).item()).toBe(0);
    expect(crossEntropy(tensor([[0, 40]]), ids(0)).item()).toBe(40);
  });
});

describe('rows that do not count', () => {
  test('leave no gradient, and no trace in the mean', () => {
    const x = tensor(
      [
        [1, 2],
        [3, 5],
        [0, 0],
      ],
      { requiresGrad: true },
    );
    const loss = crossEntropy(x, ids(0, -100, 1));
    expect(loss.item()).toBeCloseTo((Math.log(1 + Math.E) + Math.log(2)) / 2, 6);
    loss.backward();
    expect((x.grad!.toArray() as number[][])[1]).toEqual([0, 0]);
  });

  test('the mean of none is NaN, as in PyTorch', () => {
    expect(crossEntropy(zeros([2, 3]), ids(-100, -100)).item()).toBeNaN();
    expect(nllLoss(zeros([2, 3]), ids(1, 1), { ignoreIndex: 1 }).item()).toBeNaN();
  });
});

describe('errors', () => {
  test('a class id out of range names its row and value, and nothing is left behind', () => {
    const before = memory().tensors;
    scope(() => {
      expect(() => crossEntropy(zeros([3, 10]), ids(9, 3, 10))).toThrow(
        new RangeIndexError('class id 10 at row 2 is outside 0 … 9', { where: 'crossEntropy' }),
      );
      expect(() => crossEntropy(zeros([3, 10]), ids(9, -1, 3))).toThrow('class id -1 at row 1');
      expect(() => nllLoss(zeros([1, 4, 2]), tensor([[0, 4]], { dtype: 'int32' }))).toThrow(
        'nllLoss: class id 4 at position [0, 1] is outside 0 … 3',
      );
    });
    expect(memory().tensors).toBe(before);
  });

  test('shapes and dtypes that do not go together', () => {
    expect(() => crossEntropy(zeros([3, 10]), ids(1, 2))).toThrow(
      'targets of shape [2] for scores of shape [3, 10]: expected [3]',
    );
    expect(() => crossEntropy(zeros([3, 10]), tensor([1, 2, 3]))).toThrow("convert them with to('int32')");
    expect(() => crossEntropy(zeros([3, 10]), tensor([1, 2, 3], { dtype: 'uint8' }))).toThrow(DTypeError);
    expect(() => crossEntropy(zeros([3, 10], { dtype: 'int32' }), ids(1, 2, 3))).toThrow(DTypeError);
    expect(() => crossEntropy(tensor(1), ids(1))).toThrow(ShapeError);
    expect(() => crossEntropy(zeros([3, 10]), ids(1, 2, 3), { weight: zeros([9]) })).toThrow(
      'weight has shape [9], but there are 10 classes',
    );
    expect(() => bceWithLogits(zeros([3, 1]), zeros([3]))).toThrow('logits of shape [3, 1] for targets of shape [3]');
    for (const loss of [mseLoss, l1Loss, smoothL1Loss]) {
      expect(() => loss(zeros([3, 1]), zeros([3]))).toThrow('predictions of shape [3, 1] for targets of shape [3]');
      expect(() => loss(zeros([3]), ids(1, 2, 3))).toThrow(DTypeError);
    }
  });

  test('weights of the binary loss that would make it larger', () => {
    for (const shape of [[2, 3], [1, 3], [1, 1], [4], [2, 1]]) {
      for (const name of ['weight', 'posWeight'] as const) {
        const given = `${name} of shape [${shape.join(', ')}]`;
        const message = `bceWithLogits: ${given} does not broadcast to the logits' shape [3]: `;
        for (const run of [
          () => bceWithLogits(zeros([3]), ones([3]), { [name]: ones(shape), reduction: 'none' }),
          () => bceWithLogits(zeros([3]), ones([3]), { [name]: ones(shape) }),
          () => new nn.BCEWithLogitsLoss({ [name]: ones(shape) }).forward(zeros([3]), ones([3])),
        ]) {
          expect(run, message).toThrow(ShapeError);
          expect(run).toThrow(message);
        }
      }
    }
    const larger = () => bceWithLogits(zeros([1, 3]), ones([1, 3]), { weight: ones([2, 3]) });
    expect(larger).toThrow("the logits' shape [1, 3]: axis 0 has 2, wanted 1");
    const fitting = { weight: ones([3]), posWeight: ones([2, 1]), reduction: 'none' } as const;
    expect(bceWithLogits(zeros([2, 3]), ones([2, 3]), fitting).shape).toEqual([2, 3]);
  });

  test('what losses of probabilities, pairs and margins refuse', () => {
    expect(() => bceLoss(tensor([0.5, 1.5]), zeros([2]))).toThrow('bceLoss: 1.5 is not a probability in [0, 1]');
    expect(bceLoss(tensor([NaN]), zeros([1])).item()).toBeNaN();
    expect(() => bceLoss(zeros([2]), zeros([2]), { weight: ones([3]) })).toThrow("the probabilities' shape [2]");
    expect(() => huberLoss(zeros([2]), zeros([2]), { delta: 0 })).toThrow('huberLoss: delta must be > 0, not 0');
    expect(() => huberLoss(zeros([2]), zeros([3]))).toThrow('huberLoss: predictions of shape [2]');
    expect(() => klDivLoss(zeros([2]), zeros([3]))).toThrow('klDivLoss: log-probabilities of shape [2]');
    expect(() => cosineEmbeddingLoss(zeros([2, 3]), zeros([2, 3]), ids(1))).toThrow('the targets must have shape [2]');
    expect(() => multiMarginLoss(zeros([2, 3]), ids(1, 3))).toThrow(RangeIndexError);
    expect(() => multiMarginLoss(zeros([2, 3]), ids(1, 2), { p: 3 })).toThrow('p must be 1 or 2, not 3');
    expect(() => multiMarginLoss(zeros([2, 3]), ids(1, 2), { weight: ones([2]) })).toThrow('there are 3 classes');
    expect(() => tripletMarginLoss(zeros([2]), zeros([2]), zeros([3]))).toThrow(ShapeError);
    expect(() => tripletMarginLoss(zeros([2]), zeros([2]), zeros([2]), { p: 0 })).toThrow('p must be > 0');
  });

  test('options out of range', () => {
    expect(() => crossEntropy(zeros([3, 10]), ids(1, 2, 3), { labelSmoothing: 1.5 })).toThrow(ArgumentError);
    expect(() => smoothL1Loss(zeros([3]), zeros([3]), { beta: -1 })).toThrow(ArgumentError);
    expect(() => mseLoss(zeros([3]), zeros([3]), { reduction: 'median' as 'mean' })).toThrow(
      "reduction must be 'mean', 'sum' or 'none', not 'median'",
    );
  });
});
