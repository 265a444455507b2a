import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../../src/index.js';
import type { Address } from '../../src/runtime/address.js';
import { setGuards } from '../../src/runtime/guards.js';
import { allocate, release, viewF32 } from '../../src/runtime/memory.js';
import { withRecord } from '../../src/runtime/records.js';
import { kernels } from '../../src/runtime/runtime.js';
import { withScratch } from '../../src/runtime/scratch.js';
import { uniform } from '../support/random.js';

beforeAll(async () => {
  await init({ threads: 1 });
  setGuards(true);
});

interface Problem {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly accumulate?: boolean;
  readonly bias?: boolean;
  readonly relu?: boolean;
}

/** The kernel's result; `cuts` are the rows (or columns) where one call ends and the next begins. */
function run(
  problem: Problem,
  cuts: readonly number[] = [],
  kernel: 'rows' | 'columns' | 'matvec' = 'rows',
): { got: Float32Array; want: Float32Array } {
  const { m, n, k, transposeA = false, transposeB = false, accumulate = false, bias = false, relu = false } = problem;
  const random = uniform(m * 31 + n * 17 + k);
  const draw = (size: number) => Float32Array.from({ length: size }, () => random() * 2 - 1);
  const a = draw(m * k);
  const b = draw(k * n);
  const c = draw(m * n);
  const row = draw(n);

  // The plain twin, rounded to float32 after every operation as the kernel does: the same bits are expected.
  const want = c.slice();
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = accumulate ? c[i * n + j]! : bias ? row[j]! : 0;
      for (let t = 0; t < k; t++) {
        sum = Math.fround(
          sum + Math.fround(a[transposeA ? t * m + i : i * k + t]! * b[transposeB ? j * k + t : t * n + j]!),
        );
      }
      want[i * n + j] = relu && sum < 0 ? 0 : sum;
    }
  }

  const arrays = [c, a, b, row];
  const addresses = arrays.map((array) => allocate(4 * array.length));
  arrays.forEach((array, i) => viewF32(addresses[i]!, array.length).set(array));
  const [pc, pa, pb, pRow] = addresses as [Address, Address, Address, Address];
  const bounds = [0, ...cuts, kernel === 'rows' ? m : n];
  const shape = { m, n, k, transposeA: Number(transposeA), transposeB: Number(transposeB) };
  for (let part = 0; part + 1 < bounds.length; part++) {
    const [begin, end] = [bounds[part]!, bounds[part + 1]!];
    if (kernel === 'matvec') {
      kernels.f32_matvec(pc, pb, pa, bias ? pRow : 0, n, k, !transposeB, accumulate, relu, begin, end);
      continue;
    }
    withRecord('GemmShape', shape, (record) =>
      withScratch(4 * kernels.f32_gemm_scratch(record), (scratch) => {
        const run = kernel === 'rows' ? kernels.f32_gemm : kernels.f32_gemm_columns;
        run(pc, pa, pb, bias ? pRow : 0, record, scratch, accumulate, relu, begin, end);
      }),
    );
  }
  const got = viewF32(pc, m * n).slice();
  arrays.forEach((array, i) => release(addresses[i]!, 4 * array.length));
  return { got, want };
}

const variants: readonly Omit<Problem, 'm' | 'n' | 'k'>[] = [
  {},
  { transposeA: true },
  { transposeB: true },
  { transposeA: true, transposeB: true },
  { accumulate: true },
  { bias: true, transposeB: true },
  { bias: true, relu: true },
  { accumulate: true, relu: true, transposeB: true },
];

describe('f32_gemm', () => {
  // Around the tile (4 × 8), the depth of a block (384) and the rows of a block (256).
  for (const [m, n, k] of [
    [1, 1, 1],
    [3, 2, 5],
    [4, 8, 4],
    [5, 12, 7],
    [7, 13, 3],
    [12, 10, 385],
    [2, 9, 784],
    [263, 6, 9],
    [9, 37, 11],
  ] as const) {
    test(`${m}×${n}×${k} has the bits of a plain loop`, () => {
      for (const variant of variants) {
        for (const kernel of ['rows', 'columns'] as const) {
          const { got, want } = run({ m, n, k, ...variant }, [], kernel);
          expect(got, `${kernel}, ${JSON.stringify(variant)}`).toEqual(want);
        }
      }
    });
  }

  test('an empty sum is what it starts from', () => {
    for (const variant of variants) {
      const { got, want } = run({ m: 5, n: 9, k: 0, ...variant });
      expect(got, JSON.stringify(variant)).toEqual(want);
    }
  });

  test('the bits do not depend on how rows and columns are shared out', () => {
    for (const variant of variants) {
      for (const cuts of [[1], [4, 8], [3, 5, 6], [0, 11]]) {
        for (const kernel of ['rows', 'columns'] as const) {
          const { got, want } = run({ m: 11, n: 11, k: 400, ...variant }, cuts, kernel);
          expect(got, `${kernel}, ${JSON.stringify(variant)} cut at ${cuts}`).toEqual(want);
        }
      }
    }
  });

  test('without accumulate, C is not read', () => {
    const c = allocate(4);
    viewF32(c, 1)[0] = NaN;
    withRecord('GemmShape', { m: 1, n: 1, k: 0, transposeA: 0, transposeB: 0 }, (shape) =>
      withScratch(4 * kernels.f32_gemm_scratch(shape), (scratch) =>
        kernels.f32_gemm(c, c, c, 0, shape, scratch, false, false, 0, 1),
      ),
    );
    expect(viewF32(c, 1)[0]).toBe(0);
    release(c, 4);
  });
});

describe('f32_matvec', () => {
  for (const [n, k] of [
    [1, 1],
    [3, 5],
    [8, 4],
    [10, 7],
    [21, 23],
    [37, 400],
    [5, 0],
  ] as const) {
    test(`${n} elements, ${k} terms: the bits of a plain loop, however they are shared out`, () => {
      for (const variant of variants) {
        for (const cuts of [[], [1], [2, 2], [9]].filter((cuts) => cuts.every((cut) => cut <= n))) {
          const { got, want } = run({ m: 1, n, k, ...variant }, cuts, 'matvec');
          expect(got, `${JSON.stringify(variant)} cut at ${cuts}`).toEqual(want);
        }
      }
    });
  }
});
