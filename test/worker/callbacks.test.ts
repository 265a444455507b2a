/** What the callbacks of `trainInWorker` throw ends the run, and is its error. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { WorkerError } from '../../src/index.js';
import { type TrainingRun, type TrainingState, trainInWorker, type WorkerEvents } from '../../src/worker/index.js';

const DATA = {
  x: Float32Array.from({ length: 80 }, (_, i) => (i % 7) - 3),
  y: Int32Array.from({ length: 40 }, (_, i) => i % 3),
};

const BROKEN = new RangeError('the callback broke');
const later = (ms = 1) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  });
const ways: [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw BROKEN;
    },
  ],
  [
    'rejects',
    async () => {
      await later();
      throw BROKEN;
    },
  ],
  [
    'throws a text',
    () => {
      throw 'the callback broke';
    },
  ], // eslint-disable-line @typescript-eslint/only-throw-error
];

interface Started {
  readonly starting: Promise<TrainingRun>;
  readonly gone: Promise<unknown>;
}

function start(events: WorkerEvents, settings: { epochs?: number } = {}): Started {
  const worker = new Worker(new URL('ownWorker.mjs', import.meta.url));
  return {
    starting: trainInWorker(
      { seed: 1, lr: 0.1, epochs: 1_000_000, ...settings },
      { worker, data: DATA, threads: 1, ...events },
    ),
    gone: once(worker, 'exit'),
  };
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error,
  );
}

test.each(ways)('onBatch or onEpoch that %s', async (way, broken) => {
  for (const name of ['onBatch', 'onEpoch'] as const) {
    let calls = 0;
    const states: TrainingState[] = [];
    const { starting, gone } = start({
      [name]: () => (++calls === 3 ? broken() : undefined),
      onState: (state) => states.push(state),
    });
    const run = await starting;
    const error = await failure(run.finished);
    if (way === 'throws a text') expect(error).toBe('the callback broke');
    else expect(error).toBe(BROKEN);
    expect(run.state).toBe('ended');
    expect(states).toEqual(['ended']);
    await gone;
    if (way !== 'rejects') expect(calls, 'nothing is told afterwards').toBe(3);
    expect(await failure(run.request('digest'))).toBe(error);
    expect(await failure(run.pause())).toBe(error);
  }
});

test.each(ways.slice(0, 2))('onState that %s: as the run is built, as it waits, at its end', async (_, broken) => {
  const at = (state: TrainingState) => ({ onState: (now: TrainingState) => (now === state ? broken() : undefined) });
  const built = start({ ...at('paused'), paused: true });
  // A promise is rejected only after the run is there.
  expect(
    await built.starting.then(
      ({ finished }) => failure(finished),
      (error: unknown) => error,
    ),
  ).toBe(BROKEN);
  await built.gone;

  const paused = start(at('paused'));
  const run = await paused.starting;
  await Promise.allSettled([run.pause()]);
  expect(await failure(run.finished)).toBe(BROKEN);
  await paused.gone;

  const ended = start(at('ended'), { epochs: 1 });
  expect(await failure((await ended.starting).finished)).toBe(BROKEN);
  await ended.gone;
});

test('a promise that is still open when the training is done is waited for', async () => {
  const log: string[] = [];
  const { starting, gone } = start(
    {
      onEpoch: async ({ epoch }) => {
        await later(50);
        log.push(`epoch ${epoch}`);
      },
    },
    { epochs: 2 },
  );
  const run = await starting;
  await run.finished;
  expect(log).toEqual(['epoch 1', 'epoch 2']);
  run.terminate();
  await gone;

  const late = start(
    {
      onEpoch: async () => {
        await later(50);
        throw BROKEN;
      },
    },
    { epochs: 1 },
  );
  expect(await failure((await late.starting).finished)).toBe(BROKEN);
  await late.gone;
});

test('an error at the end that terminate() makes is that of the run; else it was terminated', async () => {
  const broken = start({
    onState: (state) => {
      if (state === 'ended') throw BROKEN;
    },
  });
  const run = await broken.starting;
  run.terminate();
  expect(await failure(run.finished)).toBe(BROKEN);
  await broken.gone;
  const plain = start({});
  const other = await plain.starting;
  other.terminate();
  expect(await failure(other.finished)).toBeInstanceOf(WorkerError);
  await plain.gone;
});

test('an onBatch of the worker that rejects ends the run with its error', async () => {
  const { starting, gone } = start({}, { breakOnBatch: true } as object);
  const run = await starting;
  expect(await failure(run.finished)).toMatchObject({ name: 'RangeError', message: 'in the worker' });
  run.terminate();
  await gone;
});
