/** What the command line says of threads that cannot be had. Each test has a library of its own. */
import os from 'node:os';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Output } from '../../src/cli/output.js';

let notes: string[];
const output = { note: (text: string) => notes.push(text) } as unknown as Output;
let cli: typeof import('../../src/cli/runtime.js');
let lw: typeof import('../../src/index.js');

beforeEach(async () => {
  notes = [];
  vi.spyOn(os, 'availableParallelism').mockReturnValue(2);
  vi.resetModules();
  lw = await import('../../src/index.js');
  cli = await import('../../src/cli/runtime.js');
});
afterEach(() => {
  lw.stopThreads();
  vi.restoreAllMocks();
});

test.each([null, 1, 2])('--threads %j on two cores needs no word', async (threads) => {
  expect(await cli.startRuntime(threads, output)).toMatchObject({ threads: threads ?? 2 });
  expect(notes).toEqual([]);
});

test('--threads 64 on two cores are two, and one line says so', async () => {
  expect(await cli.startRuntime(64, output)).toMatchObject({ threads: 2 });
  expect(notes).toEqual([
    'note: the kernels run on 2 threads, with the same results: 64 threads were asked for, this machine has 2 cores',
  ]);
});

test('--wide says where the wide kernels are not in use, or not tested', async () => {
  const { variant, wideReason } = await cli.startRuntime(1, output, true);
  if (Number(process.versions.node.split('.')[0]) < 24) {
    expect({ variant, notes }).toEqual({
      variant: 'simd',
      notes: [`note: the other kernels run, with the same results: ${wideReason}`],
    });
    expect(wideReason).toMatch(/^V8 .* cannot join vectors/);
  } else expect(notes.length).toBe(wideReason === undefined ? 0 : 1);
});

test.each([
  ['x64', '24.22.0', 'simd', false, 1],
  ['x64', '24.22.0', 'simd', true, 0],
  ['x64', '24.22.0', 'wide', true, 0],
  ['x64', '22.12.0', 'simd', false, 0],
  ['arm64', '24.22.0', 'simd', false, 0],
] as const)('on %s with Node %s and %s kernels, --wide given: %s', (arch, node, variant, asked, lines) => {
  vi.spyOn(process, 'arch', 'get').mockReturnValue(arch);
  vi.spyOn(process.versions, 'node', 'get').mockReturnValue(node);
  cli.noteWide({ variant, threads: 1, maximumMemory: 1 }, asked, output);
  expect(notes.filter((note) => /--wide computes the same bits/.test(note))).toHaveLength(lines);
});

test.each([
  [1, 1, []],
  [2, 1, []],
  [1, 2, []],
  [2, 2, ['needs 4 cores, this machine has 2 cores: the runs slow each other down, with the same results']],
  [4, 1, ['needs 4 cores, this machine has 2 cores: the runs slow each other down, with the same results']],
  [1, 8, ['needs 8 cores, this machine has 2 cores: each run has as many threads, with the same results']],
])('--jobs %i with --threads %i on two cores', (jobs, threads, effects) => {
  cli.noteCrowding(jobs, threads, output);
  expect(notes).toEqual(effects.map((effect) => `note: --jobs ${jobs} with --threads ${threads} ${effect}`));
});
