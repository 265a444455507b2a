/** A kernel gives the same bits however its range is cut into shares: what threads rely on. */
import { beforeAll, describe, expect, test } from 'vitest';
import { init, scope, tensor, zeros } from '../../src/index.js';
import type { Address } from '../../src/runtime/address.js';
import { viewI32 } from '../../src/runtime/memory.js';
import { kernels } from '../../src/runtime/runtime.js';
import { withScratch } from '../../src/runtime/scratch.js';
import { addressOf } from '../../src/tensor/tensor.js';
import { uniform } from '../support/random.js';

beforeAll(() => init());

const N = 211;
/** Shares of one element, less than a vector, several vectors, at odd places. */
const CUTS = [0, 1, 3, 8, 29, 30, 97, 160, N];

/** Among the random numbers, at places that are vector lanes of one cut and leftovers of another. */
const SPECIAL = [0, -0, Infinity, -Infinity, NaN];

type Kernel = (out: Address, a: Address, b: Address, begin: number, end: number) => void;

const forwards = [
  'f32_neg',
  'f32_abs_forward',
  'f32_exp',
  'f32_log',
  'f32_sqrt_forward',
  'f32_sigmoid_forward',
  'f32_tanh_forward',
  'f32_silu_forward',
  'f32_gelu_forward',
  'f32_gelu_tanh_forward',
  'f32_relu_forward',
  'f32_to_i32',
  'i32_to_f32',
] as const;
const backwards = [
  'f32_add',
  'f32_maximum',
  'f32_max_share',
  'f32_div',
  'f32_pow',
  'f32_relu_backward',
  'f32_gelu_backward',
  'f32_silu_backward',
  'f32_tanh_backward',
] as const;

const rows: readonly [string, Kernel][] = [
  ...forwards.map((name): [string, Kernel] => [name, (y, x, _b, begin, end) => kernels[name](y, x, begin, end)]),
  ...backwards.map((name): [string, Kernel] => [
    name,
    (dx, dy, kept, begin, end) => kernels[name](dx, dy, kept, begin, end),
  ]),
  ['f32_elu_forward', (y, x, _b, begin, end) => kernels.f32_elu_forward(y, x, 0.7, begin, end)],
  ['f32_softplus_backward', (dx, dy, x, begin, end) => kernels.f32_softplus_backward(dx, dy, x, 1.5, 2, begin, end)],
  ['f32_sum_columns', (out, x, _b, begin, end) => kernels.f32_sum_columns(out, x, 9, N, begin, end)],
  ['f32_sum_channels', (out, x, _b, begin, end) => kernels.f32_sum_channels(out, x, 3, N, 3, begin, end)],
  // a is [7, 1, 10], b is [3, 1], and the 210 elements of the output are [7, 3, 10].
  [
    'f32_mul_broadcast',
    (out, a, b, begin, end) =>
      withScratch(36, (geometry) => {
        viewI32(geometry, 9).set([7, 10, 0, 3, 0, 1, 10, 1, 0]);
        kernels.f32_mul_broadcast(out, a, b, geometry, 3, Math.min(begin, 210), Math.min(end, 210));
      }),
  ],
  [
    'x32_where',
    (out, a, b, begin, end) =>
      withScratch(16, (geometry) => {
        viewI32(geometry, 4).set([N, 1, 1, 0]);
        kernels.x32_where(out, a, a, b, geometry, 1, begin, end);
      }),
  ],
  [
    'f32_lt',
    (out, a, b, begin, end) =>
      withScratch(36, (geometry) => {
        viewI32(geometry, 9).set([7, 10, 0, 3, 0, 1, 10, 1, 0]);
        kernels.f32_lt(out, a, b, geometry, 3, Math.min(begin, 210), Math.min(end, 210));
      }),
  ],
];

describe('shares', () => {
  for (const [name, run] of rows) {
    test(name, () =>
      scope(() => {
        const random = uniform(7);
        const draw = () =>
          tensor(Float32Array.from({ length: 9 * N }, (_, i) => SPECIAL[i % 13] ?? random() * 4 - 1.5));
        const [a, b, whole, cut] = [draw(), draw(), zeros([N]), zeros([N])];
        run(addressOf(whole), addressOf(a), addressOf(b), 0, N);
        for (let i = CUTS.length - 1; i > 0; i--)
          run(addressOf(cut), addressOf(a), addressOf(b), CUTS[i - 1]!, CUTS[i]!);
        expect(whole.data().some((value) => value !== 0)).toBe(true);
        expect(cut.data()).toEqual(whole.data());
      }),
    );
  }
});
