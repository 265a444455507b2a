import { afterEach, describe, expect, test, vi } from 'vitest';
import { Output } from '../../src/cli/output.js';
import { Pace, RunsView } from '../../src/cli/runsView.js';
import type { RunRequest } from '../../src/experiments/request.js';
import type { RunResult } from '../../src/experiments/result.js';

const request = (id: string, row = id): RunRequest => ({ id, row }) as unknown as RunRequest;
const result = (id: string, change: Partial<RunResult> = {}): RunResult =>
  ({
    id,
    row: id,
    status: 'done',
    divergence: null,
    error: null,
    validation: 0,
    finalTestAccuracy: 0.9875,
    bestTestAccuracy: 0.99,
    atChance: false,
    digest: 'd',
    seconds: 61,
    history: [],
    ...change,
  }) as unknown as RunResult;

/** What is written while `use` runs, on a screen of 120 columns or on none. */
function written(isTTY: boolean, use: () => void): { stdout: string; stderr: string } {
  const told = { stdout: '', stderr: '' };
  const restore: (() => void)[] = [];
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name];
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      told[name] += String(text);
      return true;
    });
    for (const [key, value] of [
      ['isTTY', isTTY],
      ['columns', 120],
    ] as const) {
      const before = Object.getOwnPropertyDescriptor(stream, key);
      Object.defineProperty(stream, key, { value, configurable: true });
      restore.push(() => {
        if (before === undefined) Reflect.deleteProperty(stream, key);
        else Object.defineProperty(stream, key, before);
      });
    }
  }
  try {
    use();
  } finally {
    for (const back of restore) back();
  }
  return told;
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('pace', () => {
  test('is that of the row, or else the mean of all rows', () => {
    const pace = new Pace();
    expect(pace.of('a')).toBe(null);
    pace.add('a', 10, 5);
    pace.add('b', 12, 2);
    pace.add('b', 4, 2);
    pace.add('c', 1, 0);
    expect([pace.of('a'), pace.of('b'), pace.of('c'), pace.of('d')]).toEqual([2, 4, 3, 3]);
  });
});

describe('on a terminal', () => {
  test(
    'there is a bar for all runs and one for each under way, with the time ' +
      'that is left, and a line for each result',
    () => {
      vi.useFakeTimers();
      const { stderr } = written(true, () => {
        const view = new RunsView(new Output(false), 2);
        const { onPlan, onEvent, onResult } = view.listeners;
        onPlan({
          done: [result('z', { seconds: 30, history: [{}, {}, {}] as unknown as RunResult['history'] })],
          runs: [
            { id: 'a', row: 'a', epochs: 4 },
            { id: 'b', row: 'z', epochs: 3 },
          ],
        });
        onEvent(request('a'), { event: 'start', pid: 1, epoch: 0, epochs: 4, notes: [] });
        vi.advanceTimersByTime(20_000);
        onEvent(request('a'), { event: 'progress', done: 0.25, trainLoss: 0.5 });
        vi.advanceTimersByTime(200);
        view.note('here');
        onResult(request('a'), result('a'));
        view.close();
      });
      // A quarter took 20 s, so 60 s are left; run b takes 3 epochs of 10 s; two at a time: 60 s in all.
      expect(stderr).toContain('1 of 3, 1 under way  ETA 1 min 00 s');
      expect(stderr).toMatch(/a +█+░+ +25% {2}epoch 2\/4 {2}loss 0\.5000 {2}ETA 1 min 00 s/);
      expect(stderr).toContain('2/3  a  accuracy 98.75 %, best 99.00 %  1 min 01 s');
      expect(stderr).toContain('here');
    },
  );
});

describe('elsewhere', () => {
  test('there are lines', () => {
    const { stdout, stderr } = written(false, () => {
      const { onPlan, onEvent, onRetry, onResult } = new RunsView(new Output(false), 1).listeners;
      onPlan({ done: [], runs: [{ id: 'a', row: 'a', epochs: 2 }] });
      for (const id of ['a', 'b'])
        onEvent(request(id), { event: 'start', pid: 1, epoch: 0, epochs: 2, notes: ['few images'] });
      onRetry(request('a'), new Error('gone'));
      onResult(
        request('a'),
        result('a', { status: 'diverged', divergence: { kind: 'nonFinite', reason: 'the loss is NaN', step: 3 } }),
      );
      onPlan({ done: [], runs: [{ id: 'b', row: 'b', epochs: 2 }] });
      onResult(request('b'), result('b', { status: 'failed', error: 'gone again' }));
    });
    expect(stdout).toBe(
      '1 run, 1 at a time\n1/1  a  diverged: the loss is NaN  1 min 01 s\n1 more run, 1 ' +
        'at a time\n2/2  b  failed: gone again  1 min 01 s\n',
    );
    expect(stderr.trimEnd().split('\n')).toEqual([
      'note: few images',
      'a crashed (gone); it goes on from its last checkpoint',
      'error: b failed: gone again',
    ]);
  });

  test('or events', () => {
    const { stdout, stderr } = written(true, () => {
      const { onPlan, onEvent, onRetry, onResult } = new RunsView(new Output(true), 1).listeners;
      onPlan({ done: [], runs: [{ id: 'a', row: 'a', epochs: 2 }] });
      onEvent(request('a'), { event: 'start', pid: 1, epoch: 0, epochs: 2, notes: [] });
      onEvent(request('a'), { event: 'progress', done: 0.1, trainLoss: 1 });
      onRetry(request('a'), 'gone');
      onResult(request('a'), result('a'));
    });
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event),
    ).toEqual(['plan', 'start', 'retry', 'result']);
    expect(stderr).toBe('');
  });
});
