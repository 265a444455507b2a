/** Training in a worker. The file of the worker that is not ours runs on the built package, as a program has it. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest';
import {
  ArgumentError,
  type BatchReport,
  CheckpointError,
  digest,
  type EpochMetrics,
  fit,
  init,
  type LanewiseError,
  NonFiniteError,
  ShapeError,
  WorkerError,
} from '../../src/index.js';
import {
  type ImageArrays,
  type ImageTrainSettings,
  imageTraining,
  type OwnWorkerOptions,
  type TrainingRun,
  type TrainingState,
  trainInWorker,
} from '../../src/worker/index.js';
import { uniform } from '../support/random.js';

const random = uniform(11);

/** 60 images of 6×6 in which the class is where the light is. */
function images(count: number): ImageArrays['train'] {
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
  const pixels = new Uint8Array(count * 36);
  for (let i = 0; i < count; i++)
    for (let p = 0; p < 36; p++) pixels[36 * i + p] = Math.floor(random() * 60) + (p % 3 === labels[i] ? 150 : 0);
  return { images: pixels, labels };
}

const DATA: ImageArrays = {
  train: images(60),
  test: images(30),
  shape: [1, 6, 6],
  classes: 3,
  mean: [0.4],
  std: [0.3],
};
const SETTINGS: Partial<ImageTrainSettings> = {
  model: 'mlp-bn',
  hidden: [16],
  batchSize: 8,
  epochs: 3,
  lr: 0.1,
  seed: 7,
  normalize: true,
};

const POINTS = {
  x: Float32Array.from({ length: 80 }, () => random() * 2 - 1),
  y: Int32Array.from({ length: 40 }, (_, i) => i % 3),
};

const runs: TrainingRun[] = [];
const recipe = async (
  settings: Partial<ImageTrainSettings>,
  options: Omit<Parameters<typeof trainInWorker>[1], 'worker' | 'data'> = {},
): Promise<TrainingRun> => {
  const run = await trainInWorker(settings, { data: DATA, threads: 1, ...options });
  runs.push(run);
  return run;
};
const own = async (settings: object, options: Partial<OwnWorkerOptions<unknown>> = {}): Promise<TrainingRun> => {
  const run = await trainInWorker(
    { seed: 1, lr: 0.1, ...settings },
    { worker: new Worker(new URL('ownWorker.mjs', import.meta.url)), data: POINTS, threads: 1, ...options },
  );
  runs.push(run);
  return run;
};
const failure = (promise: Promise<unknown>): Promise<LanewiseError> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: LanewiseError) => error,
  );

afterEach(() => {
  for (const run of runs.splice(0)) run.terminate();
});

describe("trainInWorker with lanewise's own worker", () => {
  test('tells of every batch and epoch, and ends on the bits of the main thread', async () => {
    const batches: BatchReport[] = [];
    const epochs: EpochMetrics[] = [];
    const states: TrainingState[] = [];
    const run = await recipe(SETTINGS, {
      onBatch: (report) => batches.push(report),
      onEpoch: (metrics) => epochs.push(metrics),
      onState: (state) => states.push(state),
    });
    expect(run.info).toMatchObject({ parameters: 36 * 16 + 16 + 32 + 16 * 3 + 3, batches: 8, runtime: { threads: 1 } });
    const result = await run.finished;
    expect(batches.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    expect(epochs).toEqual(result.history);
    expect(states).toEqual(['ended']);
    expect(result.history.at(-1)!.testAccuracy).toBeGreaterThan(0.9);

    await init({ threads: 1 });
    const { model, fit: options } = await imageTraining(SETTINGS, DATA);
    const here = await fit(model, options);
    expect(here.history.map(({ trainLoss }) => trainLoss)).toEqual(result.history.map(({ trainLoss }) => trainLoss));
    expect(result.digest).toBe(digest(model.stateDict()));
    expect(await run.request('digest')).toBe(result.digest);
  });

  test('reads the digits of a directory, by its path or its file: address', async () => {
    const directory = path.resolve(import.meta.dirname, '../../dist/mnist-subset');
    const places = [directory, path.relative('.', directory), pathToFileURL(directory).href];
    const digests = places.map(async (mnist) => {
      const settings = { hidden: [8], batchSize: 50, steps: 2 };
      const run = await trainInWorker(settings, { data: { mnist }, threads: 1 });
      runs.push(run);
      return (await run.finished).digest;
    });
    expect(new Set(await Promise.all(digests)).size).toBe(1);
    const nowhere = trainInWorker({}, { data: { mnist: 'nowhere/' }, threads: 1 });
    expect(await failure(nowhere)).toMatchObject({ name: 'MissingDataError' });
  });

  test('leaves out the last batch where that is asked for', async () => {
    const run = await recipe({ ...SETTINGS, dropLast: true, epochs: 1 });
    expect(run.info.batches).toBe(7);
    expect((await run.finished).steps).toBe(7);
  });

  test('two threads give the same bits', async () => {
    const one = await (await recipe({ ...SETTINGS, hidden: [700] }, { threads: 1 })).finished;
    const run = await recipe({ ...SETTINGS, hidden: [700] }, { threads: 2 });
    expect(run.info.runtime.threads).toBe(2);
    expect((await run.finished).digest).toBe(one.digest);
  });

  test('pauses, steps, answers meanwhile, goes on, to the same bits', async () => {
    const { digest: expected } = await (await recipe(SETTINGS)).finished;
    const states: TrainingState[] = [];
    const run = await recipe(SETTINGS, { paused: true, onState: (state) => states.push(state) });
    expect(run.state).toBe('paused');
    expect((await run.step())!.step).toBe(1);
    expect((await run.step(9))!.step).toBe(10);
    const probabilities = await run.request<Float32Array>(
      'predict',
      Float32Array.from(DATA.test!.images.subarray(0, 72), (value) => (value / 255 - 0.4) / 0.3),
    );
    expect(probabilities).toHaveLength(6);
    expect(probabilities[0]! + probabilities[1]! + probabilities[2]!).toBeCloseTo(1, 5);
    run.resume();
    expect((await run.finished).digest).toBe(expected);
    expect(states).toEqual(['paused', 'running', 'ended']);
  });

  test('weights go out and come in again', async () => {
    const trained = await recipe(SETTINGS);
    const { weights, digest: expected } = await trained.finished;
    const fresh = await recipe({ ...SETTINGS, seed: 8 }, { paused: true });
    expect(await fresh.request('digest')).not.toBe(expected);
    await fresh.request('load', weights);
    expect(await fresh.request('digest')).toBe(expected);
    expect(await fresh.request('weights')).toEqual(weights);
    expect(await failure(fresh.request('load', weights.subarray(0, 100)))).toMatchObject({
      name: 'FileFormatError',
      code: 'LANEWISE_FILE_FORMAT',
    });
    const other = await recipe({ ...SETTINGS, hidden: [5] }, { paused: true });
    expect(await failure(other.request('load', weights))).toBeInstanceOf(CheckpointError);
  });

  test('stop ends it with the weights as they are; so does a signal', async () => {
    const run = await recipe({ ...SETTINGS, epochs: 1_000_000 }, { paused: true });
    await run.step(5);
    run.stop();
    expect(await run.finished).toMatchObject({ ended: 'aborted', steps: 5 });
    const aborter = new AbortController();
    const second = await recipe({ ...SETTINGS, epochs: 1_000_000 }, { signal: aborter.signal });
    aborter.abort();
    expect((await second.finished).ended).toBe('aborted');
  });

  test('errors are those of the main thread', async () => {
    const bad = await failure(recipe({ ...SETTINGS, lr: -1 }));
    expect(bad).toBeInstanceOf(ArgumentError);
    expect(bad).toMatchObject({ name: 'SettingError', code: 'LANEWISE_ARGUMENT', setting: 'lr', where: 'lr' });
    expect(await failure(recipe({ dataset: 'mnist' } as object))).toBeInstanceOf(ArgumentError);
    const pixels = { ...DATA, train: { ...DATA.train, images: DATA.train.images.subarray(1) } };
    expect(await failure(trainInWorker(SETTINGS, { data: pixels, threads: 1 }))).toBeInstanceOf(ShapeError);
    expect(await failure(trainInWorker(SETTINGS, { data: { ...DATA, classes: 2 }, threads: 1 }))).toBeInstanceOf(
      ArgumentError,
    );
    const run = await recipe({ ...SETTINGS, lr: 1e6, epochs: 50, model: 'mlp' });
    const error = await failure(run.finished);
    expect(error).toMatchObject({ name: 'NonFiniteError', code: 'LANEWISE_NON_FINITE' });
    expect(error.message).toContain('lower the learning rate');
    expect(await failure(run.request('nothing'))).toMatchObject({
      message: expect.stringContaining('it has weights, load, digest, memory, predict') as string,
    });
  });
});

describe('trainInWorker with a worker of its own', () => {
  test('trains what the file builds, and answers its requests without a trace', async () => {
    const { digest: expected } = await (await own({})).finished;
    const run = await own({}, { paused: true });
    await run.step(3);
    expect([0, 1, 2]).toContain(await run.request('classOf', [0.5, -0.5]));
    await run.request('disturb');
    run.resume();
    await run.request('classOf', [0.5, -0.5]);
    expect((await run.finished).digest).toBe(expected);
  });

  test("an error in a request is the program's, with its class", async () => {
    const run = await own({}, { paused: true });
    const error = await failure(run.request('fail'));
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.stack).toContain('ownWorker');
    expect((await run.step())!.step).toBe(1);
  });

  test('a bad sample is named here too', async () => {
    const x = POINTS.x.slice();
    x[2 * 17] = NaN;
    const error = await failure((await own({}, { data: { ...POINTS, x } })).finished);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error.sample).toMatchObject({ index: 17 });
    expect(error.message).toContain('(sample 17 of the data set, row ');
  });

  test('an error while building', async () => {
    expect(await failure(own({ refuse: true }))).toMatchObject({ name: 'TypeError', message: 'not today' });
  });

  test('a worker that ends is reported, in words', async () => {
    const run = await own({ epochs: 1_000_000 });
    const asked = failure(run.request('exit'));
    expect(await failure(run.finished)).toBeInstanceOf(WorkerError);
    expect(await failure(run.finished)).toMatchObject({
      message: expect.stringContaining('it ended with code 3') as string,
    });
    expect(await asked).toBeInstanceOf(WorkerError);
    expect(await failure(run.step())).toBeInstanceOf(WorkerError);
    expect(run.state).toBe('ended');
  });

  test('terminate frees a worker, whatever it does', async () => {
    const run = await own({ epochs: 1_000_000 });
    const asked = failure(run.request('hang'));
    run.terminate();
    expect(await asked).toBeInstanceOf(WorkerError);
    expect(await failure(run.finished)).toMatchObject({ message: expect.stringContaining('terminated') as string });
  });
});

test('takes the workers of pages and of Node', () => {
  expectTypeOf<globalThis.Worker>().toExtend<OwnWorkerOptions<unknown>['worker']>();
  expectTypeOf<Worker>().toExtend<OwnWorkerOptions<unknown>['worker']>();
});
