/** What becomes of `init({ wide: true })` in this Node, and in 24 and 26 where they are installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { RuntimeInfo } from '../../src/index.js';
import { TESTED_V8 } from '../../src/runtime/testedV8.js';

const root = path.resolve(import.meta.dirname, '../..');

/** A program on the built library that prints what init() found, a digest of a few results, and the runtime after. */
const program = (options: string): string => `
  import fs from 'node:fs';
  import { arange, conv2d, digest, init, manualSeed, randn } from ${JSON.stringify(path.join(root, 'dist/index.js'))};
  const start = performance.now();
  const info = await init(${options});
  const ms = performance.now() - start;
  manualSeed(1);
  const product = randn([50, 70]).matmul(randn([70, 90]));
  const image = conv2d(randn([4, 8, 17, 17]), randn([8, 8, 3, 3]), null, { padding: 1 });
  console.log(JSON.stringify({ ...info, ms, digest: digest({ product, image, exp: arange(37).exp() }) }));
`;

interface Answer extends RuntimeInfo {
  readonly ms: number;
  readonly digest: string;
}

function start(options: string, node = process.execPath): Answer {
  return JSON.parse(
    execFileSync(node, ['--input-type=module', '-e', program(options)], { timeout: 50_000, encoding: 'utf8' }),
  ) as Answer;
}

const portable = start('{ threads: 1 }').digest;
const major = Number(process.versions.node.split('.')[0]);

test.skipIf(major >= 24)('Node before 24 says that it cannot, and goes on with the others', () => {
  const { variant, wideReason, digest } = start('{ wide: true, threads: 2 }');
  expect({ variant, digest }).toEqual({ variant: 'simd', digest: portable });
  expect(wideReason).toMatch(/^V8 \d+\.\d+\.\d+ cannot join vectors, Node 24 and later can$/);
});

test('the file of the wide kernels computes the same bits anywhere', () => {
  const file = JSON.stringify(path.join(root, 'dist/kernels.wide.wasm'));
  const { variant, wideReason, digest } = start(`{ wasm: fs.readFileSync(${file}), threads: 1 }`);
  expect({ variant, wideReason, digest }).toEqual({ variant: 'wide', wideReason: undefined, digest: portable });
});

test('wide and fast exclude each other', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program('{ wide: true, fast: true }')],
    { encoding: 'utf8', timeout: 50_000 },
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/ArgumentError.*init: wide and fast exclude each other/);
});

test.each(['24', '26'])('Node %s takes them, or says why not', (version) => {
  const node = path.join(root, `test/engines/node_modules/node${version}/bin/node`);
  if (!fs.existsSync(node)) {
    console.log(`skipped: Node ${version} is not installed (npm install --prefix test/engines)`);
    return;
  }
  const v8 = execFileSync(node, ['-p', 'process.versions.v8'], { encoding: 'utf8' }).split('.', 3).join('.');
  for (const threads of [1, 2]) {
    const { variant, wideReason, digest, ms } = start(`{ wide: true, threads: ${threads}, oversubscribe: true }`, node);
    expect(digest).toBe(portable);
    // On a busy machine, or without AVX2, they may not be faster.
    if (variant === 'simd') expect(wideReason).toMatch(/^the wide kernels are not faster here \(0\.\d\d ×\)$/);
    else
      expect({ variant, known: wideReason === undefined }).toEqual({ variant: 'wide', known: TESTED_V8.includes(v8) });
    expect(ms).toBeGreaterThan(100);
  }
  expect(start(`{ threads: 1 }`, node).variant).toBe('simd');
});
