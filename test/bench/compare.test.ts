import { describe, expect, test } from 'vitest';
import { compareReports, historyText } from '../../bench/compare.js';
import { firstPast, reachTable, recipes } from '../../bench/reach.js';
import type { Report, Row } from '../../bench/report.js';

const row = (name: string, medianMs: number, spread = 0.02): Row => ({
  name,
  threads: 1,
  fast: false,
  medianMs,
  p25: medianMs * (1 - spread),
  p75: medianMs * (1 + spread),
  gflops: 1,
  percentOfCeiling: 50,
  peers: {},
});

const report = (rows: readonly Row[], mulAddGflops = 40): Report => ({
  machine: { cpu: '', cores: 2, memoryGB: 8, system: '', node: '', date: '', versions: {}, absent: {} },
  ceilings: { mulAddGflops, fmaGflops: null, copyGBps: 50 },
  rows,
});

const before = report([row('train/W1', 10), row('train/W2', 1), row('relu', 0.1)]);

describe('compareReports', () => {
  test('finds a planted regression, and that alone', () => {
    const after = report([row('train/W1', 12), row('train/W2', 1.01), row('relu', 0.099)]);
    expect(compareReports(before, after, 0.05)).toMatchObject({
      compared: 3,
      changes: [{ kind: 'slower', name: 'train/W1, 1 thread', beforeMs: 10, afterMs: 12 }],
    });
  });

  test('finds what became faster', () => {
    const after = report([row('train/W1', 8), row('train/W2', 1), row('relu', 0.1)]);
    expect(compareReports(before, after, 0.05).changes).toEqual([
      { kind: 'faster', name: 'train/W1, 1 thread', beforeMs: 10, afterMs: 8 },
    ]);
  });

  test('is silent where the quartiles touch, however far the medians moved', () => {
    const [noisy, noisier] = [report([row('train/W1', 10, 0.3)]), report([row('train/W1', 14, 0.3)])];
    expect(compareReports(noisy, noisier, 0.05).changes).toEqual([]);
  });

  test('is silent below the threshold, however narrow the quartiles', () => {
    const after = report([row('train/W1', 10.4, 0.001)]);
    expect(compareReports(report([row('train/W1', 10, 0.001)]), after, 0.05).changes).toEqual([]);
    expect(compareReports(report([row('train/W1', 10, 0.001)]), after, 0.01).changes).toHaveLength(1);
  });

  test('tells threads and variants apart, and rows that only one run has', () => {
    const after = report([{ ...row('train/W1', 5), threads: 2 }, row('train/W2', 1), row('relu', 0.1)]);
    expect(compareReports(before, after, 0.05)).toMatchObject({
      compared: 2,
      changes: [],
      added: ['train/W1, 2 threads'],
      removed: ['train/W1, 1 thread'],
    });
  });

  test('says so when the machine itself changed', () => {
    const slow = report(before.rows, 30);
    expect(historyText(compareReports(before, slow, 0.05))).toContain('0.75 ×');
    expect(historyText(compareReports(before, report(before.rows, 40.5), 0.05))).toBe(
      '3 rows compared, none changed by more than the noise.',
    );
  });
});

describe('the time to an accuracy', () => {
  const run = [
    { seconds: 1, accuracy: 0.97 },
    { seconds: 2, accuracy: 0.985 },
    { seconds: 3, accuracy: 0.979 },
  ];

  test('is that of the first epoch above it', () => {
    expect(firstPast(0.97, run)).toEqual({ epoch: 2, seconds: 2 });
    expect(firstPast(0.96, run)).toEqual({ epoch: 1, seconds: 1 });
    expect(firstPast(0.99, run)).toBeNull();
  });

  test('the table tells how many runs had it, and where they ended', () => {
    const text = reachTable([
      { recipe: recipes.at(-1)!, who: 'lanewise', threads: 1, runs: [run, [{ seconds: 4, accuracy: 0.977 }]] },
    ]);
    expect(text).toContain('| lanewise | 2.0 s (epoch 2, 1 of 2 runs) | not reached | 3.5 s | 97.80 % |');
    expect(text).not.toContain('the report');
  });

  test('the table has what a report published, and asks nothing of a run beyond its goal', () => {
    const text = reachTable([{ recipe: recipes[0]!, who: 'lanewise', threads: 1, runs: [run.slice(0, 2)] }]);
    expect(text).toContain('| the report | 39 to 45 s (epoch 3) | – | – | 98.30 %, at its end |');
    expect(text).toContain('| lanewise | 2.0 s (epoch 2) | – | 2.0 s | 98.50 % |');
  });
});
