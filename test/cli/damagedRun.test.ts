/**
 * Runs whose files were damaged, exchanged, lost or replaced by something else: `--resume` and `eval` end in a typed
 * error, at once, or on the bits of the whole run.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  CheckpointError,
  decodeSafetensors,
  encodeSafetensors,
  FileFormatError,
  FileWriteError,
  init,
  LanewiseError,
  MissingDataError,
} from '../../src/index.js';
import { uniform } from '../support/random.js';
import { runCommand } from './inProcess.js';
import { lanewise, makeData, removeWorkspace, workspace } from './lanewise.js';

// The commands of one process share its runtime, which starts once.
vi.mock('../../src/cli/runtime.js', async () => {
  const { runtimeInfo } = await import('../../src/index.js');
  return { startRuntime: () => Promise.resolve(runtimeInfo()), noteWide: () => {} };
});

let data: string;
/** A run that was killed in its second epoch, with its lock. */
let killed: string;
/** What it ends on, and the digests of its files of weights as they are. */
let want: unknown;
const digests: Record<string, unknown> = {};

const BEGUN = [
  '--model',
  'mlp-bn',
  '--hidden',
  '8',
  '--batch-size',
  '10',
  '--epochs',
  '3',
  '--seed',
  '7',
  '--optimizer',
  'adam',
  '--threads',
  '1',
  '--no-report',
];
const FILES = ['config.json', 'metrics.jsonl', 'state.safetensors', 'best.safetensors', 'last.safetensors', 'lock'];
const { pid: dead } = spawnSync(process.execPath, ['-e', '']);

const digestOf = (events: Record<string, unknown>[]) => events.at(-1)!.digest;
const resume = async (run: string, ...more: string[]) =>
  digestOf(await runCommand(['train', '--resume', run, '--threads', '1', '--no-report', ...more]));
const evaluate = async (file: string) =>
  digestOf(await runCommand(['eval', '--checkpoint', file, '--data', data, '--threads', '1']));

beforeAll(async () => {
  await init({ threads: 1 });
  data = makeData();
  const whole = path.join(workspace(), 'whole');
  want = digestOf(await runCommand(['train', ...BEGUN, '--data', data, '--out', whole]));
  killed = path.join(workspace(), 'killed');
  await lanewise(
    ['train', ...BEGUN, '--data', data, '--out', killed, '--checkpoint-every', '4', '--log-every', '1', '--json'],
    (line, child) => {
      if (line.includes('"step":21,')) child.kill('SIGKILL');
    },
  );
  // A file that was being written may be left: that the next start removes it has a test of its own.
  for (const name of fs.readdirSync(killed)) if (name.endsWith('.tmp')) fs.rmSync(path.join(killed, name));
  expect(fs.readdirSync(killed).sort()).toEqual([...FILES].sort());
  for (const name of ['best.safetensors', 'last.safetensors']) digests[name] = await evaluate(path.join(killed, name));
});
afterAll(removeWorkspace);

let count = 0;
/** A copy of the run, changed. */
function copy(change: (run: string) => void = () => {}): string {
  const run = path.join(workspace(), `copy${count++}`);
  fs.cpSync(killed, run, { recursive: true });
  change(run);
  return run;
}

const changeJson = (file: string, change: (value: Record<string, unknown>) => unknown) =>
  fs.writeFileSync(file, JSON.stringify(change(JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>)));

/** The value of an action, or its error, which must be one of ours. */
async function outcome(action: () => Promise<unknown>): Promise<unknown> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof LanewiseError)) expect.fail(`not one of our errors: ${(error as Error).stack}`);
    return error;
  }
}

/** The files of a run, for comparing. */
const contents = (run: string) =>
  Object.fromEntries(fs.readdirSync(run).map((name) => [name, fs.readFileSync(path.join(run, name), 'base64')]));

test('the run ends on the digest of one that was not killed', async () => {
  const run = copy();
  expect(await resume(run)).toBe(want);
  expect(fs.readdirSync(run).sort()).toEqual(FILES.filter((name) => name !== 'lock').sort());
});

describe('one bit changed', () => {
  test.each(FILES)('anywhere in %s', async (name) => {
    const bytes = fs.readFileSync(path.join(killed, name));
    const random = uniform(name.length);
    const [regions, refused] = [40, { resume: 0, eval: 0 }];
    for (let region = 0; region < regions; region++) {
      const at = Math.floor(((region + random()) * bytes.length) / regions);
      const run = copy((made) => {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= 1 << Math.floor(8 * random());
        fs.writeFileSync(path.join(made, name), damaged);
      });
      if (name in digests) {
        const read = await outcome(() => evaluate(path.join(run, name)));
        if (read instanceof FileFormatError) refused.eval++;
        else expect(read, `byte ${at}`).toBe(digests[name]);
        if (region % 4 > 0) continue; // To resume does not read it.
      }
      const resumed = await outcome(() => resume(run));
      if (resumed instanceof LanewiseError) {
        refused.resume++;
        // Where it is the directory of the data that was changed, that is what is missing.
        if (!(resumed instanceof MissingDataError)) expect(resumed.message, `byte ${at}`).toContain(run);
      } else expect(resumed, `byte ${at}`).toBe(want);
      fs.rmSync(run, { recursive: true });
    }
    // No bit of these passes; a run goes on from its state, so it does without the other weights and the metrics.
    if (name in digests) expect(refused).toEqual({ resume: 0, eval: regions });
    if (name === 'state.safetensors') expect(refused.resume).toBe(regions);
    if (name === 'metrics.jsonl') expect(refused.resume).toBe(0);
  });
});

describe('something else in the place of a file', () => {
  const kinds: [string, (file: string) => void][] = [
    ['a directory', (file) => fs.mkdirSync(file)],
    ['a link to nothing', (file) => fs.symlinkSync('/nowhere/at/all', file)],
    [
      'a named pipe',
      (file) => {
        expect(spawnSync('mkfifo', [file]).status).toBe(0);
      },
    ],
    ['a device', (file) => fs.symlinkSync('/dev/zero', file)],
    ['an empty file', (file) => fs.writeFileSync(file, '')],
    ['nothing', () => {}],
  ];
  test.skipIf(process.platform === 'win32').each(kinds)('%s', async (_what, put) => {
    for (const name of FILES) {
      const run = copy((made) => {
        fs.rmSync(path.join(made, name));
        put(path.join(made, name));
      });
      const before = fs.readdirSync(run).length;
      const read = await outcome(() => evaluate(path.join(run, name)));
      expect(read, name).toBeInstanceOf(LanewiseError);
      expect((read as Error).message).toContain(path.join(run, name));
      const resumed = await outcome(() => resume(run));
      if (resumed instanceof LanewiseError) {
        expect(resumed.message, name).toContain(run);
        expect(fs.readdirSync(run).length, `${name}: nothing is left behind`).toBeLessThanOrEqual(before);
      } else expect(resumed, name).toBe(want);
      const begun = await outcome(() => runCommand(['train', ...BEGUN, '--data', data, '--out', run]));
      expect(begun, 'a run is never begun over this one').toBeInstanceOf(LanewiseError);
      fs.rmSync(run, { recursive: true });
    }
  });

  test.skipIf(process.platform === 'win32')('named pipes for weights to begin with and for data', async () => {
    const pipe = path.join(workspace(), 'pipe');
    spawnSync('mkfifo', [pipe]);
    const out = path.join(workspace(), 'never');
    for (const args of [
      ['--init', pipe, '--data', data],
      ['--data', pipe],
    ]) {
      expect(await outcome(() => runCommand(['train', ...BEGUN, ...args, '--out', out]))).toBeInstanceOf(LanewiseError);
    }
    expect(await outcome(() => runCommand(['predict', '--checkpoint', pipe, 'none.png']))).toBeInstanceOf(
      CheckpointError,
    );
    expect(fs.existsSync(out)).toBe(false);
  });
});

describe('the state', () => {
  test('gone: the weights and metrics stay, and what to do is said', async () => {
    const run = copy((made) => fs.rmSync(path.join(made, 'state.safetensors')));
    const { lock: _, ...before } = contents(run);
    const error = (await outcome(() => resume(run))) as Error;
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.message).toMatch(
      /the state of the run is missing; a new run here would overwrite last\S+, best\S+, metrics\.jsonl\n {2}hint: put/,
    );
    expect(contents(run)).toEqual(before);
  });

  test('not written yet: the run starts at its beginning', async () => {
    const run = copy((made) => {
      for (const name of FILES) if (name !== 'config.json' && name !== 'lock') fs.rmSync(path.join(made, name));
    });
    expect(await resume(run)).toBe(want);
  });

  test('of a version that kept no settings is accepted', async () => {
    const run = copy((made) => {
      const file = path.join(made, 'state.safetensors');
      const { tensors, metadata } = decodeSafetensors(fs.readFileSync(file));
      const { settings, ...rest } = JSON.parse(metadata.lanewiseRun!) as Record<string, unknown>;
      expect(settings).toMatchObject({ seed: 7, epochs: 3 });
      fs.writeFileSync(file, encodeSafetensors(tensors, { ...metadata, lanewiseRun: JSON.stringify(rest) }));
    });
    expect(await resume(run)).toBe(want);
  });
});

describe('config.json', () => {
  test.each<[string, (config: Record<string, unknown>) => unknown, RegExp]>([
    [
      'another seed',
      (config) => ({ ...config, seed: 8 }),
      /the run was saved with seed 7, not 8\n {2}hint: restore the settings \(config\.json\)/,
    ],
    ['another end', (config) => ({ ...config, epochs: 4 }), /saved with epochs 3, not 4[\s\S]*only epochs and steps/],
    ['a model of the same weights', (config) => ({ ...config, lr: 0.01 }), /saved with lr 0\.001, not 0\.01/],
    ['another model', (config) => ({ ...config, model: 'cnn' }), /saved with model "mlp-bn", not "cnn"/],
    ['a setting less', ({ seed: _, ...config }) => config, /saved with seed 7, not 0/],
    ['no settings at all', () => ({}), /saved with model|saved with hidden|was saved with/],
    [
      'an unknown setting',
      (config) => ({ ...config, lrr: 1 }),
      /config\.json: these are not the settings of a run: lrr: there is no such setting\n {2}hint: did you mean lr/,
    ],
    [
      'a value of another type',
      (config) => ({ ...config, lr: 'fast' }),
      /config\.json: these are not the settings of a run: lr: "fast" is not allowed/,
    ],
    [
      'settings that contradict each other',
      (config) => ({ ...config, optimizer: 'sgd', nesterov: true }),
      /config\.json: [\s\S]*Nesterov/,
    ],
    ['null', () => null, /config\.json: these are not the settings of a run: an object is expected/],
    ['a list', () => [], /config\.json: [\s\S]*an object is expected/],
    ['a text', () => 'text', /config\.json: [\s\S]*an object is expected/],
    ['a number', () => 1, /config\.json: [\s\S]*an object is expected/],
  ])('with %s is refused, and nothing is written', async (_what, change, message) => {
    const run = copy((made) => changeJson(path.join(made, 'config.json'), change));
    const { lock: _, ...before } = contents(run);
    const error = (await outcome(() => resume(run))) as Error;
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(run);
    expect(contents(run)).toEqual(before);
  });

  test('may say another place of the data, and the end may be moved beside --resume', async () => {
    const run = copy((made) =>
      changeJson(path.join(made, 'config.json'), (config) => ({ ...config, data: path.join(data, '.') + path.sep })),
    );
    expect(await resume(run, '--epochs', '3')).toBe(want);
    const longer = await resume(run, '--epochs', '4');
    expect(longer).not.toBe(want);
    expect(await resume(run, '--epochs', '4')).toBe(longer);
  });
});

describe('weights of others', () => {
  test.each<[string, unknown]>([
    ['a shape that is none', { inputShape: 5 }],
    ['no channels', { inputShape: [0, 28, 28] }],
    ['no classes', { classNames: [] }],
    ['classes that are numbers', { classNames: [1, 2] }],
    ['a deviation of 0', { normalization: { mean: [0.1], std: [0] } }],
    ['a mean too few', { normalization: { mean: [], std: [] } }],
    ['no numbers', { normalization: 1 }],
  ])('whose header describes %s are refused', async (_what, change) => {
    const file = path.join(workspace(), 'described.safetensors');
    const { tensors, metadata } = decodeSafetensors(fs.readFileSync(path.join(killed, 'best.safetensors')));
    fs.writeFileSync(
      file,
      encodeSafetensors(tensors, {
        lanewise: JSON.stringify({ ...(JSON.parse(metadata.lanewise!) as object), ...(change as object) }),
      }),
    );
    const error = (await outcome(() => evaluate(file))) as Error;
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.message).toMatch(/described\.safetensors: the description of the model in the header cannot be read/);
  });
});

/** Whether file systems can be mounted here: as root, outside most containers. */
function mount(directory: string): boolean {
  fs.mkdirSync(directory);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory]).status === 0;
}

test('a full disk: an error with the file, no lock, no rest; with room again the run goes on', async (context) => {
  const disk = path.join(workspace(), 'disk');
  if (!mount(disk)) context.skip('file systems cannot be mounted here');
  try {
    const run = path.join(disk, 'run');
    fs.cpSync(killed, run, { recursive: true });
    const before = fs.readFileSync(path.join(run, 'state.safetensors'));
    // Room for the lock and for the first files of a checkpoint, for the lock alone, for nothing.
    for (const room of [60_000, 8192, 0]) {
      const filler = fs.openSync(path.join(disk, 'filler'), 'w');
      const free = () => {
        const { bavail, bsize } = fs.statfsSync(disk);
        return bavail * bsize;
      };
      while (free() > room) fs.writeSync(filler, Buffer.alloc(4096));
      fs.closeSync(filler);
      const error = await outcome(() => resume(run));
      expect(error).toBeInstanceOf(FileWriteError);
      expect((error as Error).message).toMatch(/: cannot be written: ENOSPC/);
      expect(fs.readdirSync(run).filter((name) => name.startsWith('.'))).toEqual([]);
      expect(fs.readFileSync(path.join(run, 'state.safetensors')).equals(before)).toBe(true);
      if (room > 0) expect(fs.readdirSync(run)).not.toContain('lock');
      fs.rmSync(path.join(disk, 'filler'));
    }
    expect(await resume(run)).toBe(want);
  } finally {
    spawnSync('umount', [disk]);
  }
});

test('killed again and again, at its beginning and after some steps, it ends on the same digest', async () => {
  const random = uniform(8);
  const run = path.join(workspace(), 'again');
  let kills = 0;
  for (let round = 0; round < 7; round++) {
    const begun = fs.existsSync(path.join(run, 'config.json'));
    const args = begun
      ? ['train', '--resume', run, '--threads', '1', '--no-report']
      : ['train', ...BEGUN, '--data', data, '--out', run];
    const [early, last, milliseconds, step] = [
      round < 3,
      round === 6,
      100 + Math.floor(300 * random()),
      1 + Math.floor(4 * random()),
    ];
    let steps = 0;
    const { code, events, stderr } = await lanewise(
      [...args, '--json', '--log-every', '1', '--checkpoint-every', '2'],
      (line, child) => {
        if (!early && !last && line.includes('"event":"step"') && ++steps === step) child.kill('SIGKILL');
      },
      undefined,
      undefined,
      early ? milliseconds : undefined,
    );
    if (code === null) kills++;
    else {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(digestOf(events)).toBe(want);
    }
  }
  expect(kills).toBeGreaterThan(0);
  expect(fs.readdirSync(run).sort()).toEqual(FILES.filter((name) => name !== 'lock').sort());
});

test('a lock of a process that is gone, and its left-over files, are removed', async () => {
  const left = [
    `.lock.${dead}.0123456789ab.tmp`,
    `lock.${dead}.stale`,
    '.config.json.0123456789ab.tmp',
    '.state.safetensors.0123456789ab.tmp',
    '.metrics.jsonl.ab.tmp',
  ];
  const run = copy((made) => {
    for (const name of left) fs.writeFileSync(path.join(made, name), '');
  });
  expect(await resume(run)).toBe(want);
  expect(fs.readdirSync(run).sort()).toEqual(FILES.filter((name) => name !== 'lock').sort());
});
