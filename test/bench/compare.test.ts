import { describe, expect, test } from 'vitest';
import { compareReports, historyText } from '../../bench/compare.js';
import type { Report, Row } from '../../bench/report.js';

const row = (name: string, medianMs: number, spread = 0.02): Row => ({
  name, threads: 1, fast: false, medianMs, p25: medianMs * (1 - spread), p75: medianMs * (1 + spread), gflops: 1, percentOfCeiling: 50, peers: {},
});

const report = (rows: readonly Row[], mulAddGflops = 40): Report => ({
  machine: { cpu: '', cores: 2, memoryGB: 8, system: '', node: '', date: '', versions: {}, absent: {} },
  ceilings: { mulAddGflops, fmaGflops: null, copyGBps: 50 }, rows,
});

const before = report([row('train/W1', 10), row('train/W2', 1), row('relu', 0.1)]);

describe('compareReports', () => {
  test('finds a planted regression, and that alone', () => {
    const after = report([row('train/W1', 12), row('train/W2', 1.01), row('relu', 0.099)]);
    expect(compareReports(before, after, 0.05)).toMatchObject({
      compared: 3, changes: [{ kind: 'slower', name: 'train/W1, 1 thread', beforeMs: 10, afterMs: 12 }],
    });
  });

  test('finds what became faster', () => {
    const after = report([row('train/W1', 8), row('train/W2', 1), row('relu', 0.1)]);
    expect(compareReports(before, after, 0.05).changes).toEqual([{ kind: 'faster', name: 'train/W1, 1 thread', beforeMs: 10, afterMs: 8 }]);
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
    expect(compareReports(before, after, 0.05)).toMatchObject({ compared: 2, changes: [], added: ['train/W1, 2 threads'], removed: ['train/W1, 1 thread'] });
  });

  test('says so when the machine itself changed', () => {
    const slow = report(before.rows, 30);
    expect(historyText(compareReports(before, slow, 0.05))).toContain('0.75 ×');
    expect(historyText(compareReports(before, report(before.rows, 40.5), 0.05))).toBe('3 rows compared, none changed by more than the noise.');
  });
});
