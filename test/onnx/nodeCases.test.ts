/**
 * The test cases of the ONNX standard. `npm run test:onnx` runs them alone and prints what passed and what was refused.
 *
 * The data are Debian's: apt-get install libonnx-testdata.
 */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../../src/index.js';
import { INSTALLED, type Outcome, runAll } from './nodeCases.js';

beforeAll(() => init({ threads: 1 }));

const count = (outcomes: readonly Outcome[], status: Outcome['status']) =>
  outcomes.filter((outcome) => outcome.status === status).length;

/** What was refused, by operator and element type, the most frequent first. */
function reasons(outcomes: readonly Outcome[]): string[] {
  const counts = new Map<string, number>();
  for (const { status, reason } of outcomes)
    if (status === 'refused') counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([reason, times]) => `  ${times} × ${reason}`);
}

describe.skipIf(!INSTALLED)('the cases of the ONNX standard (libonnx-testdata)', () => {
  test('each passes or is refused, and docs/onnx.md has the counts', () => {
    const outcomes = runAll('node');
    const [passed, refused, failed] = (['passed', 'refused', 'failed'] as const).map((status) =>
      count(outcomes, status),
    );
    const line = `${passed} passed, ${refused} refused, ${failed} failed`;
    console.log(`node: ${line}\n${reasons(outcomes).join('\n')}`);
    expect(outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
    const docs = fs.readFileSync(path.resolve(import.meta.dirname, '../../docs/onnx.md'), 'utf8');
    expect(docs).toContain(line);
  }, 120_000);

  test('what PyTorch and others wrote passes or is refused', () => {
    for (const kind of ['pytorch-converted', 'pytorch-operator', 'simple']) {
      const outcomes = runAll(kind);
      expect(outcomes.length).toBeGreaterThan(10);
      expect(outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
    }
  }, 120_000);
});
