/** `metrics` of `fit` and `evaluate`. */
import { expect, test } from 'vitest';
import {
  ArgumentError,
  DataLoader,
  evaluate,
  fit,
  init,
  l1Loss,
  mseLoss,
  nn,
  optim,
  TensorDataset,
  tensor,
} from '../../src/index.js';

await init({ threads: 1 });

/** Gives its input. */
class Same extends nn.Module {
  forward(x: Parameters<nn.Identity['forward']>[0]) {
    return x;
  }
}

test('errors of numbers, over batches of different sizes', async () => {
  const loader = new DataLoader(new TensorDataset(tensor([[1], [2], [4]]), tensor([[1], [4], [7]])), { batchSize: 2 });
  const own = (output: ReturnType<typeof tensor>, target: ReturnType<typeof tensor>) => l1Loss(output, target);
  const { metrics } = await evaluate(new Same(), loader, {
    lossFn: mseLoss,
    metrics: ['mae', 'mse', 'rmse', 'r2', own],
  });
  expect(metrics!.mae).toBeCloseTo(5 / 3, 6);
  expect(metrics!.mse).toBeCloseTo(13 / 3, 6);
  expect(metrics!.rmse).toBeCloseTo(Math.sqrt(13 / 3), 6);
  expect(metrics!.r2).toBeCloseTo(1 - 13 / 18, 6);
  expect(metrics!.own).toBeCloseTo(5 / 3, 6);
});

test('accuracy and the mean of the F1 of each class', async () => {
  const scores = tensor([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]); // biome-ignore format: a matrix
  const loader = new DataLoader(new TensorDataset(scores, tensor([0, 1, 1, 2], { dtype: 'int32' })));
  const { metrics } = await evaluate(new Same(), loader, { metrics: { share: 'accuracy', f1: 'f1' } });
  expect(metrics).toEqual({ share: 0.75, f1: expect.closeTo((2 / 3 + 2 / 3 + 1) / 3, 10) });
});

test('fit reports them of the test samples, and refuses names that are none', async () => {
  const model = new nn.Linear(1, 1);
  const loader = new DataLoader(new TensorDataset(tensor([[0], [1]]), tensor([[0], [1]])), { batchSize: 2 });
  const options = { loader, testLoader: loader, lossFn: mseLoss, epochs: 2 };
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  const { history } = await fit(model, { ...options, optimizer, metrics: ['mae'] });
  expect(history.map(({ testMetrics }) => Object.keys(testMetrics!))).toEqual([['mae'], ['mae']]);
  expect(history[0]!.testAccuracy).toBeNull();
  await expect(fit(model, { ...options, optimizer, metrics: ['auc' as 'mae'] })).rejects.toThrow(ArgumentError);
});
