/** `lanewise experiment` as a user runs it: to its end, killed, crashed, stopped, twice at once. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readManifest, readResults } from '../../src/experiments/layout.js';
import type { RunResult } from '../../src/experiments/result.js';
import type { Manifest } from '../../src/experiments/study.js';
import { STUDIES } from '../../src/studies/index.js';
import { CLI, lanewise, makeCifarData, makeData, removeWorkspace, workspace } from '../cli/lanewise.js';

let mnist: string;
let cifar: string;
beforeAll(() => {
  mnist = makeData();
  cifar = makeCifarData();
});
afterAll(removeWorkspace);

let count = 0;
const fresh = () => path.join(workspace(), `study${count++}`);
const results = (directory: string): RunResult[] => readResults(directory, readManifest(directory)!);
const digests = (directory: string) => Object.fromEntries(results(directory).map(({ id, digest }) => [id, digest]));

/** A full study on few digits: four runs of 50 epochs, three steps each. */
const race = (out: string, ...more: string[]) => [
  'experiment',
  'bn-race',
  '--data',
  mnist,
  '--seeds',
  '1',
  '--out',
  out,
  '--json',
  ...more,
];

describe.each(STUDIES.map(({ name, dataset }) => [name, dataset] as const))('%s --quick', (name, dataset) => {
  test('runs from end to end', async () => {
    const out = fresh();
    const result = await lanewise([
      'experiment',
      name,
      '--quick',
      '--data',
      dataset === 'mnist' ? mnist : cifar,
      '--out',
      out,
      '--jobs',
      '2',
      '--json',
    ]);
    // The images of CIFAR-10 come in five files, of which one is there: that is said once, and kept with each result.
    const note = dataset === 'cifar10' ? 'cifar10: data_batch_1.bin found, 100 training images instead of 50000' : null;
    expect(result).toMatchObject({ code: 0, stderr: note === null ? '' : `note: ${note}\n` });
    const manifest = readManifest(out)!;
    expect(manifest).toMatchObject({ version: 1, quick: true, seeds: null, jobs: 2, threads: 1, study: { name } });
    expect(manifest.ended).not.toBe(null);
    const all = results(out);
    expect(all.map(({ id }) => id)).toEqual(manifest.rows.map(({ id }) => `${id}-s1`));
    for (const { id, status, history, divergence, notes } of all) {
      expect(notes).toEqual(note === null ? [] : [note]);
      expect(['done', 'diverged'], id).toContain(status);
      if (divergence?.kind !== 'nonFinite') expect(history, id).toHaveLength(2);
    }
    const { events } = result;
    expect(events[0]).toMatchObject({ event: 'study', study: name, quick: true });
    expect(events.filter(({ event }) => event === 'result')).toHaveLength(all.length);
    expect(events.at(-1)).toMatchObject({ event: 'done', failed: 0, directory: out });
    expect(Number(events.at(-1)!.done) + Number(events.at(-1)!.diverged)).toBe(all.length);
    expect(fs.existsSync(path.join(out, 'lock'))).toBe(false);
  }, 300_000);
});

describe('a study', () => {
  let whole: string;
  let wanted: Record<string, string | null>;
  beforeAll(async () => {
    whole = fresh();
    expect(await lanewise(race(whole))).toMatchObject({ code: 0 });
    wanted = digests(whole);
  }, 300_000);

  test('that is done is not run again, and can be given more seeds', async () => {
    const { ended } = readManifest(whole)!;
    const again = await lanewise(race(whole));
    expect(again).toMatchObject({ code: 0 });
    expect(again.events.map(({ event }) => event)).toEqual(['study', 'plan', 'done']);
    expect(readManifest(whole)!.ended).toBe(ended);
    const more = await lanewise(race(whole, '--seeds', '2', '--jobs', '2'));
    expect(
      more.events
        .filter(({ event }) => event === 'result')
        .map(({ run }) => run)
        .sort(),
    ).toEqual(['cnn-bn-s2', 'cnn-s2', 'mlp-bn-s2', 'mlp-s2']);
    expect(digests(whole)).toMatchObject(wanted);
    expect(readManifest(whole)!.rows.map(({ seeds }) => seeds)).toEqual(Array(4).fill([1, 2]));
  }, 300_000);

  test.each([
    ['cnn-bn-s1', 3],
    ['mlp-bn-s1', 20],
  ])(
    'killed in %s after epoch %i goes on to the same bits',
    async (run, epoch) => {
      const out = fresh();
      const killed = await lanewise(race(out, '--jobs', '2'), (line, child) => {
        if (line.includes(`"event":"epoch","run":"${run}","epoch":${epoch},`)) child.kill('SIGKILL');
      });
      expect(killed.code).toBe(null);
      const before = results(out).map(({ id }) => id);
      expect(before.length).toBeLessThan(4);
      const resumed = await lanewise(race(out, '--jobs', '2'));
      expect(resumed).toMatchObject({ code: 0, stderr: '' });
      // No more than the epoch under way is lost, and what was done is not done again.
      const start = resumed.events.find((event) => event.event === 'start' && event.run === run)!;
      expect(start.epoch).toBeGreaterThanOrEqual(epoch);
      expect(resumed.events.filter(({ event }) => event === 'result').map(({ run: id }) => id)).toHaveLength(
        4 - before.length,
      );
      expect(digests(out)).toEqual(wanted);
      expect(results(out).map(({ curve }) => curve)).toEqual(
        results(whole)
          .filter(({ seed }) => seed === 1)
          .map(({ curve }) => curve),
      );
    },
    300_000,
  );

  test('one of whose processes is killed goes on with that run from its last checkpoint', async () => {
    const out = fresh();
    let pid = 0;
    let shot = false;
    const result = await lanewise(race(out, '--jobs', '2'), (line) => {
      const event = JSON.parse(line) as Record<string, unknown>;
      if (event.event === 'start' && event.run === 'mlp-s1') pid = event.pid as number;
      if (event.event === 'epoch' && event.run === 'mlp-s1' && Number(event.epoch) >= 10 && !shot) {
        shot = true;
        process.kill(pid, 'SIGKILL');
      }
    });
    expect(result).toMatchObject({ code: 0 });
    expect(result.events.filter(({ event }) => event === 'retry')).toEqual([
      { event: 'retry', run: 'mlp-s1', error: 'Worker exited unexpectedly' },
    ]);
    const starts = result.events.filter(({ event, run }) => event === 'start' && run === 'mlp-s1');
    expect(starts.map(({ epoch }) => Number(epoch) >= 10)).toEqual([false, true]);
    expect(digests(out)).toEqual(wanted);
    expect(results(out).map(({ attempts }) => attempts)).toEqual([1, 1, 1, 2]);
  }, 300_000);

  test('reports a run that crashes twice, runs the others, and tries it again when it is run again', async () => {
    const out = fresh();
    const result = await lanewise(race(out), (line) => {
      const event = JSON.parse(line) as Record<string, unknown>;
      if (event.event === 'start' && event.run === 'cnn-s1') process.kill(event.pid as number, 'SIGKILL');
    });
    expect(result.code).toBe(1);
    expect(result.events.at(-1)).toMatchObject({ event: 'done', done: 3, failed: 1 });
    expect(results(out).map(({ id, status, error }) => [id, status, error])).toEqual([
      ['cnn-bn-s1', 'done', null],
      ['cnn-s1', 'failed', 'Worker exited unexpectedly'],
      ['mlp-bn-s1', 'done', null],
      ['mlp-s1', 'done', null],
    ]);
    expect(await lanewise(race(out))).toMatchObject({ code: 0 });
    expect(digests(out)).toEqual(wanted);
  }, 300_000);

  test('is run by one process at a time', async () => {
    const out = fresh();
    let second: Promise<{ code: number | null; stderr: string }> | undefined;
    const first = await lanewise(race(out), (line) => {
      if (line.includes('"event":"epoch"')) second ??= lanewise(race(out));
    });
    expect(await second).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/process \d+ works in this directory/) as string,
    });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(digests(out)).toEqual(wanted);
  }, 300_000);

  test('stopped by Ctrl-C writes checkpoints, exits 130, and goes on', async () => {
    const out = fresh();
    const stopped = await interrupted(race(out, '--jobs', '2'), 'cnn-s1');
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('stopped; to go on: the same command again');
    expect(fs.readdirSync(path.join(out, 'runs', 'cnn-s1'))).toContain('state.safetensors');
    expect(fs.existsSync(path.join(out, 'lock'))).toBe(false);
    expect(readManifest(out)!.ended).toBe(null);
    expect(
      await lanewise(['experiment', 'bn-race', '--resume', '--data', mnist, '--out', out, '--json']),
    ).toMatchObject({ code: 0 });
    expect(digests(out)).toEqual(wanted);
  }, 300_000);
});

/** Runs it in a process group of its own and sends Ctrl-C's signal to all of that, as a terminal does. */
function interrupted(args: readonly string[], run: string): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child: ChildProcess = spawn(process.execPath, [CLI, ...args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr, sent] = ['', '', false];
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (sent || !stdout.includes(`"event":"epoch","run":"${run}"`)) return;
      sent = true;
      process.kill(-child.pid!, 'SIGINT');
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('close', (code) => resolve({ code, stderr }));
  });
}

describe('what is refused', () => {
  const refused = async (args: readonly string[]) => lanewise(['experiment', ...args]);

  test.each([
    [[], 2, 'say which study: bn-mlp'],
    [['bn-mpl'], 2, 'did you mean bn-mlp?'],
    [['bn-mlp', '--seeds', '0'], 2, 'whole number from 1'],
    [['bn-mlp', '--resume', '--out', '/nonexistent'], 2, 'no study bn-mlp in /nonexistent to resume'],
    [['cifar-search', '--quick'], 1, 'no directory of its files is given'],
    [['cifar-search', '--quick', '--data', '/nonexistent'], 1, 'https://www.cs.toronto.edu/~kriz/cifar.html'],
  ])('%j', async (args, code, text) => {
    const result = await refused([...args, ...(args.includes('--out') ? [] : ['--out', fresh()])]);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(text);
  });

  test('a directory that holds something else', async () => {
    const out = fresh();
    expect(await refused(['bn-cnn', '--quick', '--data', mnist, '--out', out])).toMatchObject({ code: 0 });
    expect((await refused(['bn-mlp', '--quick', '--data', mnist, '--out', out])).stderr).toContain(
      'this directory holds the study bn-cnn',
    );
    expect((await refused(['bn-cnn', '--data', mnist, '--out', out])).stderr).toContain(
      'the small version of the study',
    );
    const manifest = JSON.parse(fs.readFileSync(path.join(out, 'study.json'), 'utf8')) as Manifest;
    const changed = {
      ...manifest,
      rows: manifest.rows.map((row) => ({ ...row, settings: { ...row.settings, epochs: 7 } })),
    };
    fs.writeFileSync(path.join(out, 'study.json'), JSON.stringify(changed));
    expect((await refused(['bn-cnn', '--quick', '--data', mnist, '--out', out])).stderr).toContain(
      'with other settings',
    );
  }, 300_000);

  const NO_DIRECTORIES = ['/proc/lanewise/x', 'package.json', 'package.json/below'];

  test.each(NO_DIRECTORIES)(
    '--out %s at once, with the path and what to do',
    async (name) => {
      const out = name.startsWith('/') ? name : path.resolve(import.meta.dirname, '../..', name);
      const { code, stderr } = await refused(['bn-mlp', '--quick', '--data', mnist, '--out', out]);
      expect(code).toBe(1);
      const problem = 'the directory cannot be made or written to';
      expect(stderr).toMatch(new RegExp(`^error: ${out}: ${problem}: .*\\n  hint: .*--out.*\\n$`));
    },
    20_000,
  );

  test('a study.json that is damaged, without a stack', async () => {
    const out = fresh();
    fs.mkdirSync(out);
    fs.writeFileSync(path.join(out, 'study.json'), '[]');
    for (const more of [[], ['--resume']]) {
      const { code, stderr } = await refused(['bn-mlp', '--quick', '--data', mnist, '--out', out, ...more]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: \S+study\.json: is damaged: it is a list, [^\n]*\n {2}hint: [^\n]*\n$/);
    }
    expect(fs.readdirSync(out)).toEqual(['study.json']);
  });

  test('--list tells all studies', async () => {
    const { stdout, code } = await refused(['--list']);
    expect(code).toBe(0);
    for (const { name, title } of STUDIES) expect(stdout).toMatch(new RegExp(`^${name} +${title}$`, 'm'));
  });
});

test('for people there are lines: each epoch, each result, the sum', async () => {
  const { stdout, code } = await lanewise(['experiment', 'bn-cnn', '--quick', '--data', mnist, '--out', fresh()]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^6 runs, 1 at a time$/m);
  expect(stdout).toMatch(/^lr0\.05-bn-s1 {2}epoch 2\/2 {2}train loss \d\.\d{4} {2}accuracy \d+\.\d\d % {2}ETA \d+ s$/m);
  expect(stdout).toMatch(/^6\/6 {2}\S+ {2}(accuracy|diverged)/m);
  expect(stdout).toMatch(/^\d runs done, \d diverged, 0 failed, in \d+ s$/m);
});
