/** The stated error of each transcendental kernel, against double precision. */
import { beforeAll, describe, expect, test } from 'vitest';
import { exp, init, log, scope, tensor, type Tensor } from '../../src/index.js';
import { uniform } from '../support/random.js';

beforeAll(() => init());

/** Distance of two neighbouring floats at `value` (the double result), subnormals included. */
function ulp(value: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -126);
  return 2 ** (exponent - 23);
}

const fromBits = (bits: Uint32Array) => new Float32Array(bits.buffer);

/** Floats of every exponent and sign: a stride through all bit patterns that is no multiple of any lane count. */
function allMagnitudes(): Float32Array {
  const stride = 40_961;
  return fromBits(Uint32Array.from({ length: Math.floor(2 ** 32 / stride) }, (_, i) => i * stride)).filter(Number.isFinite);
}

function between(low: number, high: number, count = 100_000): Float32Array {
  const random = uniform(count);
  return Float32Array.from({ length: count }, () => low + random() * (high - low));
}

/** The largest error in ULP, and where. */
function largestError(xs: Float32Array, run: (x: Tensor) => Tensor, twin: (x: number) => number): { error: number; x: number } {
  const ys = scope(() => run(tensor(xs)).data());
  let largest = { error: 0, x: NaN };
  xs.forEach((x, i) => {
    const want = twin(x);
    if (Math.fround(want) === ys[i] || (Number.isNaN(want) && Number.isNaN(ys[i]!))) return;
    const error = Math.abs(ys[i]! - want) / ulp(want);
    if (!(error <= largest.error)) largest = { error, x };
  });
  return largest;
}

interface Bound { name: string; run: (x: Tensor) => Tensor; twin: (x: number) => number; bound: number; ranges: readonly (readonly [number, number])[] }

const bounds: readonly Bound[] = [
  { name: 'exp', run: exp, twin: Math.exp, bound: 1, ranges: [[-1, 1], [-20, 20], [-104, 89]] },
  { name: 'log', run: log, twin: Math.log, bound: 1, ranges: [[0.5, 2], [0, 100]] },
];

describe('error in ULP', () => {
  for (const { name, run, twin, bound, ranges } of bounds) {
    test(`${name} stays below ${bound}, over all magnitudes`, () => {
      for (const xs of [allMagnitudes(), ...ranges.map(([low, high]) => between(low, high))]) {
        const { error, x } = largestError(xs, run, twin);
        expect(error, `at ${x}`).toBeLessThan(bound);
      }
    });
  }
});

describe('special values', () => {
  const specials: readonly [string, (x: Tensor) => Tensor, readonly (readonly [number, number])[]][] = [
    ['exp', exp, [[0, 1], [-0, 1], [Infinity, Infinity], [-Infinity, 0], [NaN, NaN], [1000, Infinity], [-1000, 0]]],
    ['log', log, [[1, 0], [0, -Infinity], [-0, -Infinity], [Infinity, Infinity], [-1, NaN], [-Infinity, NaN], [NaN, NaN]]],
  ];
  for (const [name, run, pairs] of specials) {
    for (const [x, y] of pairs) test(`${name} ${Object.is(x, -0) ? '-0' : x} = ${y}`, () => expect(scope(() => run(tensor([x])).item())).toBe(y));
  }
});
