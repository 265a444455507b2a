import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { speedTable } from '../scripts/readme-speed.mjs';

const root = path.resolve(import.meta.dirname, '..');
const run = (name: string) =>
  spawnSync(process.execPath, ['scripts/example.mjs', name], { cwd: root, encoding: 'utf8' });

/** What each example must print. */
const OUTPUT: Record<string, (stdout: string) => void> = {
  xor: (stdout) => {
    expect(stdout.match(/step \d+: loss/g)).toHaveLength(4);
    const values = stdout
      .slice(stdout.indexOf('[['))
      .match(/\d\.\d+(e-\d+)?/g)!
      .map(Number);
    expect(values.map(Math.round)).toEqual([0, 1, 1, 0]);
  },
  gpt: (stdout) =>
    expect(stdout).toContain('Tyger Tyger, burning bright,\nIn the forests of the night;\nWhat immortal'),
  quickstart: (stdout) => {
    expect(Number(/accuracy: ([\d.]+)/.exec(stdout)![1])).toBeGreaterThan(0.95);
    expect(stdout).toContain('[ 7, 2, 1, 0, 4 ]');
  },
  'own-images': (stdout) => {
    expect(stdout).toContain('circle square triangle\n');
    expect(Number(/: (\d+) %/.exec(stdout)![1])).toBeGreaterThan(75);
  },
  'table-regression': (stdout) => {
    expect(Number(/R².*: ([\d.]+)/.exec(stdout)![1])).toBeGreaterThan(0.95);
    expect(Math.abs(Number(/York: ([\d.]+)/.exec(stdout)![1]) - 335)).toBeLessThan(25);
  },
  'fine-tuning': (stdout) => {
    const [tuned, scratch] = stdout.match(/[\d.]+(?= %)/g)!.map(Number);
    expect(tuned).toBeGreaterThan(scratch! + 5);
  },
  sensor: (stdout) => expect(Number(/([\d.]+) %/.exec(stdout)![1])).toBeGreaterThan(90),
  spiral: (stdout) => expect(Number(/([\d.]+) %/.exec(stdout)![1])).toBeGreaterThan(95),
  autoencoder: (stdout) => expect(Number(/digits: ([\d.]+)/.exec(stdout)![1])).toBeLessThan(0.04),
  vae: (stdout) => expect(Number(/epoch 3: ([\d.]+) nats/.exec(stdout)![1])).toBeLessThan(160),
  gan: (stdout) => {
    expect(Number(/circle: ([\d.]+)/.exec(stdout)![1])).toBeLessThan(0.15);
    // Step 500 leaves as much as step 100.
    const memory = [...stdout.matchAll(/step \d+: (.*)/g)].map(([, after]) => after);
    expect(memory).toEqual(Array(5).fill(memory[0]));
  },
  mnist: (stdout) => expect(Number(/: ([\d.]+) %/.exec(stdout)![1])).toBeGreaterThan(90),
};

test('every example has its test', () => {
  expect(
    fs
      .readdirSync(path.join(root, 'examples'))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.basename(name, '.ts'))
      .sort(),
  ).toEqual(Object.keys(OUTPUT).sort());
});

test.each(Object.entries(OUTPUT))('%s', (name, check) => {
  const { status, stdout, stderr } = run(name);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  check(stdout);
});

test('the README has the speeds of docs/benchmarking.md', () => {
  const read = (name: string) => fs.readFileSync(path.join(root, name), 'utf8');
  const [, shown] = /<!-- speed -->\n([\s\S]*?)\n<!-- end -->/.exec(read('README.md'))!;
  expect(shown).toBe(speedTable(read('docs/benchmarking.md')));
});

test('the README shows the quick start as it is', () => {
  const [, shown] = /^```ts\n([\s\S]*?)^```$/m.exec(fs.readFileSync(path.join(root, 'README.md'), 'utf8'))!;
  expect(shown).toBe(fs.readFileSync(path.join(root, 'examples/quickstart.ts'), 'utf8'));
});
