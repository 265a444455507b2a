/** Runs that were killed before they had a result and have a damaged file: that run fails, the others continue. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readManifest, readResult, readResults } from '../../src/experiments/layout.js';
import { removeWorkspace } from '../cli/lanewise.js';
import {
  copyOf,
  damage,
  damages,
  makeBoth,
  study,
  studyIn,
  sweep,
  sweepIn,
  trialResults,
  trials,
  withoutResult,
} from './damaged.js';
import { untimed } from './kills.js';

beforeAll(makeBoth);
afterAll(removeWorkspace);

/** Of which the parts do not fit together. */
const PROGRESS = {
  step: 5,
  epoch: 1,
  batch: 0,
  batches: 2,
  seconds: 1,
  history: [],
  totals: { loss: 0, correct: 0, images: 0, seconds: 0 },
};

/** Runs it, and expects that trial 2 alone failed. Returns why. */
async function failure(copy: string): Promise<string> {
  const { ranking, test: tested } = await sweepIn(copy);
  expect(ranking.map(({ id, status }) => [id, status]).sort()).toEqual([
    ['t0001', 'done'],
    ['t0002', 'failed'],
    ['t0003', 'done'],
  ]);
  expect(tested).not.toBe(null);
  const { status, error } = readResult(copy, 't0002')!;
  expect(status).toBe('failed');
  return error!;
}

describe('of a run without a result', () => {
  test.each(damages)('a state that is %s leaves it failed, with what to do, and then it is run again', async (how) => {
    const { copy, file } = withoutResult();
    damage(file('state.safetensors'), how);
    expect(await failure(copy)).toMatch(/state\.safetensors( at byte \d+)?: /);
    fs.rmSync(path.dirname(file('')), { recursive: true });
    await sweepIn(copy);
    expect(trialResults(copy).map(untimed)).toEqual(trials.map(untimed));
  });

  test.each([
    ['null', 'it is null'],
    ['{}', 'progress is missing'],
    ['{"progress":[]}', 'progress is a list'],
    [JSON.stringify({ progress: PROGRESS }), 'progress.step is 5, expected 1 epochs of 2'],
  ])('a state that says %s leaves it failed', async (text, problem) => {
    const { copy, file } = withoutResult();
    const header = JSON.stringify({ __metadata__: { lanewiseRun: text } });
    fs.writeFileSync(
      file('state.safetensors'),
      Buffer.concat([Buffer.from(BigUint64Array.of(BigInt(header.length)).buffer), Buffer.from(header)]),
    );
    expect(await failure(copy)).toContain(problem);
  });

  test('a state that is gone means the whole run', async () => {
    const { copy, file } = withoutResult();
    fs.rmSync(file('state.safetensors'));
    await sweepIn(copy);
    expect(trialResults(copy).map(untimed)).toEqual(trials.map(untimed));
  });

  test.each([...damages, 'gone'])('steps that are %s leave it failed', async (how) => {
    const { copy, file } = withoutResult();
    if (how === 'gone') fs.rmSync(file('curve.f32'));
    else damage(file('curve.f32'), how);
    expect(await failure(copy)).toMatch(/curve\.f32: (.|\n)*delete .*t0002: the same command runs it again/);
  });

  test('steps of which any bit has changed leave it failed, more steps than needed do not', async () => {
    const bytes = fs.readFileSync(path.join(sweep, 'runs/t0002/curve.f32'));
    expect(bytes.length).toBe(4 * 8);
    for (const [at, bit] of [
      [0, 1],
      [2, 0x80],
      [4, 8],
      [11, 0x40],
      [14, 4],
      [24, 1],
      [31, 0x80],
    ] as const) {
      const { copy, file } = withoutResult();
      const changed = Buffer.from(bytes);
      changed[at]! ^= bit;
      fs.writeFileSync(file('curve.f32'), changed);
      expect(await failure(copy), `byte ${at}`).toMatch(/curve\.f32: /);
    }
    const { copy, file } = withoutResult();
    fs.writeFileSync(file('curve.f32'), Buffer.concat([bytes, Buffer.alloc(27, 1)]));
    await sweepIn(copy);
    expect(trialResults(copy).map(untimed)).toEqual(trials.map(untimed));
  });

  test.each([...damages, 'null', '[]', '{"lr":"fast"}', '{"lrate":1}'])(
    'settings that are %s leave it failed',
    async (how) => {
      const { copy, file } = withoutResult();
      damage(file('config.json'), how);
      expect(await failure(copy)).toMatch(/config\.json: (.|\n)*delete /);
    },
  );

  test('metrics that are a directory leave it failed: they cannot be written', async () => {
    const { copy, file } = withoutResult();
    damage(file('metrics.jsonl'), 'a directory');
    expect(await failure(copy)).toMatch(/metrics\.jsonl: (.|\n)*EISDIR/);
  });

  test.each(damages.filter((how) => how !== 'a directory'))(
    'metrics that are %s do not matter: the state has them',
    async (how) => {
      const { copy, file } = withoutResult();
      damage(file('metrics.jsonl'), how);
      await sweepIn(copy);
      expect(trialResults(copy).map(untimed)).toEqual(trials.map(untimed));
    },
  );

  test('a directory that is a file leaves it failed, and the report has it', async () => {
    const copy = copyOf(study);
    fs.rmSync(path.join(copy, 'runs/b-s1'), { recursive: true });
    fs.writeFileSync(path.join(copy, 'runs/b-s1'), 'in the way');
    const { results } = await studyIn(copy);
    expect(results.map(({ status }) => status)).toEqual(['done', 'failed', 'done']);
    expect(readResults(copy, readManifest(copy)!).map(({ status }) => status)).toEqual(['done', 'failed', 'done']);
    expect(fs.readFileSync(path.join(copy, 'report.md'), 'utf8')).toMatch(/`b-s1` failed after .*ENOTDIR/);
    expect(JSON.parse(fs.readFileSync(path.join(copy, 'report.json'), 'utf8'))).toMatchObject({
      runs: { done: 2, failed: 1, missing: 0 },
    });
  });

  test('a lock that is a directory leaves it failed', async () => {
    const { copy, file } = withoutResult();
    fs.mkdirSync(file('lock'));
    expect(await failure(copy)).toMatch(/lock: is a directory, expected a file/);
  });
});
