/** What is kept of every step, against the same sums by hand. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { RecordedRun } from '../../src/experiments/steps.js';
import type { BatchReport, train } from '../../src/index.js';
import { RunDirectory } from '../../src/node/index.js';
import { uniform } from '../support/random.js';

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-steps-'));
afterAll(() => fs.rmSync(home, { recursive: true }));

// Four batches an epoch: three of 10 images and one of 5.
const [BATCHES, SIZE, IMAGES] = [4, 10, 35] as const;
const random = uniform(3);
const STEPS = Array.from({ length: 1302 }, (_, i) => {
  const size = i % BATCHES === BATCHES - 1 ? 5 : SIZE;
  return { size, loss: Math.fround(random() * 3), right: Math.floor(random() * (size + 1)) };
});

function reportOf(i: number): BatchReport {
  const epoch = STEPS.slice(i - (i % BATCHES), i + 1);
  const images = epoch.reduce((sum, { size }) => sum + size, 0);
  const right = epoch.reduce((sum, step) => sum + step.right, 0);
  return {
    epoch: Math.floor(i / BATCHES) + 1,
    batch: (i % BATCHES) + 1,
    batches: BATCHES,
    step: i + 1,
    loss: STEPS[i]!.loss,
    images,
    trainLoss: 0,
    trainAccuracy: right / images,
    imagesPerSecond: 1,
  };
}

const checkpoint = (step: number): train.Checkpoint => ({
  state: new Uint8Array(1),
  weights: new Uint8Array(1),
  isBest: false,
  progress: {
    step,
    epoch: Math.floor(step / BATCHES),
    batch: step % BATCHES,
    batches: BATCHES,
    totals: { loss: 0, correct: 0, images: 0, seconds: 0 },
    seconds: 0,
    history: [],
  },
});

let runs = 0;
const fresh = () => RunDirectory.create(path.join(home, String(runs++)), {});
const record = (directory: RunDirectory) => new RecordedRun(directory, BATCHES, SIZE, IMAGES);

describe('the curve of a run', () => {
  test('has the means of its bins, of losses and of images classified correctly', () => {
    const run = record(fresh());
    STEPS.forEach((_, i) => run.add(reportOf(i)));
    const { every, loss, accuracy } = run.curve();
    expect(every).toBe(3);
    expect(loss).toHaveLength(434);
    const bins = loss.map((_, i) => STEPS.slice(every * i, every * (i + 1)));
    bins.forEach((bin, i) => {
      expect(loss[i]).toBeCloseTo(bin.reduce((sum, step) => sum + step.loss, 0) / bin.length, 12);
      expect(accuracy[i]).toBeCloseTo(
        bin.reduce((sum, step) => sum + step.right, 0) / bin.reduce((sum, { size }) => sum + size, 0),
        12,
      );
    });
    run.directory.close();
  });

  test('of few steps has each of them, and its last bin may be shorter', () => {
    const run = record(fresh());
    for (let i = 0; i < 7; i++) run.add(reportOf(i));
    expect(run.curve().loss).toEqual(STEPS.slice(0, 7).map(({ loss }) => loss));
    const longer = record(fresh());
    for (let i = 0; i < 1301; i++) longer.add(reportOf(i));
    expect(longer.curve().loss.at(-1)).toBeCloseTo((STEPS[1299]!.loss + STEPS[1300]!.loss) / 2, 12);
  });

  test('is the same after a kill, wherever the files of the last checkpoint stood', () => {
    const whole = record(fresh());
    STEPS.forEach((_, i) => whole.add(reportOf(i)));
    for (const [saved, lost] of [
      [401, 401],
      [402, 777],
      [1, 2],
    ] as const) {
      const directory = fresh();
      const first = record(directory);
      for (let i = 0; i < lost; i++) {
        first.add(reportOf(i));
        if (i + 1 === saved) first.save(checkpoint(saved));
      }
      // A kill between the file of steps and the state: the file is ahead.
      const second = record(directory);
      for (let i = saved - 1; i < STEPS.length; i++) second.add(reportOf(i));
      expect(second.curve()).toEqual(whole.curve());
      expect(second.stepsTo(0.6)).toBe(whole.stepsTo(0.6));
    }
  });

  test('counts full batches alone where the last one is left out', () => {
    // 45 images: four batches of 10, and five images that belong to none.
    const run = new RecordedRun(fresh(), 4, 10, 45);
    for (let i = 0; i < 8; i++) run.add({ ...reportOf(i), images: 10 * ((i % 4) + 1), trainAccuracy: 0.6 });
    expect(run.curve().accuracy).toEqual(Array.from({ length: 8 }, () => 0.6));
    run.directory.close();
  });

  test('null stands for what is not a number', () => {
    const run = record(fresh());
    run.add({ ...reportOf(0), loss: NaN });
    run.add({ ...reportOf(1), trainAccuracy: null });
    expect(run.curve()).toEqual({ every: 1, loss: [null, STEPS[1]!.loss], accuracy: [STEPS[0]!.right / 10, null] });
  });
});

describe('the step at which an accuracy is reached', () => {
  const shareRight = (from: number, to: number) =>
    STEPS.slice(from, to).reduce((sum, { right }) => sum + right, 0) /
    STEPS.slice(from, to).reduce((sum, { size }) => sum + size, 0);

  test('is the first with 100 batches as good behind it', () => {
    const run = record(fresh());
    STEPS.forEach((_, i) => run.add(reportOf(i)));
    const shares = STEPS.map((_, i) => (i >= 99 ? shareRight(i - 99, i + 1) : -1));
    const wanted = [...shares].sort((a, b) => b - a)[20]!;
    expect(run.stepsTo(wanted - 1e-12)).toBe(shares.findIndex((share) => share >= wanted - 1e-12) + 1);
    expect(run.stepsTo(1)).toBe(null);
  });

  test('chance is what always naming a class would do', () => {
    const run = record(fresh());
    STEPS.forEach((_, i) => run.add(reportOf(i)));
    const last = shareRight(STEPS.length - 100, STEPS.length);
    expect(run.endsAtChance(last)).toBe(true);
    expect(run.endsAtChance(last - 0.02)).toBe(true); // 875 images: a deviation is 0.017.
    expect(run.endsAtChance(last - 0.1)).toBe(false);
  });
});
