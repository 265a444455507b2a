/** Studies and sweeps of which files are damaged, and runs that have a result that is. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readResult, resultFile } from '../../src/experiments/layout.js';
import { CheckpointError, FileWriteError } from '../../src/index.js';
import { readSweep } from '../../src/sweep/runSweep.js';
import { removeWorkspace } from '../cli/lanewise.js';
import {
  copyOf,
  damage,
  damages,
  JSON_DAMAGES,
  makeBoth,
  study,
  studyIn,
  sweep,
  sweepIn,
  trialResults,
  trials,
  wanted,
} from './damaged.js';
import { untimed } from './kills.js';

beforeAll(makeBoth);
afterAll(removeWorkspace);

describe('study.json and sweep.json', () => {
  test.each([...damages, ...JSON_DAMAGES])('that are %s end the command, and nothing is changed', async (how) => {
    for (const [made, name, run] of [
      [study, 'study.json', studyIn],
      [sweep, 'sweep.json', sweepIn],
    ] as const) {
      const copy = copyOf(made);
      damage(path.join(copy, name), how);
      const before = fs.readdirSync(copy);
      await expect(run(copy)).rejects.toThrow(CheckpointError);
      await expect(run(copy)).rejects.toThrow(
        new RegExp(`^${path.join(copy, name)}: (is|cannot be read)[^\u001b]*hint: restore it, or delete it`),
      );
      expect(fs.readdirSync(copy)).toEqual(before);
    }
  });

  test('that are deleted are written again, and the runs that are done are kept', async () => {
    for (const [made, file, run] of [
      [study, 'study.json', studyIn],
      [sweep, 'sweep.json', sweepIn],
    ] as const) {
      const copy = copyOf(made);
      fs.rmSync(path.join(copy, file));
      expect((await run(copy)).asked).toEqual([]);
      expect(fs.existsSync(path.join(copy, file))).toBe(true);
    }
    const copy = copyOf(sweep);
    fs.rmSync(path.join(copy, 'sweep.json'));
    expect((await sweepIn(copy)).test).toEqual(readSweep(sweep)!.test);
  });
});

describe('result.json', () => {
  const unreadable = damages.filter((how) => how !== 'a directory');

  test.each([...unreadable, ...JSON_DAMAGES])(
    'that is %s is made again: by the whole run where it was pruned',
    async (how) => {
      const copy = copyOf(study);
      damage(resultFile(copy, 'b-s1'), how);
      const { notes, asked, results } = await studyIn(copy);
      expect(asked).toEqual(['b-s1']);
      expect(notes).toEqual([
        expect.stringMatching(new RegExp(`^${resultFile(copy, 'b-s1')}: [^\\n\u001b]*; b-s1 is executed again$`)),
      ]);
      expect(results.map(untimed)).toEqual(wanted.map(untimed));
      expect(fs.readdirSync(path.join(copy, 'runs/b-s1')).sort()).toEqual(
        fs.readdirSync(path.join(study, 'runs/b-s1')).sort(),
      );
    },
  );

  test.each([...unreadable, ...JSON_DAMAGES])('of a trial that is %s is made of its checkpoint', async (how) => {
    const copy = copyOf(sweep);
    damage(resultFile(copy, 't0002'), how);
    const { asked, test: tested } = await sweepIn(copy);
    expect(asked).toEqual(['t0002']);
    expect(trialResults(copy).map(untimed)).toEqual(trials.map(untimed));
    // No step was done again: the times are those of the first time.
    expect(readResult(copy, 't0002')!.history).toEqual(trials[1]!.history);
    expect(tested).toEqual(readSweep(sweep)!.test);
  });

  test('that a version before left without steps is made again', async () => {
    const copy = copyOf(sweep);
    fs.writeFileSync(
      resultFile(copy, 't0001'),
      JSON.stringify({ ...trials[0]!, steps: 0, curve: { every: 1, loss: [], accuracy: [] }, stepsTo90: null }),
    );
    const { notes } = await sweepIn(copy);
    expect(notes[0]).toContain('steps is 0, expected the 4 of its epochs or more');
    expect(trialResults(copy).map(untimed)).toEqual(trials.map(untimed));
  });

  test('that cannot be replaced leaves its run failed, in the report too', async () => {
    const copy = copyOf(study);
    damage(resultFile(copy, 'b-s1'), 'a directory');
    const { results } = await studyIn(copy);
    expect(results.map(({ status }) => status)).toEqual(['done', 'failed', 'done']);
    expect(results[1]!.error).toMatch(/result\.json: cannot be written/);
    expect(fs.readFileSync(path.join(copy, 'report.md'), 'utf8')).toMatch(
      /`b-s1` failed after 2 attempts: .*result\.json: cannot be written/,
    );
  });

  test('of other settings is refused, and not replaced', async () => {
    for (const [made, id, run] of [
      [study, 'b-s1', studyIn],
      [sweep, 't0002', sweepIn],
    ] as const) {
      const copy = copyOf(made);
      const result = readResult(copy, id)!;
      const text = JSON.stringify({ ...result, settings: { ...result.settings, lr: 0.7 } });
      fs.writeFileSync(resultFile(copy, id), text);
      await expect(run(copy)).rejects.toThrow(/holds a run with other settings/);
      expect(fs.readFileSync(resultFile(copy, id), 'utf8')).toBe(text);
    }
  });

  test('of another run does not count', async () => {
    const copy = copyOf(study);
    fs.copyFileSync(resultFile(copy, 'a-s1'), resultFile(copy, 'b-s1'));
    const { notes, results } = await studyIn(copy);
    expect(notes[0]).toContain('is the result of a-s1, expected that of b-s1');
    expect(results.map(untimed)).toEqual(wanted.map(untimed));
  });
});

describe('the best trial', () => {
  test.each([...damages, 'gone'])(
    'with weights that are %s is not tested; all trials are in results.csv',
    async (how) => {
      const copy = copyOf(sweep);
      const { test: tested, ...manifest } = readSweep(copy)!;
      fs.writeFileSync(path.join(copy, 'sweep.json'), JSON.stringify({ ...manifest, test: null }));
      fs.rmSync(path.join(copy, 'results.csv'));
      const weights = path.join(copy, 'runs', tested!.id, 'best.safetensors');
      if (how === 'gone') fs.rmSync(weights);
      else damage(weights, how);
      await expect(sweepIn(copy)).rejects.toThrow(CheckpointError);
      await expect(sweepIn(copy)).rejects.toThrow(/best\.safetensors[\s\S]*hint: delete .* trains it again/);
      expect(fs.readFileSync(path.join(copy, 'results.csv'), 'utf8').split('\n')).toHaveLength(5);
      fs.rmSync(path.dirname(weights), { recursive: true });
      expect((await sweepIn(copy)).test).toEqual(tested);
    },
  );
});

describe('a lock', () => {
  test.each(['a directory', 'a FIFO', 'a link to itself', 'a link to nothing'])(
    'that is %s is refused, with what to do',
    async (how) => {
      for (const [made, run] of [
        [study, studyIn],
        [sweep, sweepIn],
      ] as const) {
        const copy = copyOf(made);
        const lock = path.join(copy, 'lock');
        if (how === 'a link to nothing') fs.symlinkSync('/nonexistent', lock);
        else {
          fs.writeFileSync(lock, '');
          damage(lock, how);
        }
        await expect(run(copy)).rejects.toThrow(CheckpointError);
        await expect(run(copy)).rejects.toThrow(/lock: [\s\S]*hint: delete it when no process works/);
      }
    },
  );
});

test.each(['study.json', 'study.json/below', 'nowhere', 'nowhere/below'])(
  '--out %s cannot be made: an error with the path and what to do',
  async (name) => {
    const copy = copyOf(study);
    fs.symlinkSync('/nonexistent/place', path.join(copy, 'nowhere'));
    const out = path.join(copy, name);
    for (const run of [studyIn, sweepIn]) {
      await expect(run(out)).rejects.toThrow(FileWriteError);
      await expect(run(out)).rejects.toThrow(new RegExp(`^${out}: [\\s\\S]*hint: choose another`));
    }
  },
);
