/** In a file, and so a process, of its own: it starts the relaxed variant where the engine has it. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

/** Starts the built library in a process of its own; prints what init() found and a product of two matrices. */
function start(options: object, flags: string[] = []): { variant: string; threads: number; product: number[] } {
  const library = path.resolve(import.meta.dirname, '../../dist/index.js');
  const program = `
    import { arange, init } from ${JSON.stringify(library)};
    const info = await init(${JSON.stringify(options)});
    const product = arange(6).reshape([2, 3]).matmul(arange(6).reshape([3, 2]));
    console.log(JSON.stringify({ ...info, product: [...product.data()] }));
  `;
  return JSON.parse(
    execFileSync(process.execPath, [...flags, '--input-type=module', '-e', program], {
      timeout: 20_000,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
}

const product = [10, 13, 28, 40];
const hasRelaxed = Number(process.versions.node.split('.')[0]) >= 22;

test.each([1, 2])('fast takes relaxed SIMD where the engine has it, on %i threads', (threads) => {
  const flags = hasRelaxed ? [] : ['--experimental-wasm-relaxed-simd'];
  expect(start({ fast: true, threads, oversubscribe: true }, flags)).toEqual({
    variant: 'relaxed',
    threads,
    maximumMemory: 2 ** 32,
    product,
  });
});

test.skipIf(hasRelaxed)('fast falls back to the portable kernels where it has not', () => {
  expect(start({ fast: true, threads: 1 })).toEqual({ variant: 'simd', threads: 1, maximumMemory: 2 ** 32, product });
});

test('the default is portable', () => {
  expect(start({ threads: 1 })).toEqual({ variant: 'simd', threads: 1, maximumMemory: 2 ** 32, product });
});
