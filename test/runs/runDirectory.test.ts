import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { ArgumentError, CheckpointError, FileWriteError, LockedError } from '../../src/index.js';
import { RunDirectory } from '../../src/node/index.js';
import type { Checkpoint, EpochMetrics } from '../../src/train/checkpoint.js';

const base = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-run-'));
afterAll(() => fs.rmSync(base, { recursive: true }));
let directory: string;
let count = 0;
beforeEach(() => {
  directory = path.join(base, `run${count++}`);
});

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (name: string) => fs.readFileSync(path.join(directory, name), 'utf8');
const epoch = (number: number): EpochMetrics => ({
  epoch: number,
  trainLoss: 1 / number,
  trainAccuracy: 0.5,
  testLoss: NaN,
  testAccuracy: null,
  seconds: 1,
  imagesPerSecond: 10,
});
const checkpoint = (name: string, epochs: number, isBest: boolean): Checkpoint => ({
  state: bytes(`state ${name}`),
  weights: bytes(`weights ${name}`),
  isBest,
  progress: {
    step: 1,
    epoch: epochs,
    batch: 0,
    batches: 1,
    totals: { loss: 0, correct: 0, images: 0, seconds: 0 },
    seconds: 0,
    history: Array.from({ length: epochs }, (_, i) => epoch(i + 1)),
  },
});

describe('a run directory', () => {
  test('keeps config, metrics, the last and the best weights, and the state', () => {
    const run = RunDirectory.create(directory, { lr: 0.1 });
    expect(run.load()).toBe(null);
    run.save(checkpoint('a', 0, false));
    expect(fs.readdirSync(directory).sort()).toEqual([
      'config.json',
      'last.safetensors',
      'lock',
      'metrics.jsonl',
      'state.safetensors',
    ]);
    run.save(checkpoint('b', 1, true));
    run.save(checkpoint('c', 2, false));
    expect([read('best.safetensors'), read('last.safetensors'), read('state.safetensors')]).toEqual([
      'weights b',
      'weights c',
      'state c',
    ]);
    const lines = read('metrics.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as EpochMetrics);
    expect(lines.map((line) => line.epoch)).toEqual([1, 2]);
    expect(lines[0]!.testLoss).toBe(null);
    run.close();
    expect(fs.existsSync(path.join(directory, 'lock'))).toBe(false);

    const again = RunDirectory.open(directory);
    expect(again.config).toEqual({ lr: 0.1 });
    expect(new TextDecoder().decode(again.load()!)).toBe('state c');
    again.close();
  });

  test('is rid of half-written files when it is opened again, and of no others', () => {
    RunDirectory.create(directory, {}).close();
    for (const name of ['.last.safetensors.0123abcd.tmp', '.state.safetensors.4567.tmp', '.other.tmp'])
      fs.writeFileSync(path.join(directory, name), 'half');
    RunDirectory.open(directory).close();
    expect(fs.readdirSync(directory).sort()).toEqual(['.other.tmp', 'config.json']);
  });

  test('is rid of them when it is begun, too, and of those of the lock', () => {
    fs.mkdirSync(directory);
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    for (const name of [
      '.config.json.0123456789ab.tmp',
      `.lock.${pid}.0123456789ab.tmp`,
      `lock.${pid}.stale`,
      '.other.tmp',
    ])
      fs.writeFileSync(path.join(directory, name), 'half');
    RunDirectory.create(directory, {}).close();
    expect(fs.readdirSync(directory).sort()).toEqual(['.other.tmp', 'config.json']);
  });

  test.each(['last.safetensors', 'best.safetensors', 'metrics.jsonl'])(
    'whose state is gone is not begun anew over its %s',
    (name) => {
      RunDirectory.create(directory, {}).close();
      fs.writeFileSync(path.join(directory, name), 'of the run');
      const run = RunDirectory.open(directory);
      expect(() => run.load()).toThrow(CheckpointError);
      expect(() => run.load()).toThrow(
        new RegExp(
          `state.safetensors: the state of the run is missing; a new run here would overwrite ${name}\\n {2}hint: put`,
        ),
      );
      run.close();
      fs.rmSync(path.join(directory, 'config.json'));
      expect(() => RunDirectory.create(directory, {})).toThrow(new RegExp(`this directory holds the ${name} of a run`));
      expect([fs.readdirSync(directory), read(name)]).toEqual([[name], 'of the run']);
    },
  );

  test('whose state is not a file is refused at once', () => {
    const run = RunDirectory.create(directory, {});
    const state = path.join(directory, 'state.safetensors');
    fs.symlinkSync('nowhere', state);
    expect(() => run.load()).toThrow(/state.safetensors: cannot be read: ENOENT/);
    fs.rmSync(state);
    fs.mkdirSync(state);
    expect(() => run.load()).toThrow(CheckpointError);
    expect(() => run.load()).toThrow(
      /state.safetensors: cannot be read: it is a directory[\s\S]*hint: the weights of the last checkpoint are in last/,
    );
    run.close();
  });

  test('is never begun twice', () => {
    RunDirectory.create(directory, {}).close();
    expect(() => RunDirectory.create(directory, {})).toThrow(/holds a run already[\s\S]*hint: continue it/);
    expect(read('config.json')).toBe('{}\n');
    expect(fs.readdirSync(directory)).toEqual(['config.json']);
  });

  test('may be there already, with other files in it', () => {
    fs.mkdirSync(directory);
    fs.writeFileSync(path.join(directory, 'train.log'), '');
    RunDirectory.create(directory, {}).close();
    expect(fs.readdirSync(directory).sort()).toEqual(['config.json', 'train.log']);
  });

  test('that holds no run cannot be continued', () => {
    expect(() => RunDirectory.open(directory)).toThrow(CheckpointError);
    fs.mkdirSync(directory);
    expect(() => RunDirectory.open(directory)).toThrow(/there is no run here: config.json is missing/);
    for (const contents of ['{"lr"', '', '\0\0', Uint8Array.of(0x22, 0xff, 0x22)]) {
      fs.writeFileSync(path.join(directory, 'config.json'), contents);
      expect(() => RunDirectory.open(directory)).toThrow(CheckpointError);
      expect(() => RunDirectory.open(directory)).toThrow(/config.json: cannot be read[\s\S]*hint: put back the file/);
    }
    expect(fs.readdirSync(directory)).toEqual(['config.json']);
    fs.rmSync(path.join(directory, 'config.json'));
    fs.mkdirSync(path.join(directory, 'config.json'));
    expect(() => RunDirectory.open(directory)).toThrow(/config.json: cannot be read: it is a directory/);
  });

  test('that cannot be made or written to is reported, and leaves nothing', () => {
    const file = path.join(base, 'file');
    fs.writeFileSync(file, '');
    expect(() => RunDirectory.create(path.join(file, 'run'), {})).toThrow(FileWriteError);
    expect(() => RunDirectory.create(file, {})).toThrow(FileWriteError);
    for (const config of [
      undefined,
      () => {},
      1n,
      {
        get bad(): never {
          throw new Error('no JSON');
        },
      },
    ]) {
      expect(() => RunDirectory.create(directory, config)).toThrow(ArgumentError);
    }
    expect(() => RunDirectory.create(path.join(directory, 'a', 'x'.repeat(300)), {})).toThrow(
      /cannot be made or written to: ENAMETOOLONG/,
    );
    expect(fs.existsSync(directory)).toBe(false);
  });
});

/** Where a recursive mkdir of Node never returns. */
test.skipIf(!fs.existsSync('/proc/self'))('a run directory in a file system that makes none is refused at once', () => {
  expect(() => RunDirectory.create('/proc/lanewise/run', {})).toThrow(FileWriteError);
});

describe('its lock', () => {
  const lock = () => path.join(directory, 'lock');

  test('keeps a second run out while the first one is open', () => {
    const run = RunDirectory.create(directory, {});
    expect(() => RunDirectory.open(directory)).toThrow(
      new RegExp(`lock: process ${process.pid} works in this directory`),
    );
    expect(() => RunDirectory.open(directory)).toThrow(LockedError);
    expect(() => RunDirectory.open(directory)).toThrow(expect.objectContaining({ code: 'LANEWISE_LOCKED' }));
    run.close();
    RunDirectory.open(directory).close();
  });

  test('of a process that is gone is taken over', () => {
    RunDirectory.create(directory, {}).close();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    fs.writeFileSync(lock(), JSON.stringify({ pid, host: os.hostname(), began: null }));
    const run = RunDirectory.open(directory);
    expect(JSON.parse(fs.readFileSync(lock(), 'utf8'))).toMatchObject({ pid: process.pid });
    run.close();
    expect(fs.readdirSync(directory)).toEqual(['config.json']);
  });

  test.skipIf(!fs.existsSync('/proc/self/stat'))('of a process whose id another one has now is taken over', () => {
    RunDirectory.create(directory, {}).close();
    fs.writeFileSync(lock(), JSON.stringify({ pid: process.pid, host: os.hostname(), began: '1' }));
    RunDirectory.open(directory).close();
  });

  test('of another machine is respected', () => {
    RunDirectory.create(directory, {}).close();
    fs.writeFileSync(lock(), JSON.stringify({ pid: 1, host: 'elsewhere.example', began: null }));
    expect(() => RunDirectory.open(directory)).toThrow(
      /process 1 on elsewhere.example works in this directory[\s\S]*delete this file/,
    );
  });

  test('goes with the process that holds it', () => {
    // A plain exit inside the run: the test of the command line kills one.
    const code =
      'const { RunDirectory } = await ' +
      `import(${JSON.stringify(path.resolve(import.meta.dirname, '../../dist/node.js'))}); ` +
      `RunDirectory.create(${JSON.stringify(directory)}, {}); process.exit(0);`;
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }).stderr).toBe('');
    expect(fs.readdirSync(directory)).toEqual(['config.json']);
  });
});
