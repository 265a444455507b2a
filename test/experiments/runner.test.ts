/** The order of runs and what is done about those that crash, with an executor that does as it is told. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ExecuteOptions, Executor } from '../../src/experiments/executor.js';
import { readResult } from '../../src/experiments/layout.js';
import type { RunRequest } from '../../src/experiments/request.js';
import type { RunResult } from '../../src/experiments/result.js';
import { runAll } from '../../src/experiments/runner.js';
import { MissingDataError } from '../../src/index.js';

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-runner-'));
afterAll(() => fs.rmSync(home, { recursive: true }));

const request = (id: string): RunRequest => ({
  id,
  row: id,
  group: 'g',
  label: id,
  directory: path.join(home, 'runs', id),
  settings: {},
  validation: 0,
  until: null,
  threads: 1,
  prune: true,
  attempt: 1,
});
const requests = ['a', 'b', 'c', 'd'].map(request);

type Behaviour = (request: RunRequest, options: ExecuteOptions) => Promise<RunResult | null>;

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });

class ScriptedExecutor implements Executor {
  readonly asked: string[] = [];
  active = 0;
  most = 0;

  constructor(
    readonly jobs: number,
    private readonly behave: Behaviour,
  ) {}

  async execute(request: RunRequest, options: ExecuteOptions = {}): Promise<RunResult | null> {
    this.asked.push(`${request.id}${request.attempt}`);
    this.most = Math.max(this.most, ++this.active);
    try {
      await new Promise((resolve) => {
        setTimeout(resolve, 1);
      });
      return await this.behave(request, options);
    } finally {
      this.active--;
    }
  }

  async close(): Promise<void> {}
}

const done = (request: RunRequest): RunResult => ({ id: request.id, status: 'done' }) as unknown as RunResult;

describe('runAll', () => {
  test('executes all, so many at a time, and returns the results in the order of the requests', async () => {
    let release!: () => void;
    const othersDone = new Promise<void>((resolve) => {
      release = resolve;
    });
    const executor = new ScriptedExecutor(2, async (each) => {
      if (each.id === 'a') await othersDone;
      return done(each);
    });
    const order: string[] = [];
    const results = await runAll(requests, executor, {
      onResult: ({ id }) => {
        if (order.push(id) === 3) release();
      },
    });
    expect(results.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
    expect(executor.most).toBe(2);
    expect(order.at(-1)).toBe('a');
  });

  test('tries a run that crashed once more', async () => {
    const executor = new ScriptedExecutor(1, async (each) => {
      if (each.id === 'b' && each.attempt === 1) throw new Error('Worker exited unexpectedly');
      return done(each);
    });
    const retried: string[] = [];
    const results = await runAll(requests, executor, {
      onRetry: ({ id }, error) => retried.push(`${id}: ${(error as Error).message}`),
    });
    expect(executor.asked).toEqual(['a1', 'b1', 'b2', 'c1', 'd1']);
    expect(retried).toEqual(['b: Worker exited unexpectedly']);
    expect(results.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done']);
  });

  test('reports one that crashes twice, and goes on with the others', async () => {
    const executor = new ScriptedExecutor(2, async (each) => {
      if (each.id === 'c') throw new Error('no such kernel');
      return done(each);
    });
    const results = await runAll(requests, executor);
    expect(results.map(({ status }) => status)).toEqual(['done', 'done', 'failed', 'done']);
    expect(readResult(home, 'c')).toMatchObject({ id: 'c', status: 'failed', error: 'no such kernel', attempts: 2 });
  });

  test('tries what was refused only once', async () => {
    const refusal = Object.assign(new Error('other settings'), { code: 'LANEWISE_CHECKPOINT' });
    const executor = new ScriptedExecutor(1, async (each) => {
      if (each.id === 'a') throw refusal;
      return done(each);
    });
    const results = await runAll(requests.slice(0, 2), executor);
    expect(executor.asked).toEqual(['a1', 'b1']);
    expect(results[0]).toMatchObject({ status: 'failed', attempts: 1 });
  });

  test('ends everything where the data are missing, and marks no run as failed', async () => {
    // An error from another process has its code, but not its class.
    const missing = Object.assign(new Error('no files'), { code: 'LANEWISE_MISSING_DATA' });
    const executor = new ScriptedExecutor(2, async (each, { signal }) => {
      if (each.id === 'a') throw missing;
      await aborted(signal!);
      return null;
    });
    await expect(
      runAll(
        ['x', 'y'].map(request).concat(requests),
        new ScriptedExecutor(1, async () => {
          throw missing;
        }),
      ),
    ).rejects.toThrow(MissingDataError);
    await expect(runAll(requests, executor)).rejects.toThrow('no files');
    expect(executor.asked).toEqual(['a1', 'b1']);
    for (const id of ['b', 'x', 'y']) expect(readResult(home, id)).toBe(null);
  });

  test('a signal ends it: it waits for the current runs, begins no others, and counts no crash after it', async () => {
    const controller = new AbortController();
    const executor = new ScriptedExecutor(2, async (each, { signal }) => {
      if (each.id === 'a') controller.abort();
      if (each.id === 'b') {
        await aborted(signal!);
        throw new Error('killed by the same Ctrl-C');
      }
      return null;
    });
    expect(await runAll(requests, executor, { signal: controller.signal })).toEqual([]);
    expect(executor.asked).toEqual(['a1', 'b1']);
    expect(executor.active).toBe(0);
  });
});
