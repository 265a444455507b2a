import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ArgumentError,
  crossEntropy,
  DataLoader,
  digest,
  evaluate,
  type FitOptions,
  fit,
  mseLoss,
  NonFiniteError,
  nn,
  optim,
  scope,
  type Tensor,
  TensorDataset,
  tensor,
} from '../../src/index.js';
import { adam, CLASSES, failure, network, points, SAMPLES, Store } from './points.js';

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

  test('steps a scheduler each epoch, one of cycles each step, ReduceLROnPlateau by the test loss', async () => {
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
    const cyclic = await rates((optimizer) => new optim.CyclicLR(optimizer, { baseLr: 0.01, maxLr: 0.1 }));
    expect(cyclic.calls.length).toBe(14);
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

describe('a loss that is not a number', () => {
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
