/** `fit({ restoreBest: true })` */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  type Checkpoint,
  CheckpointError,
  type CheckpointStore,
  DataLoader,
  decodeSafetensors,
  digest,
  type EpochMetrics,
  type FitOptions,
  type FitResult,
  fit,
  manualSeed,
  nn,
  optim,
  TensorDataset,
  tensor,
} from '../../src/index.js';
import { RunDirectory } from '../../src/node/index.js';
import { uniform } from '../support/random.js';

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-best-'));
afterAll(() => fs.rmSync(home, { recursive: true }));

const CLASSES = 3;
const EPOCHS = 6;

/** Points whose classes are drawn: what is learned of them does not hold for others. */
function points(seed: number): DataLoader {
  const random = uniform(seed);
  const x = Float32Array.from({ length: 60 }, () => random() * 2 - 1);
  const y = Int32Array.from({ length: 30 }, () => Math.floor(random() * CLASSES));
  return new DataLoader(new TensorDataset(tensor(x, { shape: [30, 2] }), tensor(y)), {
    batchSize: 8,
    shuffle: true,
    seed: 5,
  });
}

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

class Store implements CheckpointStore {
  readonly kept: Checkpoint[] = [];
  constructor(private readonly from: Uint8Array | null = null) {}
  load(): Uint8Array | null {
    return this.kept.at(-1)?.state ?? this.from;
  }
  save(checkpoint: Checkpoint): void {
    this.kept.push(checkpoint);
  }
}

interface Run {
  readonly result: FitResult;
  readonly model: nn.Module;
  readonly digest: string;
  readonly after: readonly string[];
}

/** @returns also the weights after each epoch */
async function train(options: Partial<FitOptions> = {}, model = network()): Promise<Run> {
  const after: string[] = [];
  const result = await fit(model, {
    optimizer: new optim.Adam(model.parameters(), { lr: 0.1 }),
    loader: points(3),
    testLoader: points(4),
    epochs: EPOCHS,
    restoreBest: true,
    onEpoch: ({ epoch }) => {
      after[epoch - 1] = digest(model.stateDict());
    },
    ...options,
  });
  return { result, model, digest: digest(model.stateDict()), after };
}

const least = (history: readonly EpochMetrics[], value: (metrics: EpochMetrics) => number): number => {
  const values = history.map(value);
  return values.indexOf(Math.min(...values)) + 1;
};

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: Error) => error,
  );
}

describe('the best epoch', () => {
  const measures = {
    testLoss: (metrics: EpochMetrics) => metrics.testLoss!,
    testAccuracy: (metrics: EpochMetrics) => -metrics.testAccuracy!,
    trainLoss: (metrics: EpochMetrics) => metrics.trainLoss,
    trainAccuracy: (metrics: EpochMetrics) => -metrics.trainAccuracy!,
  };

  test.each(Object.keys(measures) as (keyof typeof measures)[])(
    'is put back, by what early stopping watches: %s',
    async (monitor) => {
      const { result, digest: restored, after } = await train({ earlyStopping: { patience: 2, monitor }, epochs: 30 });
      const epoch = least(result.history, measures[monitor]);
      expect(result.ended).toBe('early');
      expect(result.restoredEpoch).toBe(epoch);
      expect(epoch).toBe(result.history.length - 2);
      expect(restored).toBe(after[epoch - 1]);
      expect(restored).not.toBe(after.at(-1));
    },
  );

  test('is otherwise that of the test accuracy, or of the training loss', async () => {
    const tested = await train();
    const best = least(tested.result.history, measures.testAccuracy);
    expect(best).toBeLessThan(EPOCHS);
    expect([tested.result.restoredEpoch, tested.digest]).toEqual([best, tested.after[best - 1]]);
    const loader = points(3);
    const model = network();
    const untested = await fit(model, {
      optimizer: new optim.SGD(model.parameters(), { lr: 2 }),
      loader,
      epochs: 8,
      restoreBest: true,
    });
    expect(untested.restoredEpoch).toBe(least(untested.history, measures.trainLoss));
  });

  test('is not put back unless that is asked for', async () => {
    const { result, digest: last, after } = await train({ restoreBest: false });
    expect([result.restoredEpoch, last]).toEqual([null, after.at(-1)]);
  });

  test('is put back when the steps are at an end, within an epoch too; not in a run that was stopped', async () => {
    const first = await train({ steps: 7, epochs: 9 });
    expect([first.result.ended, first.result.restoredEpoch, first.digest]).toEqual(['steps', 1, first.after[0]]);
    const controller = new AbortController();
    const stopped = await train({
      signal: controller.signal,
      onBatch: ({ step }) => {
        if (step === 7) controller.abort();
      },
    });
    expect([stopped.result.ended, stopped.result.restoredEpoch]).toEqual(['aborted', null]);
    const plain = await train({ steps: 7, epochs: 9, restoreBest: false });
    expect(stopped.digest).toBe(plain.digest);
    expect((await train({ steps: 3 })).result.restoredEpoch).toBe(null);
  });
});

describe('with checkpoints', () => {
  async function whole(): Promise<Run & { store: Store }> {
    const store = new Store();
    return { ...(await train({ checkpoints: store, checkpointEvery: { steps: 1 } })), store };
  }

  test('the weights that are kept are those put back, the state is the one from which the run goes on', async () => {
    const { result, digest: restored, store, after } = await whole();
    const { tensors, metadata } = decodeSafetensors(store.kept.at(-1)!.weights);
    const epoch = result.restoredEpoch!;
    expect(metadata).toMatchObject({ epoch: String(epoch), step: String(4 * epoch) });
    const other = network();
    other.loadStateDict(tensors);
    expect(digest(other.stateDict())).toBe(restored);
    expect(store.kept.at(-1)!.progress).toMatchObject({ epoch: EPOCHS, step: 4 * EPOCHS });
    const longer = await train({ epochs: 10 });
    const further = await train({ epochs: 10, checkpoints: new Store(store.kept.at(-1)!.state) });
    expect([...after, ...further.after.slice(EPOCHS)]).toEqual(longer.after);
    expect([further.result.restoredEpoch, further.digest]).toEqual([longer.result.restoredEpoch, longer.digest]);
  });

  test('a run that goes on from any of them restores the same', async () => {
    const { result, digest: restored, store } = await whole();
    for (const { state, progress } of store.kept) {
      const resumed = await train({ checkpoints: new Store(state) });
      expect([resumed.result.restoredEpoch, resumed.digest], `from step ${progress.step}`).toEqual([
        result.restoredEpoch,
        restored,
      ]);
    }
  });

  test('a run that was begun without restoreBest goes on with it only where the best weights are at hand', async () => {
    const store = new Store();
    const { result, after } = await train({ checkpoints: store, restoreBest: false });
    const best = least(result.history, (metrics) => -metrics.testAccuracy!);
    const byEpoch = (epoch: number) =>
      store.kept.find(({ progress }) => progress.epoch === epoch && progress.batch === 0)!;
    const resumed = await train({ checkpoints: new Store(byEpoch(best).state) });
    expect([resumed.result.restoredEpoch, resumed.digest]).toEqual([best, after[best - 1]]);
    const model = network();
    const before = digest(model.stateDict());
    const error = await failure(train({ checkpoints: new Store(byEpoch(best + 1).state) }, model));
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.message).toMatch(
      new RegExp(`the weights of epoch ${best}, the best so far, were not kept for restoreBest\\n  hint: `),
    );
    expect(digest(model.stateDict())).toBe(before);
  });

  test('last.safetensors of a directory has them, and a second look at a run that has ended too', async () => {
    const directory = path.join(home, 'run');
    const run = RunDirectory.create(directory, {});
    const { result, digest: restored } = await train({ checkpoints: run });
    run.close();
    const look = () => {
      const model = network();
      model.loadStateDict(decodeSafetensors(fs.readFileSync(path.join(directory, 'last.safetensors'))).tensors);
      return digest(model.stateDict());
    };
    expect(look()).toBe(restored);
    const again = RunDirectory.open(directory);
    const second = await train({ checkpoints: again });
    again.close();
    expect([second.result.restoredEpoch, second.digest, look()]).toEqual([result.restoredEpoch, restored, restored]);
  });
});
