import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ArgumentError,
  type Checkpoint,
  CheckpointError,
  type CheckpointStore,
  crossEntropy,
  DataLoader,
  digest,
  evaluate,
  type FitOptions,
  fit,
  manualSeed,
  mseLoss,
  NonFiniteError,
  nn,
  optim,
  scope,
  type Tensor,
  TensorDataset,
  tensor,
} from '../../src/index.js';
import { uniform } from '../support/random.js';

const CLASSES = 3;
const SAMPLES = 50;

/** Points in the plane, the class by the angle, in batches of 8 (the last one of 2). */
function points(options: { shuffle?: boolean; scale?: number } = {}): DataLoader {
  const random = uniform(3);
  const { shuffle = true, scale = 1 } = options;
  const x = Float32Array.from({ length: 2 * SAMPLES }, () => scale * (random() * 2 - 1));
  const y = Int32Array.from(
    { length: SAMPLES },
    (_, i) => Math.floor(((Math.atan2(x[2 * i]!, x[2 * i + 1]!) / Math.PI + 1) / 2) * CLASSES) % CLASSES,
  );
  return new DataLoader(new TensorDataset(tensor(x, { shape: [SAMPLES, 2] }), tensor(y)), {
    batchSize: 8,
    shuffle,
    seed: 5,
  });
}

/** A model with everything that a checkpoint must carry: batch norm's buffers and dropout's random stream among it. */
function network(): nn.Sequential {
  manualSeed(1);
  return new nn.Sequential(
    new nn.Linear(2, 16),
    new nn.BatchNorm1d(16),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(16, CLASSES),
  );
}

const adam = (model: nn.Module) => new optim.Adam(model.parameters(), { lr: 0.02 });

/** Keeps every checkpoint. */
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

const failure = async (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: Error) => error,
  );

let loader: DataLoader;
beforeEach(() => {
  loader = points();
});

describe('fit', () => {
  test('is the plain loop', async () => {
    const model = network();
    const optimizer = adam(model);
    let lossSum = 0;
    let correct = 0;
    for (let epoch = 0; epoch < 3; epoch++) {
      lossSum = correct = 0;
      for (const [x, y] of loader) {
        optimizer.zeroGrad();
        const output = model.forward(x);
        const loss = crossEntropy(output, y);
        lossSum += loss.item() * y.size;
        const best = output.argmax(1).view();
        y.view().forEach((label, i) => {
          correct += best[i] === label ? 1 : 0;
        });
        loss.backward();
        optimizer.step();
      }
    }
    const other = network();
    const steps: number[] = [];
    const { history, ...result } = await fit(other, {
      optimizer: adam(other),
      loader: points(),
      epochs: 3,
      onBatch: ({ step }) => steps.push(step),
    });
    expect(digest(other.stateDict())).toBe(digest(model.stateDict()));
    expect(result).toMatchObject({ steps: 21, ended: 'epochs', bestTestAccuracy: null });
    expect(steps).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    expect(history[2]).toMatchObject({
      epoch: 3,
      trainLoss: lossSum / SAMPLES,
      trainAccuracy: correct / SAMPLES,
      testLoss: null,
      testAccuracy: null,
    });
  });

  test('learns', async () => {
    const model = network();
    const { history, bestTestAccuracy } = await fit(model, {
      optimizer: adam(model),
      loader,
      testLoader: points({ shuffle: false }),
      epochs: 30,
    });
    expect(history.at(-1)!.testAccuracy).toBeGreaterThan(0.9);
    expect(bestTestAccuracy).toBe(Math.max(...history.map(({ testAccuracy }) => testAccuracy!)));
    expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss / 2);
    expect(
      model.modules().every(({ training }) => training),
      'training mode outlasts the evaluations',
    ).toBe(true);
  });

  test('stops after a number of steps, in the midst of an epoch or at its end', async () => {
    const run = async (steps: number, more: Partial<FitOptions> = {}) => {
      const model = network();
      const {
        history,
        steps: done,
        ended,
      } = await fit(model, { optimizer: adam(model), loader: points(), steps, ...more });
      return [done, history.length, ended];
    };
    expect(await run(0)).toEqual([0, 0, 'steps']);
    expect(await run(10)).toEqual([10, 1, 'steps']);
    expect(await run(14)).toEqual([14, 2, 'steps']);
    expect(await run(14, { epochs: 1 })).toEqual([7, 1, 'epochs']);
  });

  test('stops early when nothing gets better', async () => {
    const model = network();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0 });
    const { history, ended } = await fit(model, {
      optimizer,
      loader: points({ shuffle: false }),
      testLoader: points({ shuffle: false }),
      epochs: 50,
      earlyStopping: { patience: 3, monitor: 'testAccuracy' },
    });
    // Batch norm's statistics still settle for some epochs.
    expect(ended).toBe('early');
    expect(history.length).toBeLessThan(50);
    const best = Math.max(...history.map(({ testAccuracy }) => testAccuracy!));
    expect(history.length - 1 - history.findIndex(({ testAccuracy }) => testAccuracy === best)).toBe(3);
  });

  test('takes other losses than cross-entropy', async () => {
    const model = new nn.Linear(2, 1);
    const x = tensor([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    const y = tensor([[1], [3], [4], [6]]);
    const data = new DataLoader(new TensorDataset(x, y), { batchSize: 4 });
    const { history } = await fit(model, {
      optimizer: new optim.SGD(model.parameters(), { lr: 0.5 }),
      loader: data,
      testLoader: data,
      lossFn: mseLoss,
      epochs: 200,
    });
    expect(history.at(-1)).toMatchObject({ trainAccuracy: null, testAccuracy: null });
    expect(history.at(-1)!.testLoss).toBeLessThan(1e-4);
  });

  test('clips gradients when told to', async () => {
    const norms = async (clip: Partial<FitOptions>) => {
      const model = network();
      const before = model.parameters().map((parameter) => parameter.data());
      await fit(model, {
        optimizer: new optim.SGD(model.parameters(), { lr: 1 }),
        loader: points(),
        steps: 1,
        ...clip,
      });
      const moved = model
        .parameters()
        .flatMap((parameter, i) => Array.from(parameter.data(), (value, j) => value - before[i]![j]!));
      return Math.hypot(...moved);
    };
    expect(await norms({})).toBeGreaterThan(0.1);
    expect(await norms({ clipGradNorm: 0.05 })).toBeCloseTo(0.05, 4);
  });

  test('steps a scheduler each epoch, OneCycleLR each step, ReduceLROnPlateau by the test loss', async () => {
    const rates = async (make: (optimizer: optim.Optimizer) => optim.Scheduler) => {
      const model = network();
      const optimizer = adam(model);
      const scheduler = make(optimizer);
      const step = vi.spyOn(scheduler, 'step');
      const { history } = await fit(model, { optimizer, loader: points(), testLoader: points(), scheduler, epochs: 2 });
      return { calls: step.mock.calls, history };
    };
    expect((await rates((optimizer) => new optim.StepLR(optimizer, { stepSize: 1 }))).calls.length).toBe(2);
    expect(
      (await rates((optimizer) => new optim.OneCycleLR(optimizer, { maxLr: 0.1, totalSteps: 14 }))).calls.length,
    ).toBe(14);
    const { calls, history } = await rates((optimizer) => new optim.ReduceLROnPlateau(optimizer));
    expect(calls).toEqual(history.map(({ testLoss }) => [testLoss]));
  });

  test('an empty loader is refused', async () => {
    const model = network();
    const empty = new DataLoader(
      new TensorDataset(tensor(new Float32Array(0), { shape: [0, 2] }), tensor(new Int32Array(0))),
      { batchSize: 8 },
    );
    expect(await failure(fit(model, { optimizer: adam(model), loader: empty }))).toBeInstanceOf(ArgumentError);
  });
});

describe('a run that was interrupted', () => {
  const options = (optimizer: optim.Optimizer): FitOptions => ({
    optimizer,
    loader: points(),
    testLoader: points({ shuffle: false }),
    scheduler: new optim.CosineAnnealingLR(optimizer, { tMax: 4 }),
    epochs: 4,
  });

  async function whole() {
    const model = network();
    const store = new Store();
    const result = await fit(model, { ...options(adam(model)), checkpoints: store, checkpointEvery: { steps: 1 } });
    return { digest: digest(model.stateDict()), result, store };
  }

  const untimed = (history: readonly object[]) =>
    history.map((metrics) => ({ ...metrics, seconds: 0, imagesPerSecond: 0 }));

  test('goes on from any checkpoint to the same bits and the same history', async () => {
    const { digest: want, result, store } = await whole();
    expect(store.kept.map(({ progress }) => [progress.epoch, progress.batch])).toEqual([
      ...[0, 1, 2, 3].flatMap((epoch) => [0, 1, 2, 3, 4, 5, 6].map((batch) => [epoch, batch])),
      [4, 0],
    ]);
    for (const { state, progress } of store.kept) {
      const model = network();
      manualSeed(12345);
      const steps: number[] = [];
      const resumed = await fit(model, {
        ...options(adam(model)),
        checkpoints: new Store(state),
        onBatch: ({ step }) => steps.push(step),
      });
      expect(digest(model.stateDict()), `from step ${progress.step}`).toBe(want);
      expect(untimed(resumed.history)).toEqual(untimed(result.history));
      expect(steps[0] ?? 29).toBe(progress.step + 1);
    }
  });

  test('by a signal leaves a checkpoint of the batch at hand, from which it goes on', async () => {
    const { digest: want } = await whole();
    for (const at of [1, 5, 7, 16]) {
      const store = new Store();
      const model = network();
      const controller = new AbortController();
      const result = await fit(model, {
        ...options(adam(model)),
        checkpoints: store,
        signal: controller.signal,
        onBatch: ({ step }) => {
          if (step === at) controller.abort();
        },
      });
      expect(result).toMatchObject({ ended: 'aborted', steps: at });
      expect(store.kept.at(-1)!.progress.step).toBe(at);
      const other = network();
      await fit(other, { ...options(adam(other)), checkpoints: new Store(store.kept.at(-1)!.state) });
      expect(digest(other.stateDict())).toBe(want);
    }
  });

  test('says which epoch was the best', async () => {
    const { store, result } = await whole();
    const best = store.kept.filter(({ isBest }) => isBest).map(({ progress }) => progress.epoch);
    const expected: number[] = [];
    let highest = -1;
    for (const { epoch, testAccuracy } of result.history)
      if (testAccuracy! > highest) {
        highest = testAccuracy!;
        expected.push(epoch);
      }
    expect(best).toEqual(expected);
  });

  test('goes on with the settings that it was begun with, and with no others', async () => {
    const store = new Store();
    const go = async (settings: FitOptions['settings'], from: Store) => {
      const model = network();
      await fit(model, { ...options(adam(model)), ...(settings && { settings }), checkpoints: from });
      return digest(model.stateDict());
    };
    const settings = { seed: 7, hidden: [8, 4], limit: null, rate: Infinity };
    const want = await go(settings, store);
    const { state } = store.kept[1]!;
    expect(await go({ limit: null, rate: Infinity, hidden: [8, 4], seed: 7, later: true }, new Store(state))).toBe(
      want,
    );
    expect(await go(undefined, new Store(state))).toBe(want);
    for (const [other, message] of [
      [
        { ...settings, seed: 8 },
        /the checkpoint: the run was saved with seed 7, not 8\n {2}hint: restore the settings/,
      ],
      [{ ...settings, hidden: [4, 8] }, /saved with hidden \[8,4\], not \[4,8\]/],
      [{ seed: 7, hidden: [8, 4], rate: Infinity }, /saved with limit null, not undefined/],
    ] as const) {
      const resumed = new Store(state);
      const error = await failure(go(other, resumed));
      expect(error).toBeInstanceOf(CheckpointError);
      expect(error.message).toMatch(message);
      expect(resumed.kept, 'nothing is written').toEqual([]);
    }
    const { store: without } = await whole();
    expect(await go(settings, new Store(without.kept[1]!.state)), 'a state without settings').toBe(want);
  });

  test('saves its weights once more when nothing is left to train', async () => {
    const { store, digest: want } = await whole();
    const last = store.kept.at(-1)!;
    const again = new Store(last.state);
    const model = network();
    await fit(model, { ...options(adam(model)), checkpoints: again });
    expect(again.kept.map(({ weights, isBest, progress }) => [weights, isBest, progress.step])).toEqual([
      [last.weights, false, 28],
    ]);
    expect(digest(model.stateDict())).toBe(want);
  });

  test('cannot go on with another loader, scheduler or model', async () => {
    const { store } = await whole();
    const go = (change: Partial<FitOptions>, model = network()) =>
      failure(fit(model, { ...options(adam(model)), ...change, checkpoints: new Store(store.kept[3]!.state) }));
    const short = new DataLoader(points().dataset, { batchSize: 10 });
    expect((await go({ loader: short })).message).toMatch(/saved with 7 batches per epoch, this loader has 5/);
    expect((await go({}, new nn.Sequential(new nn.Linear(2, 3)))).message).toMatch(/does not fit/);
    const model = network();
    const { scheduler: _, ...without } = options(adam(model));
    const error = await failure(fit(model, { ...without, checkpoints: new Store(store.kept[3]!.state) }));
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.message).toMatch(/saved with a scheduler/);
  });
});

describe('a loss that is no number', () => {
  class Explode extends nn.Module {
    override forward(x: Tensor): Tensor {
      return x.mul(3e38).mul(3e38);
    }
  }

  /** Counts the batches that it saw in training, as batch norm does. */
  class Counter extends nn.Module {
    readonly seen = new nn.Buffer(tensor([0]));
    override forward(x: Tensor): Tensor {
      if (this.training) this.seen.assign([this.seen.item() + 1]);
      return x;
    }
  }

  test('names the step and the layer in which it first appeared, and leaves model and streams alone', async () => {
    const model = new nn.Sequential(new nn.Linear(2, 4), new Counter(), new Explode(), new nn.Linear(4, CLASSES));
    const error = (await failure(
      fit(model, { optimizer: adam(model), loader: points(), epochs: 1 }),
    )) as NonFiniteError;
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error.message).toMatch(
      /fit: the loss is NaN at step 1 \(epoch 1\): the first NaN or infinity is in the output of Explode \(in /,
    );
    expect(error.message).toContain('the output of Explode (in layer 2)');
    expect(error.message).toContain('lower the learning rate (now 0.02)');
    expect(error.layer).toBe('2');
    expect(model.stateDict()['1.seen']!.item(), 'the batch does not count').toBe(0);
  });

  test('from the data is told as such', async () => {
    const model = network();
    const error = await failure(fit(model, { optimizer: adam(model), loader: points({ scale: NaN }) }));
    expect(error.message).toMatch(/the inputs of the batch have NaN/);
  });

  test('from weights that an update ruined names the parameter; the checkpoint before stays the last', async () => {
    const run = async (more: Partial<FitOptions>) => {
      const model = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, CLASSES));
      const weight = model.stateDict()['2.weight']!;
      return failure(
        fit(model, {
          optimizer: adam(model),
          loader: points(),
          onBatch: ({ step }) => {
            if (step === 3) weight.assign(weight.data().fill(Infinity));
          },
          ...more,
        }),
      );
    };
    const store = new Store();
    const atCheckpoint = await run({ checkpoints: store, checkpointEvery: { steps: 1 } });
    expect(atCheckpoint).toBeInstanceOf(NonFiniteError);
    expect(atCheckpoint.message).toMatch(/2\.weight has NaN or infinite values after step 3 \(in layer 2\)/);
    expect(store.kept.map(({ progress }) => progress.step)).toEqual([0, 1, 2]);
    expect((await run({})).message).toMatch(
      /the loss is \S+ at step 4 \(epoch 1\): 2\.weight has NaN or infinite values since the update before/,
    );
  });

  test('may be allowed', async () => {
    const model = new nn.Sequential(new Explode(), new nn.Linear(2, CLASSES));
    const { history } = await fit(model, {
      optimizer: adam(model),
      loader,
      testLoader: points(),
      epochs: 1,
      allowNonFinite: true,
    });
    expect(history[0]!.trainLoss).toBe(NaN);
  });
});

describe('evaluate', () => {
  test('goes over every sample once, in evaluation mode, and gives each layer its mode back', async () => {
    const model = network();
    model.children()[1]!.training = false;
    const modes = model.modules().map(({ training }) => training);
    const before = digest(model.stateDict());
    const sizes: number[] = [];
    const { images, accuracy, loss } = await evaluate(model, loader, {
      onBatch: ({ output }) => {
        sizes.push(output.shape[0]!);
        expect(model.training).toBe(false);
      },
    });
    expect([images, sizes]).toEqual([SAMPLES, [8, 8, 8, 8, 8, 8, 2]]);
    expect(model.modules().map(({ training }) => training)).toEqual(modes);
    expect(digest(model.stateDict())).toBe(before);
    const again = await evaluate(model, new DataLoader(loader.dataset, { batchSize: SAMPLES }));
    expect(again.accuracy).toBe(accuracy);
    expect(again.loss).toBeCloseTo(loss, 5);
    scope(() => expect(model.forward(tensor([[1, 2]])).requiresGrad).toBe(true));
  });

  test('ends with the reason of its signal', async () => {
    const controller = new AbortController();
    const error = await failure(
      evaluate(network(), loader, { signal: controller.signal, onBatch: () => controller.abort() }),
    );
    expect(error.name).toBe('AbortError');
  });
});
