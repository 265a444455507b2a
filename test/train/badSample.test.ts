/** A batch that fails names the sample that is to blame, and leaves everything as it was before. */
import { describe, expect, test } from 'vitest';
import {
  crossEntropy, DataLoader, digest, evaluate, fit, generatorState, LanewiseError, limit, manualSeed, mseLoss, nn, NonFiniteError, optim, OutOfMemoryError, RangeIndexError,
  record, Sha256, Subset, tensor, Tensor, TensorDataset, trainValidationSplit, type BatchSource, type Checkpoint, type Dataset, type FitOptions,
} from '../../src/index.js';
import { isolate } from '../../src/train/culprit.js';
import { uniform } from '../support/random.js';

const CLASSES = 3;
const SAMPLES = 40;
/** Which sample is bad. */
const BAD = 29;

interface Spoilt { readonly x?: number; readonly label?: number }

/** Points in the plane, one of which is spoilt. */
function points({ x: bad, label }: Spoilt = {}): TensorDataset {
  const random = uniform(3);
  const x = Float32Array.from({ length: 2 * SAMPLES }, (_, i) => (i === 2 * BAD + 1 && bad !== undefined ? bad : random() * 2 - 1));
  const y = Int32Array.from({ length: SAMPLES }, (_, i) => (i === BAD && label !== undefined ? label : i % CLASSES));
  return new TensorDataset(tensor(x, { shape: [SAMPLES, 2] }), tensor(y));
}

const loaderOf = (data: Dataset) => new DataLoader(data, { batchSize: 8, shuffle: true, seed: 5 });

/** Batch normalisation and dropout, behind `first`. */
function network(...first: nn.Module[]): nn.Sequential {
  manualSeed(1);
  return new nn.Sequential(...first, new nn.BatchNorm1d(2), new nn.Linear(2, 16), new nn.BatchNorm1d(16), new nn.ReLU(), new nn.Dropout(0.2), new nn.Linear(16, CLASSES));
}

/** All that a step may change. */
function stateOf(model: nn.Module, optimizer: optim.Optimizer): object {
  const { state, paramGroups } = optimizer.stateDict();
  const values = (entries: Record<string, Tensor | number>) => Object.entries(entries).map(([name, value]) => [name, value instanceof Tensor ? Array.from(value.data()) : value]);
  return { weights: digest(model.stateDict()), remembered: Object.entries(state).map(([key, entries]) => [key, values(entries)]), paramGroups, streams: generatorState() };
}

async function failure(promise: Promise<unknown>): Promise<LanewiseError> {
  return promise.then(() => { throw new Error('it did not fail'); }, (error: LanewiseError) => error);
}

interface Outcome { readonly error: LanewiseError; readonly steps: number }

/** Trains until it fails, and makes sure that all is as it was after the step before. */
async function failing(loader: BatchSource, model: nn.Module, options: Partial<FitOptions> = {}): Promise<Outcome> {
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
  const kept: Checkpoint[] = [];
  let [steps, before] = [0, stateOf(model, optimizer)];
  const error = await failure(fit(model, {
    optimizer, loader, epochs: 3, checkpoints: { load: () => null, save: (checkpoint) => { kept.push(checkpoint); } }, checkpointEvery: { steps: 1 },
    onBatch: ({ step }) => { [steps, before] = [step, stateOf(model, optimizer)]; }, ...options,
  }));
  expect(stateOf(model, optimizer)).toEqual(before);
  // That of the last step of an epoch follows the evaluation.
  expect(kept.at(-1)!.progress.step).toBe(steps === loader.length ? steps - 1 : steps);
  return { error, steps };
}

/** Where the bad sample comes in the first epoch. */
function placeOf(loader: DataLoader, bad = BAD): { index: number; row: number; batch: number } {
  for (let batch = 0; batch < loader.length; batch++) {
    const row = loader.samples(0, batch).indexOf(bad);
    if (row >= 0) return { index: bad, row, batch: batch + 1 };
  }
  throw new Error('it does not come');
}

function expectBlamed({ error, steps }: Outcome, loader: DataLoader, bad = BAD): void {
  const place = placeOf(loader, bad);
  expect(error.sample).toEqual(place);
  expect(error.message).toContain(`(sample ${bad} of the data set, row ${place.row} of batch ${place.batch})`);
  expect(steps).toBe(place.batch - 1);
}

describe('a value that is not finite', () => {
  test.each([NaN, Infinity, -Infinity])('%s among the inputs', async (x) => {
    const loader = loaderOf(points({ x }));
    const outcome = await failing(loader, network());
    expect(outcome.error).toBeInstanceOf(NonFiniteError);
    expect(outcome.error.message).toMatch(/^fit: the loss is NaN at step \d+ \(epoch 1\): the inputs of the batch have NaN or infinite values \(sample 29 .*\)\n {2}hint: look for missing values/);
    expectBlamed(outcome, loader);
  });

  test('is found below subsets, limits and splits', async () => {
    const data = points({ x: NaN });
    const { train, validation } = trainValidationSplit(data, { validation: 0.25, seed: 3 });
    const part = Array.from(train.indices).includes(BAD) ? train : validation;
    const reversed = new Subset(data, Array.from({ length: SAMPLES }, (_, i) => SAMPLES - 1 - i));
    for (const set of [part, reversed, limit(new Subset(reversed, Array.from({ length: SAMPLES }, (_, i) => (i + 20) % SAMPLES)), 38)]) {
      const loader = new DataLoader(set, { batchSize: 4, shuffle: true, seed: 2 });
      expectBlamed(await failing(loader, network()), loader);
    }
  });

  test('among the targets', async () => {
    const [x, y] = [points().x, tensor(Float32Array.from({ length: SAMPLES }, (_, i) => (i === BAD ? NaN : i / SAMPLES)), { shape: [SAMPLES, 1] })];
    const loader = loaderOf(new TensorDataset(x, y));
    const outcome = await failing(loader, new nn.Sequential(new nn.BatchNorm1d(2), new nn.Linear(2, 1)), { lossFn: mseLoss });
    expect(outcome.error.message).toMatch(/the targets of the batch have NaN/);
    expectBlamed(outcome, loader);
  });

  test('in a source of one’s own is told by its place', async () => {
    const data = loaderOf(points({ x: NaN }));
    const { row, batch } = placeOf(data);
    const { error } = await failing({ length: data.length, from: (epoch, first) => data.from(epoch, first) }, network());
    expect(error.sample).toEqual({ index: undefined, row, batch });
    expect(error.message).toContain(`infinite values (row ${row} of batch ${batch})`);
  });

  test('that all samples have is no single one’s', async () => {
    class Explode extends nn.Module {
      override forward(x: Tensor): Tensor { return x.mul(3e38).mul(3e38); }
    }
    for (const model of [network(new Explode()), new nn.Sequential(new Explode(), new nn.Linear(2, CLASSES))]) {
      const { error, steps } = await failing(loaderOf(points()), model);
      expect([error.sample, steps]).toEqual([undefined, 0]);
      expect(error.message).toMatch(/the output of Explode \(in layer 0\)\n/);
    }
  });
});

describe('a finite sample that makes something overflow', () => {
  class Square extends nn.Module {
    override forward(x: Tensor): Tensor { return x.mul(x); }
  }

  test('in a layer', async () => {
    const loader = loaderOf(points({ x: 1e20 }));
    for (const model of [network(new Square()), new nn.Sequential(new Square(), new nn.Linear(2, CLASSES))]) {
      const outcome = await failing(loader, model);
      expect(outcome.error.message).toMatch(/the first NaN or infinity is in the output of Square .* \(in layer 0\)\n/);
      expectBlamed(outcome, loader);
    }
  });

  test('in the variance of a batch normalisation, in which all samples become NaN', async () => {
    const loader = loaderOf(points({ x: 1e30 }));
    const outcome = await failing(loader, network());
    expect(outcome.error.message).toMatch(/the first NaN or infinity is in the output of BatchNorm1d .* \(in layer 0\)\n/);
    expectBlamed(outcome, loader);
  });

  /** Counts the mean square of its inputs, which does not show in its outputs. */
  class Meter extends nn.Module {
    readonly runningPower;
    readonly mask = new nn.Buffer(tensor([0, -Infinity]));
    constructor(persistent = true) {
      super();
      this.runningPower = new nn.Buffer(tensor([1]), { persistent });
    }

    override forward(x: Tensor): Tensor {
      if (this.training) this.runningPower.assign([0.9 * this.runningPower.item() + 0.1 * x.mul(x).mean().item()]);
      return x.mul(1e-30);
    }
  }

  test('in a running statistic, while the loss is finite', async () => {
    const loader = loaderOf(points({ x: 1e30 }));
    const outcome = await failing(loader, new nn.Sequential(new Meter(), new nn.Linear(2, CLASSES)));
    expect(outcome.error).toBeInstanceOf(NonFiniteError);
    expect(outcome.error.message).toMatch(/^fit: 0\.running_power would be NaN or infinite after step \d \(epoch 1\) \(sample 29 .*\) \(in layer 0\)\n/);
    expectBlamed(outcome, loader);
  });

  test('is let through where that is allowed, or where nothing of it is saved', async () => {
    for (const [model, allowNonFinite] of [[new nn.Sequential(new Meter(), new nn.Linear(2, CLASSES)), true], [new nn.Sequential(new Meter(false), new nn.Linear(2, CLASSES)), false]] as const) {
      const { steps } = await fit(model, { optimizer: new optim.SGD(model.parameters(), { lr: 0.1 }), loader: loaderOf(points({ x: 1e30 })), epochs: 1, allowNonFinite });
      expect(steps).toBe(5);
    }
  });

  test('in the loss, beside samples that are not counted', async () => {
    const data = points({ x: 1e20 });
    data.y.assign(Int32Array.from(data.y.data(), (label, i) => (i % 2 === 0 ? -100 : label)));
    const lossFn = (output: Tensor, target: Tensor) => crossEntropy(output.mul(output), target);
    const loader = loaderOf(data);
    const outcome = await failing(loader, new nn.Sequential(new nn.Linear(2, CLASSES)), { lossFn });
    expect(outcome.error.message).toMatch(/the model's outputs are finite, the loss function made it/);
    expectBlamed(outcome, loader);
  });

  test('while an evaluation goes on', async () => {
    const [train, test] = [loaderOf(points()), new DataLoader(new Subset(points({ x: 1e25 }), [3, 7, BAD, 1]), { batchSize: 2 })];
    const { error } = await failing(train, new nn.Sequential(new Square(), new nn.Linear(2, CLASSES)), { testLoader: test });
    expect(error.message).toMatch(/^fit: the loss is NaN at the evaluation after step 5 \(epoch 1\)/);
    expect(error.sample).toEqual({ index: BAD, row: 0, batch: 2 });
  });
});

describe('an index outside its range', () => {
  test('among the class ids', async () => {
    const loader = loaderOf(points({ label: 7 }));
    const outcome = await failing(loader, network());
    expect(outcome.error).toBeInstanceOf(RangeIndexError);
    expect(outcome.error.message).toMatch(new RegExp(`^crossEntropy: class id 7 at row ${placeOf(loader).row} is outside 0 … 2 \\(sample 29 `));
    expectBlamed(outcome, loader);
  });

  test('among the inputs of an embedding', async () => {
    const words = new TensorDataset(tensor(Int32Array.from({ length: SAMPLES }, (_, i) => (i === BAD ? 50 : i % 10))), points().y);
    const loader = loaderOf(words);
    const outcome = await failing(loader, new nn.Sequential(new nn.Embedding(10, 4), new nn.BatchNorm1d(4), new nn.Linear(4, CLASSES)));
    expect(outcome.error.message).toMatch(/ \(sample 29 .*\) \(in layer 0\)$/);
    expectBlamed(outcome, loader);
  });

  test('of several samples, the first in the batch is named', async () => {
    const data = points();
    data.y.assign(Int32Array.from(data.y.data(), (label, i) => (i === 3 || i === 6 ? 9 : label)));
    const { error } = await failing(new DataLoader(data, { batchSize: 8 }), network());
    expect(error.message).toMatch(/class id 9 at row 3 .*\(sample 3 of the data set, row 3 of batch 1\)/);
  });

  test('in an evaluation', async () => {
    const error = await failure(evaluate(network(), new DataLoader(new Subset(points({ label: -1 }), [0, 1, 2, BAD, 4]), { batchSize: 3 })));
    expect(error).toBeInstanceOf(RangeIndexError);
    expect(error.sample).toEqual({ index: BAD, row: 0, batch: 2 });
  });
});

describe('whatever a batch throws', () => {
  /** Fails at the third batch. */
  class Failing extends nn.Module {
    batches = 0;
    constructor(private readonly error: unknown) { super(); }
    override forward(x: Tensor): Tensor {
      if (++this.batches === 3) throw this.error;
      return x;
    }
  }

  test.each([new TypeError('not today'), new OutOfMemoryError('full'), 'a text'])('in a layer: %s arrives as it is, and all is as before', async (thrown) => {
    const model = new nn.Sequential(new nn.BatchNorm1d(2), new nn.Dropout(0.5), new Failing(thrown), new nn.Linear(2, CLASSES));
    const { error, steps } = await failing(loaderOf(points()), model);
    expect(error).toBe(thrown);
    expect(steps).toBe(2);
  });

  test('in the loss and in backward', async () => {
    let batches = 0;
    const losses = [
      () => { throw new TypeError('in the loss'); },
      (output: Tensor, target: Tensor) => {
        const loss = crossEntropy(output, target);
        return record('broken', tensor(loss.item()), [loss], () => { throw new TypeError('in backward'); });
      },
    ];
    for (const [i, broken] of losses.entries()) {
      batches = 0;
      const lossFn = (output: Tensor, target: Tensor) => (++batches === 3 ? broken(output, target) : crossEntropy(output, target));
      const { error, steps } = await failing(loaderOf(points()), network(), { lossFn });
      expect([error.message, steps]).toEqual([['in the loss', 'in backward'][i], 2]);
    }
  });
});

test('gradients that are not finite, where they are clipped, end the run before the weights have them', async () => {
  const lossFn = (output: Tensor, target: Tensor) => crossEntropy(output, target).add(output.mul(0).abs().sum().sqrt());
  const clipped = await failing(loaderOf(points()), network(), { lossFn, clipGradNorm: 1 });
  expect(clipped.error).toBeInstanceOf(NonFiniteError);
  expect([clipped.error.message, clipped.steps]).toEqual([expect.stringMatching(/^clipGradNorm: the norm of the gradients is NaN/), 0]);
});

describe('isolate', () => {
  const random = uniform(8);

  test('finds the first of a few bad rows, in few questions', () => {
    for (const count of [1, 2, 3, 4, 5, 8, 13, 100, 256]) {
      for (let trial = 0; trial < 20; trial++) {
        const bad = new Set(Array.from({ length: count < 20 ? 1 : 1 + (trial % 2) }, () => Math.floor(random() * count)));
        let asked = 0;
        const fails = (rows: Int32Array): boolean => {
          asked++;
          expect(rows).toHaveLength(count);
          return rows.some((row) => bad.has(row));
        };
        expect(isolate(count, fails)).toBe(Math.min(...bad));
        expect(asked).toBeLessThan(20 + Math.log2(count));
      }
    }
  });

  test('finds the one that the others do not go with, though it passes alone', () => {
    for (const count of [4, 5, 8, 100]) {
      for (let bad = 0; bad < count; bad++) expect(isolate(count, (rows) => rows.includes(bad) && rows.some((row) => row !== bad))).toBe(bad);
    }
  });

  test('names none where all fail, where it cannot be told, or where nothing fails any more', () => {
    for (const count of [2, 3, 8, 100, 1000]) {
      let asked = 0;
      expect(isolate(count, () => { asked++; return true; })).toBe(undefined);
      expect(asked).toBeLessThan(20);
    }
    expect(isolate(2, (rows) => rows[0] !== rows[1])).toBe(undefined);
    expect(isolate(8, () => false)).toBe(undefined);
    expect(isolate(0, () => true)).toBe(undefined);
  });
});

test('samples of the data set itself stand in the place that the loader says', () => {
  const data = points();
  const loader = loaderOf(new Subset(data, Array.from({ length: 30 }, (_, i) => SAMPLES - 1 - i)));
  const [values, hash] = [data.x.data(), (bytes: Uint8Array) => new Sha256().update(bytes).hex()];
  for (const epoch of [0, 4]) {
    let batch = 0;
    for (const [x] of loader.from(epoch)) {
      const expected = Float32Array.from(Array.from(loader.samples(epoch, batch++)).flatMap((index) => [values[2 * index]!, values[2 * index + 1]!]));
      expect(hash(new Uint8Array(x.data().buffer))).toBe(hash(new Uint8Array(expected.buffer)));
    }
  }
});
