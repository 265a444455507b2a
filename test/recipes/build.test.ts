/** What settings make. */
import { describe, expect, test } from 'vitest';
import { manualSeed, nn, optim, TensorDataset, tensor, zeros } from '../../src/index.js';
import {
  buildLoader,
  buildModel,
  buildOptimizer,
  buildScheduler,
  buildTransforms,
  resolveTrainSettings,
} from '../../src/recipes/index.js';

const MNIST = { inputShape: [1, 28, 28], classes: 10 };

describe('buildModel', () => {
  test('with initStd draws weights and kernels from N(0, X²), sets biases to 0 and leaves normalisations alone', () => {
    for (const name of ['mlp-bn', 'cnn-bn', 'mini-resnet'] as const) {
      manualSeed(3);
      const model = buildModel(resolveTrainSettings({ model: name, hidden: [300, 200], initStd: 0.02 }), MNIST);
      let [sum, squares, count] = [0, 0, 0];
      for (const module of model.modules()) {
        if (module instanceof nn.Linear || module instanceof nn.Conv2d) {
          for (const value of module.weight.data())
            [sum, squares, count] = [sum + value, squares + value * value, count + 1];
          if (module.bias !== null) expect([...module.bias.data()].every((value) => value === 0)).toBe(true);
        } else if (module instanceof nn.BatchNorm1d || module instanceof nn.BatchNorm2d) {
          expect([...module.weight!.data()].every((value) => value === 1)).toBe(true);
        }
      }
      // Five deviations of the mean and of the standard deviation of so many draws.
      expect(Math.abs(sum / count)).toBeLessThan((5 * 0.02) / Math.sqrt(count));
      expect(Math.abs(Math.sqrt(squares / count) / 0.02 - 1)).toBeLessThan(5 / Math.sqrt(2 * count));
      model.dispose();
    }
  });

  test('without it begins as PyTorch does', () => {
    manualSeed(3);
    const model = buildModel(resolveTrainSettings({ model: 'mlp', hidden: [50] }), MNIST);
    const [first] = model.modules().filter((module) => module instanceof nn.Linear);
    expect(Math.max(...first!.weight.data())).toBeLessThanOrEqual(Math.fround(1 / 28));
    expect(Math.max(...first!.weight.data())).toBeGreaterThan(0.99 / 28);
    model.dispose();
  });
});

test('the scheduler exponential multiplies the rate by gamma after each epoch', () => {
  const settings = resolveTrainSettings({ scheduler: 'exponential', gamma: 0.5, lr: 0.8, epochs: 3 });
  const optimizer = buildOptimizer(settings, [new nn.Parameter(zeros([1]))]);
  const scheduler = buildScheduler(settings, optimizer, 10)!;
  expect(scheduler).toBeInstanceOf(optim.ExponentialLR);
  const rates = [0, 1, 2].map(() => {
    const rate = optimizer.paramGroups[0]!.lr;
    scheduler.step();
    return rate;
  });
  expect(rates).toEqual([0.8, 0.4, 0.2]);
});

test('dropLast leaves out the last batch where it is smaller than the others, but never all there is', () => {
  const images = new TensorDataset(zeros([21, 1, 2, 2]), tensor(new Int32Array(21)));
  const loaderOf = (given: Record<string, unknown>) => buildLoader(resolveTrainSettings(given), images);
  const sizes = (given: Record<string, unknown>) => Array.from(loaderOf(given).from(0), ([x]) => x.shape[0]);
  expect(sizes({ batchSize: 8 })).toEqual([8, 8, 5]);
  expect(sizes({ batchSize: 8, dropLast: true })).toEqual([8, 8]);
  expect(sizes({ batchSize: 7, dropLast: true })).toEqual([7, 7, 7]);
  expect(sizes({ batchSize: 22 })).toEqual([21]);
  expect(() => sizes({ batchSize: 22, dropLast: true })).toThrow(
    /^dropLast: 21 images .*\n {2}hint: .*batchSize of at most 21/,
  );
  images.dispose();
});

test('training images are shifted, test images are not; both are standardised', () => {
  const task = { mean: [0.5], std: [0.25] };
  const kinds = (given: Record<string, unknown>) => {
    const { train, test } = buildTransforms(resolveTrainSettings(given), task);
    return { train: train.map(({ kind }) => kind), test: test.map(({ kind }) => kind) };
  };
  expect(kinds({})).toEqual({ train: [], test: [] });
  expect(kinds({ shift: 2 })).toEqual({ train: ['randomShift'], test: [] });
  expect(kinds({ shift: 2, normalize: true })).toEqual({ train: ['randomShift', 'normalize'], test: ['normalize'] });
  expect(buildTransforms(resolveTrainSettings({ shift: 3 }), task).train[0]).toMatchObject({ reach: [3, 3] });
});
