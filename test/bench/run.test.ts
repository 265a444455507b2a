/** Runs the bench as a user does, on one small row, with the built library. */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Growth } from '../../bench/growth.js';
import type { CaseProfile } from '../../bench/profile.js';
import type { Reached } from '../../bench/reach.js';
import type { Report } from '../../bench/report.js';

const root = path.resolve(import.meta.dirname, '../..');
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-bench-test-'));
const file = path.join(directory, 'report.json');
let output = '';
let report: Report;

const bench = (...args: string[]) =>
  spawnSync(process.execPath, ['bench/run.mjs', ...args], { cwd: root, encoding: 'utf8' });

beforeAll(() => {
  output = execFileSync(
    process.execPath,
    ['bench/run.mjs', '--quick', '--filter', '^relu/100x1024/', '--threads', '1', '--peers', 'none', '--json', file],
    { cwd: root, encoding: 'utf8' },
  );
  report = JSON.parse(fs.readFileSync(file, 'utf8')) as Report;
});

afterAll(() => fs.rmSync(directory, { recursive: true }));

test('the JSON has the machine, its ceilings and a row for each case', () => {
  expect(Object.keys(report)).toEqual(['machine', 'ceilings', 'rows']);
  expect(report.machine.versions.lanewise).toMatch(/^\d+\.\d+\.\d+/);
  expect(report.ceilings.mulAddGflops).toBeGreaterThan(0);
  expect(report.ceilings.copyGBps).toBeGreaterThan(0);
  expect(report.rows.map(({ name }) => name)).toEqual(['relu/100x1024/forward', 'relu/100x1024/backward']);
  for (const row of report.rows) {
    expect(row).toEqual({
      name: row.name,
      threads: 1,
      fast: false,
      medianMs: expect.any(Number),
      p25: expect.any(Number),
      p75: expect.any(Number),
      gflops: expect.any(Number),
      percentOfCeiling: expect.any(Number),
      peers: {},
    });
    expect(row.p25).toBeGreaterThan(0);
    expect(row.medianMs).toBeGreaterThanOrEqual(row.p25);
    expect(row.p75).toBeGreaterThanOrEqual(row.medianMs);
  }
});

test('the figures follow from the time', () => {
  const [forward] = report.rows;
  expect(forward!.gflops).toBeCloseTo(102_400 / forward!.medianMs / 1e6, 2);
});

test('standard output is the Markdown table', () => {
  expect(output).toContain('### relu');
  expect(output).toMatch(/\| relu\/100x1024\/forward \| 1 \| /);
});

test('--growth prints a table with the fitted exponent, and writes it', () => {
  const grown = file.replace('report', 'growth');
  const { status, stdout } = bench('--growth', '--quick', '--rounds', '1', '--filter', '^threads$', '--json', grown);
  expect(status).toBe(0);
  expect(stdout).toContain('### Growth with threads');
  const { growth } = JSON.parse(fs.readFileSync(grown, 'utf8')) as { growth: readonly Growth[] };
  expect(growth[0]!.points.map(({ size }) => size)).toContain(1);
  if (growth[0]!.points.length > 1) expect(stdout).toContain(`time ∝ size^${growth[0]!.exponent.toFixed(2)}`);
});

test('--profile accounts for all of the time, kernel by kernel', () => {
  const profiled = file.replace('report', 'profile');
  const { status, stdout } = bench('--profile', '--quick', '--filter', '^train/W2$', '--json', profiled);
  expect(status).toBe(0);
  expect(stdout).toMatch(/outside of kernels \|/);
  const {
    profiles: [profile],
  } = JSON.parse(fs.readFileSync(profiled, 'utf8')) as { profiles: readonly CaseProfile[] };
  const inside = profile!.kernels.reduce((sum, { ms }) => sum + ms, 0);
  expect(inside + (profile!.runMs * profile!.overheadPercent) / 100).toBeCloseTo(profile!.runMs, 6);
  expect(profile!.kernels.find(({ name }) => name === 'f32_sgd')!.calls).toBe(6); // Three layers, weight and bias each.
  // The gradients of the weights alone.
  expect(profile!.peakBytes).toBeGreaterThan(4 * (784 * 128 + 128 * 64 + 64 * 10));
});

test('no training step takes more than one and a half times the memory of its activations and gradients', () => {
  const profiled = file.replace('report', 'memory');
  const { status } = bench(
    '--profile',
    '--quick',
    '--rounds',
    '1',
    '--filter',
    '^train/(W1|W2b|W3b|W4-64-adam|W5|W6)$',
    '--json',
    profiled,
  );
  expect(status).toBe(0);
  const { profiles } = JSON.parse(fs.readFileSync(profiled, 'utf8')) as { profiles: readonly CaseProfile[] };
  expect(profiles).toHaveLength(6);
  for (const { name, peakBytes, neededBytes } of profiles)
    expect(peakBytes / neededBytes!, name).toBeLessThanOrEqual(1.5);
}, 180_000);

test('--accuracy trains from the files to a model that tells the test digits', () => {
  const reached = file.replace('report', 'reached');
  const { status, stdout } = bench(
    '--accuracy',
    '--quick',
    '--filter',
    '^MLP 784-128-64',
    '--threads',
    '1',
    '--peers',
    'none',
    '--json',
    reached,
  );
  expect(status).toBe(0);
  expect(stdout).toContain('| lanewise |');
  const {
    reached: [first],
  } = JSON.parse(fs.readFileSync(reached, 'utf8')) as { reached: readonly Reached[] };
  expect(first).toMatchObject({ who: 'lanewise', threads: 1 });
  expect(first!.runs[0]!.at(-1)!.accuracy).toBeGreaterThan(0.95);
});

test('--from prints the same tables again, without measuring', () => {
  const { status, stdout } = bench('--from', file);
  expect(status).toBe(0);
  expect(output.startsWith(stdout.trimEnd())).toBe(true);
});

test('--roofline tells what limits each kernel, and draws it', () => {
  const picture = path.join(directory, 'roofline.svg');
  const { status, stdout } = bench('--from', file, '--roofline', picture);
  expect(status).toBe(0);
  // y = max(0, x): one operation for four bytes read and four written.
  expect(stdout).toMatch(/\| relu\/100x1024\/forward \| 0\.13 \| copy \| /);
  expect(stdout).toContain(`${report.rows[0]!.percentOfCeiling!.toFixed(0)} % |`);
  expect(fs.readFileSync(picture, 'utf8')).toMatch(/^<svg /);
});

describe('wrong usage ends with code 2 and says what is wrong', () => {
  test.each([
    ['no such row', ['--filter', '^nothing$'], /no row matches/],
    ['no such peer', ['--peers', 'numpy'], /there is no peer numpy/],
    ['no such number of threads', ['--threads', '0'], /whole numbers/],
    ['a roofline of nothing', ['--roofline'], /--roofline needs --from FILE/],
  ])('%s', (_what, args, message) => {
    const { status, stderr } = bench(...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
});

/** Debian's python3-torch is not part of the project's own installation. */
const hasTorch = spawnSync('/usr/bin/python3', ['-c', 'import torch']).status === 0;

test.runIf(hasTorch)('a training step is checked against PyTorch and timed beside it', () => {
  const { status, stdout } = bench(
    '--quick',
    '--rounds',
    '1',
    '--filter',
    '^train/W2b$',
    '--threads',
    '1',
    '--peers',
    'pytorch',
    '--json',
    file.replace('report', 'train'),
  );
  expect(stdout).not.toContain('wrong');
  expect(status).toBe(0);
  const [row] = (JSON.parse(fs.readFileSync(file.replace('report', 'train'), 'utf8')) as Report).rows;
  const { medianMs, ratio } = row!.peers.pytorch!;
  expect(ratio).toBeCloseTo(medianMs / row!.medianMs, 2);
});

test('a peer that is not there is named', () => {
  const env = { ...process.env, LANEWISE_PYTHON: '/nonexistent/python3' };
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      'bench/run.mjs',
      '--quick',
      '--rounds',
      '1',
      '--filter',
      '^bias/100x1024$',
      '--threads',
      '1',
      '--peers',
      'pytorch',
    ],
    { cwd: root, encoding: 'utf8', env },
  );
  expect(stdout).toContain('- absent: pytorch (');
  expect(stdout).toContain('| bias/100x1024 | 1 |');
  expect(status).toBe(0);
});

test('history is silent about a run and itself, and fails on one that is slower', () => {
  expect(bench('history', file, file)).toMatchObject({
    status: 0,
    stdout: '2 rows compared, none changed by more than the noise.\n',
  });
  const slower = path.join(directory, 'slower.json');
  const rows = report.rows.map((row) => ({ ...row, medianMs: 9 * row.p75, p25: 8 * row.p75, p75: 10 * row.p75 }));
  fs.writeFileSync(slower, JSON.stringify({ ...report, rows }));
  const { status, stdout } = bench('history', file, slower);
  expect(stdout).toContain('slower: relu/100x1024/forward, 1 thread');
  expect(status).toBe(1);
});
