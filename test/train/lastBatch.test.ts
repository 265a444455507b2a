/** A last batch that the model cannot be trained on is reported before the first step. */
import { describe, expect, test } from 'vitest';
import {
  type BatchSource,
  type Checkpoint,
  type CheckpointStore,
  crossEntropy,
  DataLoader,
  type Dataset,
  digest,
  type FitOptions,
  fit,
  generatorState,
  manualSeed,
  nn,
  optim,
  RangeIndexError,
  rand,
  ShapeError,
  type Tensor,
  TensorDataset,
  tensor,
} from '../../src/index.js';
import { uniform } from '../support/random.js';

const CLASSES = 3;

function samples(count: number, shape: readonly number[] = [2]): TensorDataset {
  const random = uniform(3);
  const size = shape.reduce((product, side) => product * side, count);
  return new TensorDataset(
    tensor(Float32Array.from({ length: size }, random), { shape: [count, ...shape] }),
    tensor(Int32Array.from({ length: count }, (_, i) => i % CLASSES)),
  );
}

/** 17 samples in batches of 8, 8 and 1. */
const loaderOf = (data: Dataset, options: { dropLast?: boolean } = {}) =>
  new DataLoader(data, { batchSize: 8, shuffle: true, seed: 5, ...options });

function network(): nn.Sequential {
  manualSeed(1);
  return new nn.Sequential(
    new nn.Linear(2, 8),
    new nn.BatchNorm1d(8),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(8, CLASSES),
  );
}

class Store implements CheckpointStore {
  readonly kept: Checkpoint[] = [];
  constructor(private readonly from: Uint8Array | null = null) {}
  load(): Uint8Array | null {
    return this.from;
  }
  save(checkpoint: Checkpoint): void {
    this.kept.push(checkpoint);
  }
}

const train = (model: nn.Module, options: Omit<FitOptions, 'optimizer'>) =>
  fit(model, { optimizer: new optim.SGD(model.parameters(), { lr: 0.1 }), epochs: 1, ...options });

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: Error) => error,
  );
}

describe('a last batch of one sample', () => {
  test('is refused where a batch normalisation cannot be trained on it; nothing has changed', async () => {
    const model = network();
    model.children()[3]!.training = false;
    const [weights, streams, modes] = [
      digest(model.stateDict()),
      generatorState(),
      model.modules().map(({ training }) => training),
    ];
    const store = new Store();
    const seen: string[] = [];
    const stop = nn.observeForward(({ path }) => seen.push(path));
    const error = await failure(
      train(model, { loader: loaderOf(samples(17)), checkpoints: store, onBatch: () => seen.push('batch') }),
    ).finally(stop);
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toMatch(
      /^fit: the model cannot be trained on the last batch of an epoch, which has 1 sample \(the first has 8\): batchN/,
    );
    expect(error.message).toMatch(/more than 1 value per channel.*\(in layer 1\)\n {2}hint: /);
    expect(error.message).toMatch(/hint: .*\{ dropLast: true \}.*another batch size$/);
    expect((error.cause as ShapeError).layer).toBe('1');
    expect(digest(model.stateDict())).toBe(weights);
    expect(generatorState()).toEqual(streams);
    expect(model.modules().map(({ training }) => training)).toEqual(modes);
    expect(model.parameters().every(({ grad }) => grad === null)).toBe(true);
    expect(seen).toEqual([]);
    expect(store.kept).toEqual([]);
  });

  test('is left out with dropLast', async () => {
    const { steps } = await train(network(), { loader: loaderOf(samples(17), { dropLast: true }), epochs: 2 });
    expect(steps).toBe(4);
  });

  test.each([
    ['images of several pixels', new nn.BatchNorm2d(2), [2, 3, 3]],
    ['layers that look at one sample at a time', new nn.LayerNorm([2, 1, 1]), [2, 1, 1]],
  ] as const)('trains with %s', async (_, norm, shape) => {
    const model = new nn.Sequential(norm, new nn.Flatten(), new nn.Linear(shape[0] * shape[1] * shape[2], CLASSES));
    expect((await train(model, { loader: loaderOf(samples(17, shape)) })).steps).toBe(3);
  });

  test('is refused with images of one pixel', async () => {
    const model = new nn.Sequential(new nn.BatchNorm2d(2), new nn.Flatten(), new nn.Linear(2, CLASSES));
    expect((await failure(train(model, { loader: loaderOf(samples(17, [2, 1, 1])) }))).message).toMatch(
      /1 sample .*dropLast/s,
    );
  });

  test('does not matter to a run that never reaches it', async () => {
    expect((await train(network(), { loader: loaderOf(samples(17)), steps: 2 })).steps).toBe(2);
    expect((await train(network(), { loader: loaderOf(samples(17)), epochs: 0 })).steps).toBe(0);
    const stopped = AbortSignal.abort();
    expect((await train(network(), { loader: loaderOf(samples(17)), signal: stopped })).ended).toBe('aborted');
    expect((await failure(train(network(), { loader: loaderOf(samples(17)), steps: 3 }))).message).toMatch(/dropLast/);
  });
});

describe('a last batch of another size', () => {
  class Eights extends nn.Module {
    override forward(x: Tensor): Tensor {
      if (x.shape[0] !== 8) throw new Error(`eight at a time, not ${x.shape[0]}`);
      return x;
    }
  }

  test('is refused where a layer or the loss cannot take it', async () => {
    for (const options of [
      { model: new nn.Sequential(new Eights(), new nn.Linear(2, CLASSES)) },
      {
        model: new nn.Linear(2, CLASSES),
        lossFn: (output: Tensor, target: Tensor) => crossEntropy(output.reshape([8, CLASSES]), target),
      },
    ]) {
      const { model, ...rest } = options;
      const error = await failure(
        train(model, {
          loader: loaderOf(samples(21)),
          ...rest,
          onBatch: () => {
            throw new Error('a step was made');
          },
        }),
      );
      expect(error).toBeInstanceOf(ShapeError);
      expect(error.message).toMatch(/which has 5 samples \(the first has 8\).*dropLast/s);
      expect(error.cause).toBeInstanceOf(Error);
    }
  });

  test('is not to blame for what fails on every batch, nor for its data', async () => {
    const model = new nn.Sequential(new nn.Linear(3, CLASSES));
    const error = await failure(train(model, { loader: loaderOf(samples(21)) }));
    expect(error.message).toMatch(/^linear: /);
    const data = samples(21);
    data.y.assign(Int32Array.from(data.y.data(), (label, i) => (i === 20 ? 7 : label)));
    const steps: number[] = [];
    const wrong = await failure(
      train(network(), { loader: new DataLoader(data, { batchSize: 8 }), onBatch: ({ step }) => steps.push(step) }),
    );
    expect(wrong).toBeInstanceOf(RangeIndexError);
    expect(steps).toEqual([1, 2]);
  });

  test('does not change the bits of a run, whatever is drawn for it', async () => {
    /** Adds noise from the stream of samples. */
    class Noisy implements Dataset {
      readonly #data = samples(21);
      readonly length = 21;
      batch(indices: Int32Array): readonly [Tensor, Tensor] {
        const [x, y] = this.#data.batch(indices);
        return [x.add(rand(x.shape)), y];
      }
    }
    const model = network();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    for (let epoch = 0; epoch < 2; epoch++) {
      for (const [x, y] of loaderOf(new Noisy()).from(epoch)) {
        optimizer.zeroGrad();
        crossEntropy(model.forward(x), y).backward();
        optimizer.step();
      }
    }
    const other = network();
    await train(other, { loader: loaderOf(new Noisy()), epochs: 2 });
    expect(digest(other.stateDict())).toBe(digest(model.stateDict()));
  });

  test('of the epoch that a run goes on with is looked at, in a source of one’s own too', async () => {
    const asked: [number, number][] = [];
    /** Batches of 4, 4 and, from the second epoch on, of 1. */
    const source: BatchSource = {
      length: 3,
      *from(epoch, first) {
        asked.push([epoch, first]);
        for (let batch = first; batch < 3; batch++) {
          const size = batch === 2 && epoch > 0 ? 1 : 4;
          yield [
            tensor(
              Float32Array.from({ length: 2 * size }, (_, i) => i % 5),
              { shape: [size, 2] },
            ),
            tensor(new Int32Array(size)),
          ];
        }
      },
    };
    const store = new Store();
    await train(network(), { loader: source, checkpoints: store, checkpointEvery: { steps: 1 } });
    for (const [at, refused] of [
      [1, false],
      [3, true],
    ] as const) {
      asked.length = 0;
      const { state, progress } = store.kept[at]!;
      expect(progress.step).toBe(at);
      const steps: number[] = [];
      const resumed = new Store(state);
      const run = train(network(), {
        loader: source,
        checkpoints: resumed,
        epochs: 2,
        onBatch: ({ step }) => steps.push(step),
      });
      expect((await failure(run)).message).toMatch(
        refused
          ? /^fit: the model cannot be trained on the last batch.*1 sample \(the first has 4\)/
          : /more than 1 value per channel/,
      );
      expect(steps).toEqual(refused ? [] : [2, 3, 4, 5]);
      expect(asked.slice(0, 2)).toEqual(
        refused
          ? [
              [1, 0],
              [1, 2],
            ]
          : [
              [0, 0],
              [0, 2],
            ],
      );
      if (refused) expect(resumed.kept).toEqual([]);
    }
  });
});
