/** What `fit` refuses before it trains, and what it warns of. */
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import {
  ArgumentError,
  bceWithLogits,
  crossEntropy,
  DataLoader,
  type FitOptions,
  fit,
  type LossFunction,
  mseLoss,
  nn,
  optim,
  rand,
  randn,
  TensorDataset,
  tensor,
} from '../../src/index.js';

const SAMPLES = 8;
const classes = () =>
  tensor(
    Array.from({ length: SAMPLES }, (_, i) => i % 2),
    { dtype: 'int32' },
  );
const loaderOf = (targets = classes()) =>
  new DataLoader(new TensorDataset(randn([SAMPLES, 3]), targets), { batchSize: 2 });
const adam = (model: nn.Module) => new optim.Adam(model.parameters());
const run = (
  model: nn.Module,
  loader: DataLoader,
  lossFn?: LossFunction,
  optimizer: FitOptions['optimizer'] = adam(model),
) => fit(model, { optimizer, loader, epochs: 2, ...(lossFn && { lossFn }) });

describe('an optimizer', () => {
  test('without any parameter of the model is refused, and nothing is trained', async () => {
    const [model, other] = [new nn.Linear(3, 2), new nn.Linear(3, 2)];
    const before = [model.weight.toArray(), other.weight.toArray()];
    const refused = run(model, loaderOf(), undefined, adam(other));
    await expect(refused).rejects.toThrow(ArgumentError);
    await expect(refused).rejects.toThrow(
      'fit: the optimizer has none of the parameters of the model\n' +
        '  hint: make it for this model: new optim.SGD(model.parameters(), { lr: 0.1 })',
    );
    expect([model.weight.toArray(), other.weight.toArray()]).toEqual(before);
  });

  test('of some of the parameters is taken', async () => {
    const model = new nn.Sequential(new nn.Linear(3, 4), new nn.Linear(4, 2));
    const head = new optim.SGD(model.at(-1)!.parameters(), { lr: 0.1 });
    const { steps } = await run(model, loaderOf(), undefined, head);
    expect(steps).toBe(8);
  });
});

describe('float32 targets of shape [N, 1]', () => {
  test.each([[[SAMPLES, 1]], [[SAMPLES]]])('%j without a loss are refused, with what to pass', async (shape) => {
    const model = new nn.Linear(3, 1);
    const before = model.weight.toArray();
    const refused = run(model, loaderOf(randn(shape)));
    await expect(refused).rejects.toThrow(ArgumentError);
    await expect(refused).rejects.toThrow(/^fit: targets of shape \[2(, 1)?\] in float32 are not classes/);
    await expect(refused).rejects.toThrow('pass { lossFn: mseLoss }');
    expect(model.weight.toArray()).toEqual(before);
  });

  test('are taken with a loss', async () => {
    const { steps } = await run(new nn.Linear(3, 1), loaderOf(randn([SAMPLES, 1])), mseLoss);
    expect(steps).toBe(8);
  });
});

describe('a model that ends in what its loss applies', () => {
  let warn: MockInstance<typeof console.warn>;
  beforeEach(() => {
    warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  });
  afterEach(() => {
    warn.mockRestore();
  });
  const ending = (last: nn.Module, outputs: number) => new nn.Sequential(new nn.Linear(3, outputs), last);
  const zeroOrOne = () => rand([SAMPLES, 1]).gt(0.5).float();

  test.each<[string, () => nn.Module, LossFunction | undefined, () => DataLoader]>([
    ['softmax', () => ending(new nn.Softmax(1), 2), undefined, loaderOf],
    ['softmax', () => ending(new nn.Softmax(1), 2), crossEntropy, loaderOf],
    ['softmax', () => ending(new nn.Softmax(1), 2), (x, y) => new nn.CrossEntropyLoss().forward(x, y), loaderOf],
    ['softmax', () => ending(new nn.Softmax(1), 2), (x, y) => crossEntropy(x, y).mul(0.5), loaderOf],
    ['sigmoid', () => ending(new nn.Sigmoid(), 1), bceWithLogits, () => loaderOf(zeroOrOne())],
  ])('%s: one warning for each fit, and it trains', async (op, make, lossFn, loader) => {
    const { steps } = await run(make(), loader(), lossFn);
    const loss = op === 'softmax' ? 'crossEntropy' : 'bceWithLogits';
    expect(steps).toBe(8);
    expect(warn.mock.calls).toEqual([
      [`fit: ${loss} takes logits, but the model ends in ${op}: leave it out, or training is slow`],
    ]);
  });

  test.each<[string, () => nn.Module, LossFunction | undefined, () => DataLoader]>([
    ['logits under crossEntropy', () => new nn.Linear(3, 2), undefined, loaderOf],
    ['softmax under mseLoss', () => ending(new nn.Softmax(1), 1), mseLoss, () => loaderOf(zeroOrOne())],
    ['sigmoid under crossEntropy', () => ending(new nn.Sigmoid(), 2), crossEntropy, loaderOf],
    ['logits under bceWithLogits', () => new nn.Linear(3, 1), bceWithLogits, () => loaderOf(zeroOrOne())],
  ])('%s: no warning', async (_, make, lossFn, loader) => {
    await run(make(), loader(), lossFn);
    expect(warn).not.toHaveBeenCalled();
  });
});
