import { beforeAll, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  AveragedModel,
  CheckpointError,
  crossEntropy,
  DataLoader,
  evaluate,
  fit,
  init,
  manualSeed,
  memory,
  nn,
  optim,
  randint,
  randn,
  scope,
  TensorDataset,
  tensor,
  updateBn,
} from '../../src/index.js';

beforeAll(async () => {
  await init();
});

const small = () => {
  manualSeed(1);
  return new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4), new nn.Linear(4, 2));
};
const data = () => new TensorDataset(randn([20, 3]), randint(0, 2, [20]));
const valuesOf = (state: Record<string, { data(): ArrayLike<number> }>) =>
  Object.fromEntries(Object.entries(state).map(([key, value]) => [key, Array.from(value.data())]));

/** Gives all parameters values that are told apart by `i`. */
function setWeights(model: nn.Module, i: number): void {
  for (const [k, parameter] of model.parameters().entries())
    parameter.assign(Float32Array.from({ length: parameter.size }, (_, j) => Math.sin(1 + j + 7 * k) * (i + 1) ** 2));
}

describe('AveragedModel', () => {
  test.each([undefined, 0, 0.75])('with decay %s has the averages of the formulas', (decay) => {
    const model = small();
    const averaged = new AveragedModel(model, decay === undefined ? {} : { decay });
    const twins = model.parameters().map((parameter) => Array.from(parameter.data()));
    for (let n = 0; n < 6; n++) {
      setWeights(model, n);
      averaged.updateParameters();
      model.parameters().forEach((parameter, k) => {
        parameter.data().forEach((w, j) => {
          const a = twins[k]![j]!;
          twins[k]![j] = n === 0 ? w : decay === undefined ? a + (w - a) / (n + 1) : decay * a + (1 - decay) * w;
        });
      });
    }
    expect(averaged.nAveraged).toBe(6);
    const own = valuesOf(model.stateDict());
    averaged.swapped(() => {
      model.parameters().forEach((parameter, k) => {
        parameter.data().forEach((a, j) => {
          expect(Math.abs(a - twins[k]![j]!)).toBeLessThan(1e-5);
        });
      });
      expect(() => averaged.updateParameters()).toThrow('updateParameters: the averages are in the model at present');
    });
    expect(valuesOf(model.stateDict())).toEqual(own);
    averaged.dispose();
  });

  test("has a state dict with PyTorch's keys, from which another goes on", () => {
    const model = small();
    const averaged = new AveragedModel(model);
    for (let n = 0; n < 3; n++) {
      setWeights(model, n);
      averaged.updateParameters();
    }
    const state = averaged.stateDict();
    expect(Object.keys(state)).toEqual(['n_averaged', ...Object.keys(model.stateDict()).map((key) => `module.${key}`)]);
    const other = small();
    const resumed = new AveragedModel(other);
    const before = valuesOf(other.stateDict());
    resumed.loadStateDict(state);
    expect(valuesOf(other.stateDict())).toEqual(before);
    expect(valuesOf(resumed.stateDict())).toEqual(valuesOf(state));
    setWeights(model, 5);
    setWeights(other, 5);
    averaged.updateParameters();
    resumed.updateParameters();
    expect(valuesOf(resumed.stateDict())).toEqual(valuesOf(averaged.stateDict()));
    const { n_averaged: _, ...rest } = state;
    expect(() => resumed.loadStateDict(rest)).toThrow(CheckpointError);
    expect(() => resumed.loadStateDict(rest)).toThrow('missing: n_averaged');
    averaged.dispose();
    resumed.dispose();
  });

  test('averages buffers if asked', () => {
    const model = small();
    const norm = model.modules().find((module) => module instanceof nn.BatchNorm1d)!;
    const averaged = new AveragedModel(model, { useBuffers: true });
    for (const value of [1, 2, 6]) {
      norm.runningMean!.assign(new Float32Array(4).fill(value));
      averaged.updateParameters();
    }
    const copy = small();
    averaged.copyTo(copy);
    expect(Array.from(copy.stateDict()['1.running_mean']!.data())).toEqual([3, 3, 3, 3]);
    expect(Array.from(norm.runningMean!.data())).toEqual([6, 6, 6, 6]);
    averaged.dispose();
  });

  test('follows fit by a callback, and gives the weights back after what fails', async () => {
    const model = small();
    const loader = new DataLoader(data(), { batchSize: 5 });
    const ema = new AveragedModel(model, { decay: 0.5 });
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    await fit(model, { optimizer, loader, epochs: 2, onBatch: () => ema.updateParameters() });
    expect(ema.nAveraged).toBe(8);
    const own = valuesOf(model.stateDict());
    const { loss } = await ema.swapped(() => evaluate(model, loader));
    expect(loss).not.toBe((await evaluate(model, loader)).loss);
    expect(valuesOf(model.stateDict())).toEqual(own);
    const fails = () => {
      throw new Error('it failed');
    };
    expect(() => ema.swapped(fails)).toThrow('it failed');
    await expect(ema.swapped(async () => fails())).rejects.toThrow('it failed');
    expect(valuesOf(model.stateDict())).toEqual(own);
    ema.copyTo(model);
    expect((await evaluate(model, loader)).loss).toBe(loss);
    ema.dispose();
  });

  test('frees its averages', () => {
    const model = small();
    const before = memory().tensors;
    const averaged = new AveragedModel(model);
    scope(() => averaged.updateParameters());
    expect(memory().tensors).toBe(before + 6);
    averaged.dispose();
    expect(memory().tensors).toBe(before);
  });

  test('refuses what cannot be', () => {
    expect(() => new AveragedModel(small(), { decay: 1 })).toThrow(ArgumentError);
    expect(() => new AveragedModel(small(), { decay: 1 })).toThrow('decay must be a number in [0, 1), not 1');
    expect(() => new AveragedModel(small(), { useBuffers: 1 as never })).toThrow('useBuffers must be true or false');
    const averaged = new AveragedModel(small());
    expect(() => averaged.copyTo(3 as never)).toThrow('model must be a module, not 3');
    expect(() => averaged.swapped(undefined as never)).toThrow('use must be a function');
    averaged.dispose();
  });

  test('a backward pass that needs the weights before a swap says so', () => {
    const model = small();
    const averaged = new AveragedModel(model);
    setWeights(model, 1);
    const loss = crossEntropy(model.forward(randn([4, 3])), tensor([0, 1, 1, 0], { dtype: 'int32' }));
    averaged.swapped(() => {});
    expect(() => loss.backward()).toThrow('was overwritten by assign');
    averaged.dispose();
  });
});

test('updateBn computes the mean of the statistics of all batches', async () => {
  const model = new nn.Sequential(new nn.BatchNorm1d(2, { momentum: 0.3 }), new nn.Dropout(0.5)).eval();
  const norm = model.children()[0] as nn.BatchNorm1d;
  norm.runningMean!.assign([9, 9]);
  const rows = [[1, 2], [3, 8], [5, 5], [7, 1], [0, 4], [2, 2]]; // biome-ignore format: two columns
  const loader = new DataLoader(new TensorDataset(tensor(rows), tensor([0, 0, 0, 0, 0, 0], { dtype: 'int32' })), {
    batchSize: 2,
  });
  await updateBn(loader, model);
  const batches = [rows.slice(0, 2), rows.slice(2, 4), rows.slice(4)] as [number, number][][];
  for (const c of [0, 1] as const) {
    const means = batches.map(([a, b]) => (a![c] + b![c]) / 2);
    const variances = batches.map(([a, b]) => (a![c] - b![c]) ** 2 / 2);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / 3;
    expect(norm.runningMean!.data()[c]).toBeCloseTo(mean(means), 5);
    expect(norm.runningVar!.data()[c]).toBeCloseTo(mean(variances), 4);
  }
  expect(norm.numBatchesTracked!.item()).toBe(3);
  expect([norm.momentum, norm.training, model.children()[1]!.training]).toEqual([0.3, false, false]);
  await updateBn(loader, new nn.Sequential(new nn.Flatten())); // Nothing to do.
  await expect(updateBn(3 as never, model)).rejects.toThrow('loader must be a DataLoader, not 3');
});
