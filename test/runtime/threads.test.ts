/** In a file, and so a process, of its own: it starts worker threads. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ArgumentError,
  arange,
  init,
  noGrad,
  type RuntimeInfo,
  relu,
  runtimeInfo,
  scope,
  stopThreads,
  WorkerError,
  zeros,
} from '../../src/index.js';
import { ThreadPool } from '../../src/runtime/threads.js';

let info: RuntimeInfo;

beforeAll(async () => {
  await expect(init({ threads: 0 })).rejects.toThrow(ArgumentError);
  info = await init({ threads: 3, oversubscribe: true });
});

afterAll(() => stopThreads());

test('three threads are had where three are asked for', () => {
  expect(info).toEqual({ variant: 'simd', threads: 3, maximumMemory: 2 ** 32 });
});

test('every element is computed exactly once, whatever the size', () =>
  scope(() => {
    for (const size of [0, 1, 31, 32_767, 32_768, 32_769, 98_304, 100_003, 1_000_001]) {
      const x = arange(-Math.floor(size / 2), size - Math.floor(size / 2));
      const y = relu(x).view();
      expect(y.length).toBe(size);
      const wrong = y.findIndex((value, i) => value !== Math.max(0, i - Math.floor(size / 2)));
      expect(wrong).toBe(-1);
    }
  }));

test('thousands of jobs in a row, with pauses in which the workers fall asleep', async () => {
  const x = zeros([40_000]).assign(new Float32Array(40_000).map((_, i) => i - 20_000));
  const want = noGrad(() => relu(x).data());
  for (let round = 0; round < 5; round++) {
    for (let turn = 0; turn < 1_000; turn++)
      noGrad(() => {
        relu(x);
      });
    expect(noGrad(() => relu(x).data())).toEqual(want);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  x.dispose();
});

test('a program with idle workers ends by itself', () => {
  const library = path.resolve(import.meta.dirname, '../../dist/index.js');
  const program = `
    import { init, relu, zeros } from ${JSON.stringify(library)};
    const { threads } = await init({ threads: 2, oversubscribe: true });
    console.log(threads, relu(zeros([100_000])).size);
  `;
  expect(
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000, encoding: 'utf8' }),
  ).toBe('2 100000\n');
});

describe('a worker that fails', () => {
  const BEFORE_CODE = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 3, 127, 127, 127, 0, 2, 16, 1, 3, 101, 110, 118, 6, 109, 101, 109, 111,
    114, 121, 2, 3, 1, 1, 3, 2, 1, 0, 7, 8, 1, 4, 116, 101, 115, 116, 0, 0,
  ];
  /**
   * (module (import "env" "memory" (memory 1 1 shared))
   *   (func (export "test") (param $trap i32) (param i32 i32) (if (local.get $trap) (then unreachable))))
   */
  const TRAP = Uint8Array.of(...BEFORE_CODE, 10, 10, 1, 8, 0, 32, 0, 4, 64, 0, 11, 11);
  /** The same, whose function "test" never returns: (loop (br 0)). */
  const HANG = Uint8Array.of(...BEFORE_CODE, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11);

  const lost: string[] = [];

  interface Pool {
    readonly threads: ThreadPool;
    readonly claimed: () => number;
  }

  /** Two threads, with the number of shares claimed so far. */
  async function pool(code: Uint8Array<ArrayBuffer>, patienceMs?: number): Promise<Pool> {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const threads = await ThreadPool.start(2, new WebAssembly.Module(code), memory, 0, ['test'], { patienceMs });
    threads.onLost = (reason) => lost.push(reason);
    const words = new Int32Array(memory.buffer);
    return { threads, claimed: () => Atomics.load(words, 0) & 255 };
  }

  /** Runs two shares, of which the worker has one or both: the calling thread waits for it. Returns its own. */
  function runTwo({ threads, claimed }: Pool, trap: number, then: () => void = () => {}): number[][] {
    const own: number[][] = [];
    threads.run(
      0,
      (...args) => {
        own.push(args);
        for (const start = performance.now(); claimed() < 2 && performance.now() - start < 5000; );
        then();
      },
      [trap, 0, 2],
      -1,
      0,
    );
    return own;
  }

  beforeEach(() => {
    lost.length = 0;
  });

  test('gives an error, not a hang, when a kernel traps in it, and goes on', async () => {
    const started = await pool(TRAP);
    expect(() => runTwo(started, 1)).toThrow(WorkerError);
    expect(runTwo(started, 0).length).toBeLessThan(2);
    expect(() => runTwo(started, 1)).toThrow(/a kernel trapped in a worker thread/);
    expect(lost).toEqual([]);
    started.threads.stop();
  });

  test('gives an error, not a hang, when it is lost with a share that it has begun; one thread goes on', async () => {
    const started = await pool(HANG, 300);
    expect(() => runTwo(started, 0)).toThrow(/did not finish its share within 0.3 seconds/);
    expect(lost).toEqual(['a worker thread did not finish its share within 0.3 seconds']);
    expect(runTwo(started, 0)).toEqual([[0, 0, 2]]);
    expect(lost).toHaveLength(1);
  });

  test('is waited for when the kernel traps on the calling thread: what it writes to is freed next', async () => {
    const trap = () => {
      throw new WebAssembly.RuntimeError('unreachable');
    };
    const hanging = await pool(HANG, 300);
    expect(() => runTwo(hanging, 0, trap)).toThrow(/did not finish its share/);
    const started = await pool(TRAP);
    const untilItHasOne = () => {
      for (let turn = 0; turn < 1000; turn++) runTwo(started, 0, trap);
    };
    expect(untilItHasOne).toThrow(WebAssembly.RuntimeError);
    expect(runTwo(started, 0).length).toBeLessThan(2);
    started.threads.stop();
  });

  test('leaves the work to the calling thread when it is gone', async () => {
    const started = await pool(TRAP);
    started.threads.stop();
    const own: number[][] = [];
    started.threads.run(0, (...args) => own.push(args), [1, 0, 2], -1, 0);
    expect(own).toEqual([[1, 0, 2]]);
    expect(lost).toEqual([]);
  });
});

describe('workers that are ended from outside', () => {
  /** The workers that were started. */
  const workers: Worker[] = [];
  /** Whether the first is ended before it has started. */
  let endFirst = false;
  let fresh: typeof import('../../src/index.js');

  beforeEach(async () => {
    workers.length = 0;
    endFirst = false;
    class Watched extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        if (workers.push(this) === 1 && endFirst) void this.terminate();
      }
    }
    const builtin = process.getBuiltinModule.bind(process) as (name: string) => unknown;
    vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
      name === 'node:worker_threads' ? { Worker: Watched } : builtin(name)) as never);
    vi.resetModules();
    fresh = await import('../../src/index.js');
  });
  afterEach(() => {
    fresh.stopThreads();
    vi.restoreAllMocks();
  });

  test('leave one thread, which computes the same; init starts them again', async () => {
    const first = await fresh.init({ threads: 3, oversubscribe: true });
    const compute = () => fresh.scope(() => fresh.relu(fresh.arange(-50_000, 50_000)).sum().item());
    const want = compute();
    expect(workers).toHaveLength(2);
    await workers[0]!.terminate();
    expect(fresh.runtimeInfo()).toEqual({ ...first, threads: 1, threadsReason: 'a worker thread has ended' });
    expect(compute()).toBe(want);
    expect(await fresh.init({ threads: 3 })).toEqual(first);
    expect(workers).toHaveLength(4);
    expect(compute()).toBe(want);
  });

  test('while they start leave one thread, and none of them behind', async () => {
    endFirst = true;
    const info = await fresh.init({ threads: 3, oversubscribe: true });
    expect(info.threads).toBe(1);
    expect(info.threadsReason).toMatch(/^no threads: a worker is lost: it ended with code \d$/);
    await vi.waitUntil(() => workers[1]!.threadId === -1);
    expect(fresh.relu(fresh.arange(100_000)).item(99_999)).toBe(99_999);
  });
});

test('after stopThreads kernels go on with one thread', () =>
  scope(() => {
    stopThreads();
    expect(runtimeInfo()).toMatchObject({ threads: 1, threadsReason: 'stopThreads() was called' });
    expect(relu(zeros([100_000])).size).toBe(100_000);
  }));
