/** `lanewise sweep` as a user runs it. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readResult } from '../../src/experiments/layout.js';
import { type RankedTrial, readSweep, type TestResult } from '../../src/sweep/runSweep.js';
import { lanewise, makeData, type Result, removeWorkspace, workspace } from '../cli/lanewise.js';
import { untimed as untimedResult } from '../experiments/kills.js';

let data: string;
beforeAll(() => {
  data = makeData();
});
afterAll(removeWorkspace);

let count = 0;
const fresh = () => path.join(workspace(), `sweep${count++}`);

/** A sweep on few digits; 30 of them are set aside. */
const sweep = (out: string, ...more: string[]) => [
  'sweep',
  '--data',
  data,
  '--model',
  'mlp',
  '--hidden',
  '8',
  '--batch-size',
  '10',
  '--validation',
  '0.25',
  '--out',
  out,
  '--json',
  ...more,
];
const ranking = ({ events }: Result) =>
  events.filter(({ event }) => event === 'trial') as unknown as (RankedTrial & { rank: number })[];
const tested = ({ events }: Result) => events.at(-1)!.test as TestResult;
const untimed = (result: Result) => ranking(result).map((trial) => ({ ...trial, seconds: 0 }));

describe('lanewise sweep', () => {
  test('ranks a grid by the images set aside, and tests the best trial with weights of its best epoch', async () => {
    const out = fresh();
    const result = await lanewise(
      sweep(out, '--param', 'lr=log:1e-5:0.1:3', '--param', 'momentum=0,0.9', '--epochs', '3', '--jobs', '2'),
    );
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const trials = ranking(result);
    expect(trials).toHaveLength(6);
    const accuracies = trials.map(({ validationAccuracy }) => validationAccuracy!);
    expect(accuracies).toEqual([...accuracies].sort((a, b) => b - a));
    for (const { id, validationAccuracy, bestEpoch, values } of trials) {
      const { history, validation, settings } = readResult(out, id)!;
      expect(validation).toBe(0.25);
      expect(settings).toMatchObject(values);
      expect(validationAccuracy).toBe(Math.max(...history.map(({ testAccuracy }) => testAccuracy!)));
      expect(history[bestEpoch! - 1]!.testAccuracy).toBe(validationAccuracy);
      expect((validationAccuracy! * 30) % 1).toBeCloseTo(0, 9);
    }
    expect(tested(result).id).toBe(trials[0]!.id);
    // What `lanewise eval` says of the same weights on the test images.
    const evaluation = await lanewise([
      'eval',
      '--checkpoint',
      path.join(out, 'runs', trials[0]!.id, 'best.safetensors'),
      '--data',
      data,
      '--json',
    ]);
    expect(evaluation.events[0]).toMatchObject({
      images: 60,
      testAccuracy: tested(result).accuracy,
      testLoss: tested(result).loss,
    });
    const csv = fs.readFileSync(path.join(out, 'results.csv'), 'utf8').trimEnd().split('\n');
    const report = fs.readFileSync(path.join(out, 'report.html'), 'utf8');
    for (const part of ['What to try next', 'data-chart="parameters"', 'All trials, the best first', '"kind":"heat"'])
      expect(report).toContain(part);
    expect(csv[0]).toBe('id,lr,momentum,status,epochs,validationAccuracy,bestEpoch,trainLoss,seconds');
    expect(csv.slice(1).map((line) => line.split(',')[0])).toEqual(trials.map(({ id }) => id));
  }, 300_000);

  test('looks at the test images once: run again, it only tells what it found', async () => {
    const out = fresh();
    const args = sweep(out, '--param', 'lr=0.01,0.1', '--epochs', '1');
    await lanewise(args);
    const manifest = JSON.parse(fs.readFileSync(path.join(out, 'sweep.json'), 'utf8')) as { test: TestResult };
    fs.writeFileSync(
      path.join(out, 'sweep.json'),
      JSON.stringify({ ...manifest, test: { ...manifest.test, accuracy: 0.123 } }),
    );
    const again = await lanewise(args);
    expect(tested(again).accuracy).toBe(0.123);
    expect(again.events.filter(({ event }) => event === 'start')).toEqual([]);
  }, 300_000);

  test('halves: of each round the best go on, from where they stood', async () => {
    const out = fresh();
    const result = await lanewise(
      sweep(
        out,
        '--strategy',
        'halving',
        '--trials',
        '8',
        '--epochs',
        '4',
        '--factor',
        '2',
        '--param',
        'lr=log:1e-5:0.3',
        '--jobs',
        '2',
      ),
    );
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.events[0]).toMatchObject({
      rungs: [
        { epochs: 1, trials: 8 },
        { epochs: 2, trials: 4 },
        { epochs: 4, trials: 2 },
      ],
    });
    const starts = result.events
      .filter(({ event }) => event === 'start')
      .map(({ run, epoch, epochs }) => [run as string, epoch as number, epochs as number] as const);
    expect(starts.map(([, epoch, epochs]) => `${epoch}-${epochs}`).sort()).toEqual([
      ...Array<string>(8).fill('0-1'),
      ...Array<string>(4).fill('1-2'),
      ...Array<string>(2).fill('2-4'),
    ]);
    const scores = (epochs: number, ids: readonly string[]) =>
      ids
        .map((id) => ({
          id,
          score: Math.max(
            ...readResult(out, id)!
              .history.slice(0, epochs)
              .map(({ testAccuracy }) => testAccuracy!),
          ),
        }))
        .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
        .map(({ id }) => id);
    const inRound = (epochs: number) => starts.filter(([, , upTo]) => upTo === epochs).map(([run]) => run);
    expect(inRound(2).sort()).toEqual(scores(1, inRound(1)).slice(0, 4).sort());
    expect(inRound(4).sort()).toEqual(scores(2, inRound(2)).slice(0, 2).sort());
    expect(ranking(result).map(({ epochs }) => epochs)).toEqual([4, 4, 2, 2, 1, 1, 1, 1]);
    expect(inRound(4)).toContain(tested(result).id);
  }, 300_000);

  test('killed in any round, goes on to the same ranking', async () => {
    const args = (out: string) =>
      sweep(
        out,
        '--strategy',
        'halving',
        '--trials',
        '6',
        '--epochs',
        '9',
        '--param',
        'lr=log:1e-3:0.3',
        '--param',
        'optimizer=sgd,adam',
      );
    const wholeIn = fresh();
    const whole = await lanewise(args(wholeIn));
    // Rounds of 1, 3 and 9 epochs: within each of them.
    for (const at of [
      /"event":"epoch","run":"t0004","epoch":1,/,
      /"event":"epoch",.*"epoch":2,/,
      /"event":"epoch",.*"epoch":4,/,
    ]) {
      let out = '';
      // A busy machine may tell of the epoch when all is over: then once more.
      for (let killed = false, tries = 0; !killed; tries++) {
        expect(tries).toBeLessThan(10);
        out = fresh();
        let sent = false;
        const { code } = await lanewise(args(out), (line, child) => {
          if (sent || !at.test(line)) return;
          sent = true;
          child.kill('SIGKILL');
        });
        expect(sent).toBe(true);
        killed = code === null;
      }
      const resumed = await lanewise(['sweep', '--resume', out, '--json', '--jobs', '2']);
      expect(resumed).toMatchObject({ code: 0, stderr: '' });
      expect(untimed(resumed)).toEqual(untimed(whole));
      expect(tested(resumed)).toEqual(tested(whole));
      for (const { id } of ranking(whole)) {
        expect(untimedResult(readResult(out, id)), id).toEqual(untimedResult(readResult(wholeIn, id)));
      }
    }
  }, 300_000);

  test('draws at random, and diverged trials stand last', async () => {
    const out = fresh();
    const result = await lanewise(
      sweep(
        out,
        '--strategy',
        'random',
        '--trials',
        '4',
        '--param',
        'weightDecay=log:1e-5:1e-3',
        '--param',
        'lr=0.1,1e6',
        '--clip-grad-norm',
        '1000',
        '--epochs',
        '2',
      ),
    );
    expect(result.code).toBe(0);
    const order = ranking(result).map(({ values, status }) => [values.lr, status]);
    expect(order).toHaveLength(4);
    expect(new Set(order.map(([lr]) => lr)).size).toBe(2);
    expect(order).toEqual([...order].sort(([, a], [, b]) => (a === 'done' ? 0 : 1) - (b === 'done' ? 0 : 1)));
    expect(readSweep(out)!.trials).toHaveLength(4);
  }, 300_000);

  test('shows people a table, the best first, and what the best came to on the test images', async () => {
    const out = fresh();
    const args = sweep(out, '--param', 'lr=0.001,0.1', '--epochs', '1', '--top', '1').filter((arg) => arg !== '--json');
    const { stdout, code } = await lanewise(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ +lr +epochs +validation +at epoch$\n^1 +0\.1 +1 +\d+\.\d\d % +1$\nbest: --lr 0\.1 {2}test accuracy /m,
    );
    expect(stdout).toMatch(/^best: --lr 0\.1 {2}test accuracy \d+\.\d\d %, loss \d\.\d{4}$/m);
  }, 300_000);

  test.each([
    [[], 'say what to vary'],
    [['--param', 'lr=0.1', '--lr', '0.2'], 'lr is given twice'],
    [['--param', 'lr=0.1', '--param', 'lr=0.2'], 'lr is given twice'],
    [['--param', 'lr=0.1', '--steps', '5'], '--steps cannot be given'],
    [['--param', 'epochs=1,2', '--strategy', 'halving'], 'epochs cannot be varied'],
    [['--param', 'lr=log:1:2'], 'COUNT'],
    [['--param', 'nesterov=true,false'], 'needs a momentum'],
    [['--param', 'lr=1', '--strategy', 'bayes'], 'grid, random, halving'],
  ])('%j is wrong usage', async (args, text) => {
    const result = await lanewise(['sweep', '--out', fresh(), ...args]);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(text);
  });

  const NO_DIRECTORIES = ['/proc/lanewise/x', 'package.json', 'package.json/below'];

  test.each(NO_DIRECTORIES)(
    '--out %s is refused at once, with the path and what to do',
    async (name) => {
      const out = name.startsWith('/') ? name : path.resolve(import.meta.dirname, '../..', name);
      const { code, stderr } = await lanewise(sweep(out, '--param', 'lr=0.1', '--epochs', '1'));
      expect(code).toBe(1);
      const problem = 'the directory cannot be made or written to';
      expect(stderr).toMatch(new RegExp(`^error: ${out}: ${problem}: .*\\n  hint: .*--out.*\\n$`));
    },
    20_000,
  );

  test('tells of a damaged sweep.json and of a trial that failed in lines on stderr, without a stack', async () => {
    const out = fresh();
    const args = sweep(out, '--param', 'lr=0.1,0.2', '--epochs', '1');
    await lanewise(args);
    fs.rmSync(path.join(out, 'runs/t0001/result.json'));
    fs.truncateSync(path.join(out, 'runs/t0001/curve.f32'), 8);
    const again = await lanewise(['sweep', '--resume', out, '--json']);
    expect(again.code).toBe(1);
    const reason = String.raw`\S+curve\.f32: holds 1 steps, expected the 9 of the state`;
    expect(again.stderr).toMatch(new RegExp(`^error: t0001 failed: ${reason}; delete \\S+t0001: [^\\n]*\\n$`));
    expect(ranking(again).map(({ id, status }) => [id, status])).toEqual([
      ['t0002', 'done'],
      ['t0001', 'failed'],
    ]);
    fs.writeFileSync(path.join(out, 'sweep.json'), '{');
    const broken = await lanewise(['sweep', '--resume', out]);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toMatch(/^error: \S+sweep\.json: is not JSON: [^\n]*\n {2}hint: restore it[^\n]*\n$/);
  }, 60_000);

  test('refuses another sweep in the same directory, and settings beside --resume', async () => {
    const out = fresh();
    await lanewise(sweep(out, '--param', 'lr=0.1', '--epochs', '1'));
    expect(await lanewise(sweep(out, '--param', 'lr=0.2', '--epochs', '1'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('a sweep of other settings') as string,
    });
    expect(await lanewise(['sweep', '--resume', out, '--lr', '0.3'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('lr cannot be given beside it') as string,
    });
    expect(await lanewise(['sweep', '--resume', fresh()])).toMatchObject({ code: 2 });
  }, 300_000);
});
