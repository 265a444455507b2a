/** What the callbacks of `fit` and `evaluate` throw, or promise, is not lost. */
import { describe, expect, test } from 'vitest';
import {
  DataLoader,
  digest,
  evaluate,
  type FitOptions,
  fit,
  manualSeed,
  nn,
  optim,
  RunControl,
  TensorDataset,
  tensor,
} from '../../src/index.js';
import { uniform } from '../support/random.js';

/** 4 batches. */
function points(): DataLoader {
  const random = uniform(3);
  const x = Float32Array.from({ length: 60 }, () => random() * 2 - 1);
  return new DataLoader(
    new TensorDataset(tensor(x, { shape: [30, 2] }), tensor(Int32Array.from({ length: 30 }, (_, i) => i % 3))),
    { batchSize: 8, shuffle: true, seed: 5 },
  );
}

function network(): nn.Sequential {
  manualSeed(1);
  return new nn.Sequential(
    new nn.Linear(2, 8),
    new nn.BatchNorm1d(8),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(8, 3),
  );
}

const train = (options: Partial<FitOptions>, model = network()) =>
  fit(model, {
    optimizer: new optim.SGD(model.parameters(), { lr: 0.1 }),
    loader: points(),
    testLoader: points(),
    epochs: 2,
    ...options,
  });
const later = (ms = 1) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  });

const BROKEN = new RangeError('the callback broke');
const throws = (): never => {
  throw BROKEN;
};
const rejects = async (): Promise<never> => {
  await later();
  throw BROKEN;
};

describe('an error of a callback is that of the run', () => {
  test.each([
    ['throws', throws],
    ['rejects', rejects],
    ['rejects at once', () => Promise.reject(BROKEN)],
  ])('of one that %s', async (_, broken) => {
    for (const options of [
      { onBatch: broken },
      { onEpoch: broken },
      { checkpoints: { load: broken, save: () => {} } },
      { checkpoints: { load: () => null, save: broken } },
    ] as Partial<FitOptions>[])
      await expect(train(options)).rejects.toBe(BROKEN);
    await expect(evaluate(network(), points(), { onBatch: broken })).rejects.toBe(BROKEN);
  });

  test('at the last batch, and at the last epoch', async () => {
    await expect(train({ onBatch: ({ step }) => (step === 8 ? rejects() : undefined) })).rejects.toBe(BROKEN);
    await expect(train({ onEpoch: ({ epoch }) => (epoch === 2 ? rejects() : undefined) })).rejects.toBe(BROKEN);
  });

  test('no step is made after it, and the control is free for another run', async () => {
    const steps: number[] = [];
    const control = new RunControl();
    await expect(
      train({
        control,
        onBatch: ({ step }) => {
          steps.push(step);
          return step === 3 ? rejects() : later();
        },
      }),
    ).rejects.toBe(BROKEN);
    await later(30);
    expect(steps).toEqual([1, 2, 3]);
    expect((await train({ control })).steps).toBe(8);
  });

  test('also while the run is being stopped', async () => {
    const controller = new AbortController();
    const onBatch = (): Promise<never> => {
      controller.abort();
      return rejects();
    };
    await expect(train({ signal: controller.signal, onBatch })).rejects.toBe(BROKEN);
    await expect(evaluate(network(), points(), { signal: controller.signal })).rejects.toThrow('abort');
  });
});

describe('a promise of onBatch', () => {
  test('is waited for before the next batch, to the same bits', async () => {
    const plain = network();
    await train({}, plain);
    const model = network();
    const log: string[] = [];
    const { steps } = await train(
      {
        onBatch: async ({ step }) => {
          log.push(`${step}`);
          await later();
          log.push(`${step} done`);
        },
        onEpoch: ({ epoch }) => {
          log.push(`epoch ${epoch}`);
        },
      },
      model,
    );
    expect(steps).toBe(8);
    expect(log).toEqual(
      [1, 2].flatMap((epoch) => [
        ...[1, 2, 3, 4].flatMap((batch) => [`${4 * (epoch - 1) + batch}`, `${4 * (epoch - 1) + batch} done`]),
        `epoch ${epoch}`,
      ]),
    );
    expect(digest(model.stateDict())).toBe(digest(plain.stateDict()));
  });

  test('takes no training time', async () => {
    const { history, seconds } = await train({ onBatch: () => later(25) });
    expect(seconds - history.reduce((sum, epoch) => sum + epoch.seconds, 0)).toBeGreaterThan(8 * 0.02);
  });

  test('may end the run meanwhile', async () => {
    const controller = new AbortController();
    const onBatch = async ({ step }: { step: number }): Promise<void> => {
      await later();
      if (step === 2) controller.abort();
    };
    expect(await train({ signal: controller.signal, onBatch })).toMatchObject({ ended: 'aborted', steps: 2 });
  });

  test('of evaluate is waited for too', async () => {
    let done = 0;
    const { images } = await evaluate(network(), points(), {
      onBatch: async () => {
        await later();
        done++;
      },
    });
    expect([images, done]).toEqual([30, 4]);
  });
});
