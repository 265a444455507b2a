/** In a file, and so a process, of its own: it starts worker threads. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError, arange, init, noGrad, relu, runtimeInfo, scope, stopThreads, WorkerError, zeros, type RuntimeInfo } from '../../src/index.js';
import { ThreadPool } from '../../src/runtime/threads.js';

let info: RuntimeInfo;

beforeAll(async () => {
  await expect(init({ threads: 0 })).rejects.toThrow(ArgumentError);
  info = await init({ threads: 3 });
});

afterAll(() => stopThreads());

test('three threads are had where three are asked for', () => {
  expect(info).toEqual({ variant: 'simd', threads: 3 });
});

test('every element is computed exactly once, whatever the size', () => scope(() => {
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
    for (let turn = 0; turn < 1_000; turn++) noGrad(() => { relu(x); });
    expect(noGrad(() => relu(x).data())).toEqual(want);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  x.dispose();
});

test('a program with idle workers ends by itself', () => {
  const library = path.resolve(import.meta.dirname, '../../dist/index.js');
  const program = `
    import { init, relu, zeros } from ${JSON.stringify(library)};
    const { threads } = await init({ threads: 2 });
    console.log(threads, relu(zeros([100_000])).size);
  `;
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000, encoding: 'utf8' })).toBe('2 100000\n');
});

describe('a worker that fails', () => {
  /** (module (import "env" "memory" (memory 1 1 shared)) (func (export "trap") (param i32 i32) unreachable)) */
  const TRAP = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 2, 127, 127, 0, 2, 16, 1, 3, 101, 110, 118, 6, 109, 101, 109, 111, 114, 121, 2, 3, 1, 1,
    3, 2, 1, 0, 7, 8, 1, 4, 116, 114, 97, 112, 0, 0, 10, 5, 1, 3, 0, 0, 11,
  ]);

  /** The same, whose function "trap" never returns: (loop (br 0)). */
  const HANG = new Uint8Array([...TRAP.subarray(0, -7), 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11]);

  async function pool(code = TRAP, patienceMs?: number): Promise<ThreadPool> {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    return ThreadPool.start(2, new WebAssembly.Module(code), memory, 0, ['trap'], undefined, patienceMs);
  }

  /** The calling thread is so long about its share that the worker has its own. */
  const slow = () => { for (const start = performance.now(); performance.now() - start < 500;); };

  test('gives an error, not a hang, when a kernel traps in it', async () => {
    const threads = await pool();
    expect(() => threads.run(0, slow, [0, 2], -1, 0)).toThrow(WorkerError);
    expect(() => threads.run(0, slow, [0, 2], -1, 0)).toThrow(/has ended/);
  });

  test('gives an error, not a hang, when it is lost with a share that it has begun', async () => {
    const threads = await pool(HANG, 300);
    expect(() => threads.run(0, slow, [0, 2], -1, 0)).toThrow(/did not finish its share within 0.3 seconds/);
    expect(() => threads.run(0, slow, [0, 2], -1, 0)).toThrow(/has ended/);
  });

  test('gives an error when it is gone', async () => {
    const threads = await pool();
    threads.stop();
    expect(() => threads.run(0, () => {}, [0, 2], -1, 0)).toThrow(WorkerError);
  });
});

test('after stopThreads kernels go on with one thread', () => scope(() => {
  stopThreads();
  expect(runtimeInfo()).toMatchObject({ threads: 1, threadsReason: 'stopThreads() was called' });
  expect(relu(zeros([100_000])).size).toBe(100_000);
}));
