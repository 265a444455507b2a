import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  DataLoader,
  digest,
  type FitResult,
  fit,
  manualSeed,
  nn,
  optim,
  RunControl,
  TensorDataset,
  tensor,
} from '../../src/index.js';
import { uniform } from '../support/random.js';

const SAMPLES = 50;

/** 7 batches of points in the plane, the class by the sign of x. */
function points(): DataLoader {
  const random = uniform(3);
  const x = Float32Array.from({ length: 2 * SAMPLES }, () => random() * 2 - 1);
  const y = Int32Array.from({ length: SAMPLES }, (_, i) => (x[2 * i]! > 0 ? 1 : 0));
  return new DataLoader(new TensorDataset(tensor(x, { shape: [SAMPLES, 2] }), tensor(y)), {
    batchSize: 8,
    shuffle: true,
    seed: 5,
  });
}

function start(
  control: RunControl,
  steps: number[],
  options: { epochs?: number } = {},
): { running: Promise<FitResult>; weights: () => string } {
  manualSeed(1);
  const model = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Dropout(0.3), new nn.Linear(8, 2));
  const loader = points();
  const running = fit(model, {
    optimizer: new optim.SGD(model.parameters(), { lr: 0.1 }),
    loader,
    testLoader: loader,
    epochs: options.epochs ?? 3,
    control,
    onBatch: ({ step }) => {
      steps.push(step);
    },
  });
  return { running, weights: () => digest(model.stateDict()) };
}

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 20);
  });

let steps: number[];
beforeEach(() => {
  steps = [];
});

describe('RunControl', () => {
  test('steps through a run by batches, over the end of an epoch, to the bits of one that never waited', async () => {
    const plain = start(new RunControl(), []);
    await plain.running;
    const control = new RunControl({ paused: true });
    const { running, weights } = start(control, steps);
    await turn();
    expect(steps).toEqual([]);
    await control.step();
    expect(steps).toEqual([1]);
    await turn();
    expect(steps).toEqual([1]);
    await control.step(9);
    expect(steps).toHaveLength(10);
    await control.step(4);
    await turn();
    expect(steps).toHaveLength(14);
    control.resume();
    expect((await running).ended).toBe('epochs');
    expect(steps).toHaveLength(21);
    expect(weights()).toBe(plain.weights());
  });

  test('pauses a run after the batch at hand', async () => {
    const control = new RunControl();
    const { running } = start(control, steps, { epochs: 100_000 });
    await turn();
    await control.pause();
    const reached = steps.length;
    expect(reached).toBeGreaterThan(0);
    await turn();
    expect(steps.length).toBe(reached);
    expect(control.paused).toBe(true);
    control.resume();
    await turn();
    expect(steps.length).toBeGreaterThan(reached);
    control.stop();
    expect((await running).ended).toBe('aborted');
  });

  test('stops a run that waits without another batch', async () => {
    const control = new RunControl({ paused: true });
    const { running } = start(control, steps);
    await control.step(2);
    control.stop();
    expect(await running).toMatchObject({ ended: 'aborted', steps: 2 });
  });

  test('stopping in an evaluation leaves the epoch unfinished', async () => {
    const control = new RunControl({ paused: true });
    const { running } = start(control, steps);
    await control.step(7); // The epoch is trained; its evaluation waits.
    control.stop();
    expect(await running).toMatchObject({ ended: 'aborted', steps: 7, history: [] });
  });

  test('a wait for a pause or a step ends with the run', async () => {
    const control = new RunControl({ paused: true });
    const { running } = start(control, steps, { epochs: 1 });
    const stepped = control.step(1000);
    expect((await running).ended).toBe('epochs');
    await stepped;
    await control.pause();
    expect(steps).toHaveLength(7);
  });

  test("time spent waiting is not the run's", async () => {
    const control = new RunControl({ paused: true });
    const { running } = start(control, steps, { epochs: 1 });
    const since = performance.now();
    await turn();
    await control.step(3);
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
    const waited = 300;
    control.resume();
    const { seconds, history } = await running;
    const whole = (performance.now() - since) / 1000;
    expect(seconds).toBeLessThanOrEqual(whole - waited / 1000 + 0.01);
    expect(history[0]!.seconds).toBeLessThanOrEqual(whole - waited / 1000 + 0.01);
  });

  test('tasks run between batches, one after another, while the run waits for them', async () => {
    const control = new RunControl();
    const log: string[] = [];
    await control.between(() => log.push('before'));
    const { running } = start(control, steps, { epochs: 100_000 });
    await turn();
    const task = (name: string) =>
      control.between(async () => {
        const begun = steps.length;
        log.push(`${name} begins`);
        await turn();
        log.push(`${name} ends`);
        return steps.length - begun;
      });
    expect(await Promise.all([task('first'), task('second')])).toEqual([0, 0]);
    expect(log).toEqual(['before', 'first begins', 'first ends', 'second begins', 'second ends']);
    await expect(
      control.between(() => {
        throw new Error('it broke');
      }),
    ).rejects.toThrow('it broke');
    await control.pause();
    expect(await control.between(() => 7)).toBe(7);
    control.stop();
    await running;
    expect(await control.between(() => 8)).toBe(8);
  });

  test('a task that goes on as the run begins holds it', async () => {
    const control = new RunControl();
    let release!: () => void;
    const task = control.between(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    const { running } = start(control, steps);
    await turn();
    expect(steps).toEqual([]);
    release();
    await task;
    await running;
    expect(steps).toHaveLength(21);
  });

  test('steers one run at a time, and takes whole steps', async () => {
    const control = new RunControl({ paused: true });
    const { running } = start(control, steps);
    await expect(start(control, []).running).rejects.toThrow(ArgumentError);
    await expect(control.step(0)).rejects.toThrow(ArgumentError);
    await expect(control.step(1.5)).rejects.toThrow(ArgumentError);
    control.resume();
    await running;
    expect(steps).toHaveLength(21);
  });
});
