/** Help and lines of progress in narrow terminals. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLI, lanewise, makeData, removeWorkspace } from './lanewise.js';

let data: string;
beforeAll(() => {
  data = makeData();
});
afterAll(removeWorkspace);

const help = (columns: number, ...command: string[]): string[] =>
  execFileSync(process.execPath, [CLI, ...command, '--help'], {
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: String(columns) },
  }).split('\n');

describe.each([60, 80, 120])('in %i columns', (columns) => {
  test.each(['', 'train', 'eval', 'predict', 'experiment', 'sweep', 'serve'])(
    'help of %j wraps between words',
    (name) => {
      const lines = help(columns, ...name.split(' ').filter((word) => word !== ''));
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
      // The words are those of the help that has room for all of them.
      const words = (text: readonly string[]) => text.join(' ').replaceAll(' \\ ', ' ').split(/\s+/);
      expect(words(lines)).toEqual(words(help(10_000, ...(name === '' ? [] : [name]))));
    },
  );
});

test('what train prints fits 80 columns, and counts one of a thing as one', async () => {
  const { code, stdout } = await lanewise([
    ...['train', '--data', data, '--model', 'mlp', '--hidden', '4', '--threads', '1', '--test-limit', '1'],
    ...['--epochs', '100', '--limit', '10', '--batch-size', '10', '--lr', '0.5', '--out', 'run'],
  ]);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(lines.slice(0, 2)).toEqual([
    'mlp on mnist: 10 training and 1 test image',
    '3,190 parameters, 1 thread, in run',
  ]);
  expect(lines[101]).toMatch(/^epoch 100\/100 {2}train loss /);
  const one = await lanewise([
    'train',
    '--data',
    data,
    '--model',
    'mlp',
    '--hidden',
    '4',
    '--steps',
    '1',
    '--out',
    'one',
  ]);
  expect(one.stdout).toMatch(/^1 step in /m);
}, 60_000);
