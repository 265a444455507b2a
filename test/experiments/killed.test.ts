/** A kill at any moment, and the same command again: the results are those of a run that was never killed. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readManifest, readResult, readResults } from '../../src/experiments/layout.js';
import type { RunRequest } from '../../src/experiments/request.js';
import { executeRun } from '../../src/experiments/run.js';
import { RecordedRun } from '../../src/experiments/steps.js';
import { NonFiniteError } from '../../src/index.js';
import type { TrainSettings } from '../../src/recipes/index.js';
import { runStudy } from '../../src/studies/runStudy.js';
import { readSweep, runSweep, type SweepPlan } from '../../src/sweep/runSweep.js';
import { makeData, removeWorkspace, workspace } from '../cli/lanewise.js';
import { filesIn, InProcess, killedCopies, smallStudy, untimed } from './kills.js';

let data: string;
beforeAll(() => {
  data = makeData();
  // Only the order of the changes counts here: no power is cut.
  vi.spyOn(fs, 'fsyncSync').mockImplementation(() => {});
});
afterAll(removeWorkspace);

const SMALL = { model: 'mlp-bn', hidden: [8], batchSize: 50, epochs: 2, seed: 1 } as const;

const request = (directory: string, settings: Partial<TrainSettings>): RunRequest => ({
  id: 'run-s1',
  row: 'run',
  group: 'g',
  label: 'run',
  directory: path.join(directory, 'runs', 'run-s1'),
  validation: 0,
  until: null,
  threads: 1,
  prune: true,
  attempt: 1,
  settings: { data, ...SMALL, ...settings },
});

describe('a run', () => {
  test.each<[string, Partial<TrainSettings>, string]>([
    ['that is done', { optimizer: 'adam', scheduler: 'cosine', shift: 1 }, 'done'],
    ['of a step limit within an epoch', { momentum: 0.9, epochs: null, steps: 5 }, 'done'],
    ['that becomes NaN in its third epoch', { model: 'mlp', lr: 10, weightDecay: 100, epochs: 6 }, 'diverged'],
    ['that becomes NaN in an evaluation', { model: 'mlp', lr: 1, weightDecay: 5000, epochs: 6 }, 'diverged'],
    ['that explodes', { model: 'mlp', lr: 1e3 }, 'diverged'],
  ])('%s', async (name, settings, status) => {
    const whole = path.join(workspace(), `run ${name}`);
    fs.mkdirSync(whole);
    const copies = await killedCopies(whole, () => executeRun(request(whole, settings)));
    const wanted = readResult(whole, 'run-s1')!;
    expect(wanted.status).toBe(status);
    expect(wanted.curve.loss.length).toBeGreaterThan(3);
    expect(copies.length).toBeGreaterThan(15);
    for (const { before, copy } of copies) {
      if (readResult(copy, 'run-s1') === null) await executeRun(request(copy, settings));
      expect(untimed(readResult(copy, 'run-s1')), before).toEqual(untimed(wanted));
    }
  });
});

test('a run that is stopped as its weights become NaN has the result of one that is not', async () => {
  const settings = { model: 'mlp', lr: 10, weightDecay: 100, epochs: 6 } as const;
  const [whole, stopped] = ['whole', 'stopped'].map((name) => request(path.join(workspace(), name), settings));
  const wanted = (await executeRun(whole!))!;
  expect(wanted.divergence).toMatchObject({ kind: 'nonFinite', step: 7 });
  const controller = new AbortController();
  const { add, save } = RecordedRun.prototype;
  const adding = vi.spyOn(RecordedRun.prototype, 'add').mockImplementation(function (this: RecordedRun, report) {
    add.call(this, report);
    if (report.step === 7) controller.abort();
  });
  // As `fit` does where it finds them before it saves.
  const saving = vi.spyOn(RecordedRun.prototype, 'save').mockImplementation(function (this: RecordedRun, checkpoint) {
    if (controller.signal.aborted) throw new NonFiniteError('0.weight has NaN or infinite values after step 7');
    save.call(this, checkpoint);
  });
  expect(await executeRun(stopped!, { signal: controller.signal })).toBe(null);
  expect(saving).toHaveBeenCalledTimes(4);
  for (const spy of [adding, saving]) spy.mockRestore();
  expect(untimed(await executeRun(stopped!))).toEqual(untimed(wanted));
});

const STUDY = smallStudy(
  SMALL,
  [
    { id: 'a', label: 'a', settings: { lr: 0.1 } },
    { id: 'b', label: 'b', settings: { model: 'mlp', lr: 1, weightDecay: 5000 } },
  ],
  [{ kind: 'curves', id: 'loss', title: 'Loss', x: 'step', y: 'stepLoss', rows: ['a', 'b'] }],
);

test('a study: its results, its report, and no file that does not belong there', async () => {
  const run = (directory: string, executor = new InProcess()) =>
    runStudy(STUDY, executor, {
      directory,
      seeds: null,
      threads: 1,
      quick: false,
      data,
      command: 'test',
      version: '0',
    });
  const whole = path.join(workspace(), 'study');
  const copies = await killedCopies(whole, () => run(whole));
  const [wanted, files] = [readResults(whole, readManifest(whole)!), filesIn(whole)];
  expect(wanted.map(({ status }) => status)).toEqual(['done', 'diverged']);
  expect(files).toEqual([
    'figures/loss.svg',
    'metrics.jsonl',
    'report.html',
    'report.json',
    'report.md',
    'results.csv',
    ...['a-s1', 'b-s1'].flatMap((id) =>
      ['config.json', 'curve.f32', 'last.safetensors', 'metrics.jsonl', 'result.json'].map(
        (name) => `runs/${id}/${name}`,
      ),
    ),
    'study.json',
  ]);
  // The chart library numbers the pictures of a process.
  const pictureIn = (directory: string) =>
    fs.readFileSync(path.join(directory, 'figures/loss.svg'), 'utf8').replace(/zr\d+-(cls-\d+)?/g, '');
  expect(copies.length).toBeGreaterThan(40);
  for (const { before, copy } of copies) {
    const results = await run(copy);
    expect(results.map(untimed), before).toEqual(wanted.map(untimed));
    expect(readResults(copy, readManifest(copy)!), before).toEqual(results);
    expect(filesIn(copy), before).toEqual(files);
    expect(pictureIn(copy), before).toBe(pictureIn(whole));
  }
});

test('a sweep that halves: its ranking, its test, and no file that does not belong there', async () => {
  const plan: SweepPlan = {
    strategy: 'halving',
    base: { ...SMALL, data },
    trials: [{ lr: 0.001 }, { lr: 0.1 }, { lr: 0.01 }],
    rungs: [
      { epochs: 1, trials: 3 },
      { epochs: 2, trials: 1 },
    ],
    validation: 0.25,
  };
  const run = (directory: string) =>
    runSweep(plan, new InProcess(), { directory, threads: 1, command: 'test', version: '0' });
  const whole = path.join(workspace(), 'sweep');
  const copies = await killedCopies(whole, () => run(whole));
  const [wanted, files, { test: tested }] = [
    plan.trials.map((_, i) => readResult(whole, `t000${i + 1}`)),
    filesIn(whole),
    readSweep(whole)!,
  ];
  expect(tested).not.toBe(null);
  expect(wanted.map((result) => result!.history.length).sort()).toEqual([1, 1, 2]);
  for (const { before, copy } of copies) {
    expect((await run(copy)).test, before).toEqual(tested);
    expect(
      plan.trials.map((_, i) => untimed(readResult(copy, `t000${i + 1}`))),
      before,
    ).toEqual(wanted.map(untimed));
    expect(filesIn(copy), before).toEqual(files);
  }
});
