/** `lanewise bench`, on rows that take little time. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FIXED_RUN_DIGEST } from '../../bench/fixedRun.js';
import type { Report } from '../../bench/report.js';
import { lanewise, removeWorkspace, workspace } from './lanewise.js';

afterAll(removeWorkspace);

const ROWS = ['bench', '--filter', '^(sgemm/64x|relu/100x1024/forward)'];
const NAMES = ['sgemm/64x64x64', 'relu/100x1024/forward'];

test('measures rows, compares the bits, and compares with what was saved', async () => {
  const file = path.join(workspace(), 'before.json');
  const first = await lanewise([...ROWS, '--save', file]);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  const lines = first.stdout.split('\n');
  expect(first.stdout).toMatch(/^sgemm\/64x64x64 +[\d.]+ +[\d.]+ GFLOP\/s +\d+ %$/m);
  expect(first.stdout).toMatch(/^relu\/100x1024\/forward +[\d.]+ +[\d.]+ GB\/s +\d+ %$/m);
  expect(first.stdout).toContain(`digest ${FIXED_RUN_DIGEST}\nof 100 training steps: the same bits`);
  expect(lines.at(-2)).toMatch(/^lanewise \S+, Node .*; sgemm\/64x64x64 [\d.]+, relu\/\S+ [\d.]+; bits equal$/);
  // But for the machine's name and the line to paste.
  expect(lines.slice(1, -2).filter((line) => line.length > 80)).toEqual([]);

  const saved = JSON.parse(fs.readFileSync(file, 'utf8')) as Report;
  expect(saved.rows.map(({ name }) => name)).toEqual(NAMES);
  expect(saved.ceilings.mulAddGflops).toBeGreaterThan(0);

  const second = await lanewise([...ROWS, '--threads', '2', '--compare', file, '--json']);
  expect(second.code).toBe(0);
  const events = second.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events.map(({ event }) => event)).toEqual(['start', 'row', 'row', 'done']);
  expect(events[1]).toMatchObject({ name: NAMES[0], threads: 2 });
  expect(events.at(-1)).toMatchObject({ digest: FIXED_RUN_DIGEST, agrees: true, comparison: { compared: 0 } });
});

describe('wrong usage exits with 2', () => {
  test.each([
    [['--filter', 'tanh'], /--filter: no row matches tanh; the families are sgemm, linear/],
    [['--filter', '('], /--filter: Invalid regular expression/],
    [['--threads', '0'], /whole number from 1 to 64/],
    [['--save', 'nowhere/today.json'], /--save: nowhere\/today\.json cannot be written/],
    [['--save', '.'], /--save: \. cannot be written: it is a directory/],
    [['--compare', 'nowhere.json'], /--compare: nowhere\.json cannot be read/],
    [['--compare', path.resolve('package.json')], /--compare: .*package\.json has no results of lanewise bench --save/],
  ])('bench %j', async (args, message) => {
    const result = await lanewise(['bench', ...args]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(message);
  });
});
