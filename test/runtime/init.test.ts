/** Calls of `init` after and beside one another. Each test has a library of its own, which has not been started. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

type Library = typeof import('../../src/index.js');

let lw: Library;

beforeEach(async () => {
  vi.resetModules();
  lw = await import('../../src/index.js');
});
afterEach(() => lw.stopThreads());

const two = { threads: 2, oversubscribe: true };
const build = path.resolve(import.meta.dirname, '../../build');
const kernelsFile = (name: string) => Uint8Array.from(fs.readFileSync(path.join(build, name)));
const kernels = kernelsFile('kernels.wasm');
const offline = () => Promise.reject<Response>(new Error('offline'));
const sum = () => lw.arange(5).sum().item();

describe('the same again', () => {
  test('is free, and resolves to the same info', async () => {
    const first = await lw.init(two);
    expect(first).toMatchObject({ variant: 'simd', threads: 2 });
    const given = [two, {}, { threads: 2 }, { fast: false }, { maximumMemory: 2 ** 32 }, { ...two, fast: undefined }];
    for (const options of given) {
      expect(await lw.init(options)).toBe(first);
    }
    expect(lw.runtimeInfo()).toBe(first);
  });

  test('is free while the first is under way', async () => {
    const all = await Promise.all([lw.init(two), lw.init(two), lw.init(), lw.init({ threads: 2 })]);
    for (const info of all) expect(info).toBe(all[0]);
    expect(all[0]!.threads).toBe(2);
  });

  test('is free after tensors were made', async () => {
    await lw.init({ threads: 1, maximumMemory: 64 * 2 ** 20 });
    const x = lw.ones([3]);
    const again = await lw.init({ threads: 1, maximumMemory: 64 * 2 ** 20 });
    expect(again).toMatchObject({ threads: 1, maximumMemory: 64 * 2 ** 20 });
    expect(x.sum().item()).toBe(3);
  });

  test('holds for the address of threadScript, as text or URL', async () => {
    const address = 'https://page.example/thread.js';
    const first = await lw.init({ threads: 1, threadScript: address });
    expect(await lw.init({ threadScript: new URL(address) })).toBe(first);
    await expect(lw.init({ threadScript: '/other.js' })).rejects.toThrow(
      /threadScript is "https:.*thread\.js" and cannot become "\/other\.js"/,
    );
  });

  test('holds for kernels from elsewhere, by what they are', async () => {
    const response = Promise.resolve(new Response(kernels));
    const first = await lw.init({ threads: 1, wasm: response });
    const module = new WebAssembly.Module(kernels);
    for (const wasm of [response, new Response(kernels), kernels, kernels.slice(), kernels.buffer, module]) {
      expect(await lw.init({ threads: 1, wasm })).toBe(first);
    }
    expect(sum()).toBe(10);
  });

  test('holds for two Responses at once, as a component that is mounted twice gives them', async () => {
    const mount = () => lw.init({ threads: 1, wasm: Promise.resolve(new Response(kernels)) });
    const [first, second] = await Promise.all([mount(), mount()]);
    expect(second).toBe(first);
  });
});

describe('something else', () => {
  test('is refused with both values, and the first goes on', async () => {
    const first = lw.init(two);
    await expect(lw.init({ threads: 3 })).rejects.toThrow(
      /init: lanewise is already being initialised: threads is 2 and cannot become 3\n {2}hint: call init\(/,
    );
    await expect(lw.init({ threads: 3 })).rejects.toBeInstanceOf(lw.ArgumentError);
    expect(await first).toMatchObject({ threads: 2 });
    await expect(lw.init({ threads: 1, fast: true })).rejects.toThrow(
      /already initialised: threads is 2 and cannot become 1, fast is false and cannot become true/,
    );
    await expect(lw.init({ maximumMemory: 2 ** 30 })).rejects.toThrow(
      /maximumMemory is 4294967296 and cannot become 1073741824/,
    );
    await expect(lw.init({ threadScript: '/t.js' })).rejects.toThrow(
      /threadScript is not set and cannot become "\/t\.js"/,
    );
    expect(lw.runtimeInfo().threads).toBe(2);
    expect(sum()).toBe(10);
  });

  test('is refused for kernels of the other variant, or none at all', async () => {
    const first = await lw.init({ threads: 1, wasm: kernels, fast: true });
    expect(first.variant).toBe('simd');
    await expect(lw.init({ wasm: new Uint8Array(8) })).rejects.toBeInstanceOf(lw.FileFormatError);
    await expect(lw.init({ wasm: offline() })).rejects.toThrow(/the Response cannot be read: Error: offline/);
    const relaxed = lw.init({ wasm: kernelsFile('kernels.relaxed.wasm') });
    const hasRelaxed = Number(process.versions.node.split('.')[0]) >= 22;
    await expect(relaxed).rejects.toThrow(
      hasRelaxed ? /wasm is the simd kernels and cannot become the relaxed ones/ : /needs an engine with relaxed SIMD/,
    );
    expect(await lw.init()).toBe(first);
  });
});

describe('after the first tensor', () => {
  test('one thread is what is in force', async () => {
    lw.ones([2]);
    expect(await lw.init()).toMatchObject({ threads: 1 });
    expect(await lw.init({ threads: 1 })).toBe(lw.runtimeInfo());
    await expect(lw.init(two)).rejects.toThrow(/already initialised: threads is 1 and cannot become 2/);
  });

  test('a start that was under way gives up, and one thread is what is in force', async () => {
    const first = lw.init(two);
    lw.ones([2]);
    await expect(first).rejects.toThrow(/a tensor was made while the kernels were loading/);
    expect(await lw.init({ threads: 1 })).toMatchObject({ threads: 1 });
    await expect(lw.init(two)).rejects.toBeInstanceOf(lw.ArgumentError);
    expect(sum()).toBe(10);
  });
});

test('what has failed may be tried again, with other options too', async () => {
  const missing = { wasm: 'file:///nowhere/kernels.wasm' };
  const both = [lw.init(missing), lw.init(missing)];
  for (const one of both) await expect(one).rejects.toBeInstanceOf(lw.MissingDataError);
  await expect(lw.init({ threads: 1, wasm: offline() })).rejects.toBeInstanceOf(lw.MissingDataError);
  expect(await lw.init({ threads: 1, wasm: kernels })).toMatchObject({ threads: 1 });
  expect(sum()).toBe(10);
});

test.each<[object, RegExp]>([
  [{ threads: 0 }, /threads must be a whole number ≥ 1, not 0/],
  [{ threads: '2' }, /threads must be a whole number ≥ 1, not '2'/],
  [{ threads: null }, /threads must be a whole number ≥ 1, not null/],
  [{ maximumMemory: 1000 }, /maximumMemory must be between 16777216 and 4294967296 bytes, not 1000/],
  [{ fast: 1 }, /fast must be true or false, not 1/],
  [{ threadScript: {} }, /threadScript must be a string or URL, not an object/],
  [{ thread: 2 }, /there is no option thread\n {2}hint: did you mean threads\?\n {2}as in init\(\{ threads: 2 \}\)$/],
  [{ toString: 2 }, /there is no option toString/],
])('%j is refused before and after the start', async (options, message) => {
  await expect(lw.init(options)).rejects.toThrow(message);
  await lw.init({ threads: 1 });
  await expect(lw.init(options)).rejects.toThrow(message);
  await expect(lw.init(options)).rejects.toBeInstanceOf(lw.ArgumentError);
});

test.each([null, 2, 'fast'])('init(%j) is refused', async (options) => {
  await expect(lw.init(options as never)).rejects.toThrow(/options must be an object/);
});

describe('after stopThreads()', () => {
  test('init without threads, or with one, changes nothing', async () => {
    await lw.init(two);
    lw.stopThreads();
    const stopped = { threads: 1, threadsReason: 'stopThreads() was called' };
    expect(await lw.init()).toMatchObject(stopped);
    expect(await lw.init({ threads: 1 })).toMatchObject(stopped);
    await expect(lw.init({ threads: 3 })).rejects.toThrow(/threads is 1 and cannot become 3/);
    expect(lw.runtimeInfo()).toMatchObject(stopped);
  });

  test('init with the same threads starts them again', async () => {
    const first = await lw.init(two);
    const x = lw.arange(100_000);
    const compute = () => lw.scope(() => lw.relu(x).sum().item());
    const want = compute();
    const { bytes } = lw.memory();
    for (let round = 0; round < 3; round++) {
      lw.stopThreads();
      expect(compute()).toBe(want);
      const [again, beside] = await Promise.all([lw.init(two), lw.init(two)]);
      expect(again).toEqual(first);
      expect(beside).toBe(again);
      for (let turn = 0; turn < 100; turn++) expect(compute()).toBe(want);
      expect(lw.memory().bytes).toBe(bytes);
    }
  });
});
