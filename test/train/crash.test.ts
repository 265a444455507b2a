/** A process that dies at any of its file operations: the run goes on as if nothing had happened. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { DataLoader, digest, fit, init, manualSeed, nn, optim, scope, TensorDataset, tensor } from '../../src/index.js';
import { RunDirectory } from '../../src/node/index.js';

await init({ threads: 1 });

const base = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-crash-'));
afterAll(() => fs.rmSync(base, { recursive: true }));

const data = new TensorDataset(
  tensor(
    Float32Array.from({ length: 24 }, (_, i) => Math.imul(i, 37) % 11),
    { shape: [12, 2] },
  ),
  tensor(Int32Array.from({ length: 12 }, (_, i) => i % 3)),
);

/** Begins the run in a directory, or goes on with it, as `lanewise train` does. Returns its digest. */
async function train(directory: string): Promise<string> {
  const run = fs.existsSync(path.join(directory, 'config.json'))
    ? RunDirectory.open(directory)
    : RunDirectory.create(directory, { seed: 3 });
  try {
    manualSeed(3);
    const model = new nn.Sequential(new nn.Linear(2, 4), new nn.Dropout(0.2), new nn.Linear(4, 3));
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
    const loader = new DataLoader(data, { batchSize: 5, shuffle: true, seed: 3 });
    const settings = run.config as Record<string, unknown>;
    await fit(model, {
      optimizer,
      loader,
      testLoader: loader,
      epochs: 2,
      checkpoints: run,
      checkpointEvery: { steps: 2 },
      settings,
    });
    const result = scope(() => digest(model.stateDict()));
    model.dispose();
    optimizer.dispose();
    return result;
  } finally {
    run.close();
  }
}

const OPERATIONS = [
  'openSync',
  'writeFileSync',
  'fsyncSync',
  'closeSync',
  'renameSync',
  'linkSync',
  'unlinkSync',
  'mkdirSync',
  'rmdirSync',
] as const;

/** Nothing here depends on what reaches the disk. */
const withoutSync = () => vi.spyOn(fs, 'fsyncSync').mockImplementation(() => {});

/** File operation `fatal` fails, half done if it writes contents, and so do all after it: the process is gone. */
function killAt(fatal: number): { count: () => number } {
  let count = 0;
  for (const name of OPERATIONS) {
    const original = name === 'fsyncSync' ? () => {} : (fs[name] as (...args: unknown[]) => unknown);
    vi.spyOn(fs, name).mockImplementation(((...args: unknown[]) => {
      // Reading changes nothing: it goes on.
      if (name === 'openSync' && args[1] !== 'wx') return original.apply(fs, args);
      count++;
      if (count < fatal || name === 'closeSync') return original.apply(fs, args);
      if (count === fatal && name === 'writeFileSync')
        original.call(fs, args[0], (args[1] as Uint8Array | string).slice(0, args[1]!.toString().length >> 1), args[2]);
      throw new Error('killed');
    }) as never);
  }
  return { count: () => count };
}

const { pid: dead } = spawnSync(process.execPath, ['-e', '']);

/** The locks and temporary files of this process become those of one that is gone. */
function bury(directory: string): void {
  if (!fs.existsSync(directory)) return;
  for (const name of fs.readdirSync(directory)) {
    const file = path.join(directory, name);
    if (name.startsWith('lock'))
      fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(`"pid":${process.pid},`, `"pid":${dead},`));
    if (name.startsWith('.lock'))
      fs.renameSync(file, path.join(directory, name.replace(String(process.pid), String(dead))));
  }
}

const contents = (directory: string, name: string) => fs.readFileSync(path.join(directory, name));
const history = (directory: string) =>
  contents(directory, 'metrics.jsonl')
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => ({ ...(JSON.parse(line) as object), seconds: 0, imagesPerSecond: 0 }));

test('at every file operation of a run', async () => {
  const whole = path.join(base, 'parent', 'whole');
  const counter = killAt(Infinity);
  const want = await train(whole);
  const operations = counter.count();
  vi.restoreAllMocks();
  expect(operations).toBeGreaterThan(100);
  const files = fs.readdirSync(whole);
  expect(files.sort()).toEqual([
    'best.safetensors',
    'config.json',
    'last.safetensors',
    'metrics.jsonl',
    'state.safetensors',
  ]);

  for (let fatal = 1; fatal <= operations; fatal++) {
    const directory = path.join(base, `parent${fatal}`, 'run');
    killAt(fatal);
    await train(directory).catch(() => {});
    vi.restoreAllMocks();
    bury(directory);
    withoutSync();
    expect(await train(directory), `killed at operation ${fatal}`).toBe(want);
    expect(fs.readdirSync(directory).sort(), `killed at operation ${fatal}`).toEqual(files);
    for (const name of ['best.safetensors', 'last.safetensors', 'config.json'])
      expect(contents(directory, name).equals(contents(whole, name)), `${name}, ${fatal}`).toBe(true);
    expect(history(directory)).toEqual(history(whole));
    vi.restoreAllMocks();
    fs.rmSync(path.dirname(directory), { recursive: true });
  }
});
