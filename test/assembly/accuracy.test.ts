/** The stated error of each transcendental kernel, against double precision. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  cos,
  elu,
  exp,
  gelu,
  init,
  log,
  log1p,
  pow,
  scope,
  sigmoid,
  silu,
  sin,
  softplus,
  type Tensor,
  tanh,
  tensor,
} from '../../src/index.js';
import { uniform } from '../support/random.js';

beforeAll(() => init());

/** Distance of two neighbouring floats at `value` (the double result), subnormals included. */
function ulp(value: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -126);
  return 2 ** (exponent - 23);
}

const fromBits = (bits: Uint32Array) => new Float32Array(bits.buffer);

/** Floats of every exponent and sign: a stride through all bit patterns that is not a multiple of any lane count. */
function allMagnitudes(): Float32Array {
  const stride = 40_961;
  return fromBits(Uint32Array.from({ length: Math.floor(2 ** 32 / stride) }, (_, i) => i * stride)).filter(
    Number.isFinite,
  );
}

function between(low: number, high: number, count = 100_000): Float32Array {
  const random = uniform(count);
  return Float32Array.from({ length: count }, () => low + random() * (high - low));
}

/** The largest error in ULP, and where. */
function largestError(
  xs: Float32Array,
  run: (x: Tensor) => Tensor,
  twin: (x: number) => number,
): { error: number; x: number } {
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

const logistic = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/**
 * The standard normal distribution function in doubles: its Taylor series about 0 up to 3, and beyond the continued
 * fraction of the tail (Abramowitz and Stegun 26.2.11 and 26.2.14). Neither is how the kernel does it.
 */
function normalCdf(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const size = Math.abs(x);
  if (density === 0) return x < 0 ? 0 : 1;
  let tail: number;
  if (size < 3) {
    let term = size;
    let sum = size;
    for (let k = 1; k < 100; k++) sum += term *= (size * size) / (2 * k + 1);
    tail = 0.5 - density * sum;
  } else {
    let fraction = size;
    for (let k = 200; k > 0; k--) fraction = size + k / fraction;
    tail = density / fraction;
  }
  return x < 0 ? tail : 1 - tail;
}

/** `from`: where below the result is a product with a subnormal factor, which has lost digits for good. */
interface Bound {
  name: string;
  run: (x: Tensor) => Tensor;
  twin: (x: number) => number;
  bound: number;
  ranges: readonly (readonly [number, number])[];
  from?: number;
}

const bounds: readonly Bound[] = [
  {
    name: 'exp',
    run: exp,
    twin: Math.exp,
    bound: 1,
    ranges: [
      [-1, 1],
      [-20, 20],
      [-104, 89],
    ],
  },
  {
    name: 'log',
    run: log,
    twin: Math.log,
    bound: 1,
    ranges: [
      [0.5, 2],
      [0, 100],
    ],
  },
  {
    name: 'log(1 + x)',
    run: log1p,
    twin: Math.log1p,
    bound: 2,
    ranges: [
      [-1, 1],
      [-0.01, 0.01],
      [0, 100],
    ],
  },
  {
    name: 'eˣ − 1 (elu)',
    run: elu,
    twin: (x) => (x > 0 ? x : Math.expm1(x)),
    bound: 2,
    ranges: [
      [-1, 0],
      [-20, 0],
    ],
  },
  {
    name: 'tanh',
    run: tanh,
    twin: Math.tanh,
    bound: 2,
    ranges: [
      [-1, 1],
      [-10, 10],
    ],
  },
  {
    name: 'sigmoid',
    run: sigmoid,
    twin: logistic,
    bound: 3,
    ranges: [
      [-1, 1],
      [-20, 20],
      [-104, -80],
    ],
  },
  {
    name: 'silu',
    run: silu,
    twin: (x) => x * logistic(x),
    bound: 4,
    ranges: [
      [-1, 1],
      [-20, 20],
    ],
    from: -87,
  },
  {
    name: 'softplus',
    run: (x) => softplus(x, { threshold: 1000 }),
    twin: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    bound: 2,
    ranges: [
      [-1, 1],
      [-20, 20],
    ],
  },
  {
    name: 'gelu',
    run: gelu,
    twin: (x) => x * normalCdf(x),
    bound: 7,
    ranges: [
      [-1, 1],
      [-6, 6],
      [-12.9, -6],
    ],
    from: -12.9,
  },
  { name: 'x^2.5', run: (x) => pow(x, 2.5), twin: (x) => x ** 2.5, bound: 1, ranges: [[0, 4]] },
  {
    name: '1.01^x',
    run: (x) => pow(1.01, x),
    twin: (x) => Math.fround(1.01) ** x,
    bound: 1,
    ranges: [
      [-100, 100],
      [-8000, 8000],
    ],
  },
];

describe('error in ULP', () => {
  for (const { name, run, twin, bound, ranges, from = -Infinity } of bounds) {
    test(`${name} stays below ${bound}, over all magnitudes${from === -Infinity ? '' : ` from ${from}`}`, () => {
      for (const xs of [allMagnitudes().filter((x) => x >= from), ...ranges.map(([low, high]) => between(low, high))]) {
        const { error, x } = largestError(xs, run, twin);
        expect(error, `at ${x}`).toBeLessThan(bound);
      }
    });
  }
});

describe('absolute error', () => {
  for (const [name, run, twin] of [
    ['sin', sin, Math.sin],
    ['cos', cos, Math.cos],
  ] as const) {
    test(`of ${name} stays below 2⁻²³ up to 10⁸; beyond, it is a number from −1 to 1`, () => {
      for (const reach of [1, 10, 1e5, 1e8]) {
        const xs = between(-reach, reach);
        const ys = scope(() => run(tensor(xs)).data());
        xs.forEach((x, i) => {
          if (!(Math.abs(ys[i]! - twin(x)) < 2 ** -23)) expect(ys[i], `at ${x}`).toBe(twin(x));
        });
      }
      expect(scope(() => run(tensor(allMagnitudes())).data()).every((y) => Math.abs(y) <= 1)).toBe(true);
    });
  }
});

describe('special values', () => {
  const specials: readonly [string, (x: Tensor) => Tensor, readonly (readonly [number, number])[]][] = [
    [
      'exp',
      exp,
      [
        [0, 1],
        [-0, 1],
        [Infinity, Infinity],
        [-Infinity, 0],
        [NaN, NaN],
        [1000, Infinity],
        [-1000, 0],
      ],
    ],
    [
      'log',
      log,
      [
        [1, 0],
        [0, -Infinity],
        [-0, -Infinity],
        [Infinity, Infinity],
        [-1, NaN],
        [-Infinity, NaN],
        [NaN, NaN],
      ],
    ],
    [
      'log1p',
      log1p,
      [
        [0, 0],
        [1e-30, Math.fround(1e-30)],
        [-1, -Infinity],
        [-2, NaN],
        [Infinity, Infinity],
        [NaN, NaN],
      ],
    ],
    [
      'sin',
      sin,
      [
        [0, 0],
        [Infinity, NaN],
        [NaN, NaN],
      ],
    ],
    [
      'cos',
      cos,
      [
        [0, 1],
        [-Infinity, NaN],
        [NaN, NaN],
      ],
    ],
    [
      'sigmoid',
      sigmoid,
      [
        [0, 0.5],
        [Infinity, 1],
        [-Infinity, 0],
        [NaN, NaN],
        [200, 1],
        [-200, 0],
      ],
    ],
    [
      'tanh',
      tanh,
      [
        [0, 0],
        [-0, -0],
        [Infinity, 1],
        [-Infinity, -1],
        [NaN, NaN],
        [50, 1],
        [-50, -1],
      ],
    ],
    [
      'elu',
      elu,
      [
        [0, 0],
        [Infinity, Infinity],
        [-Infinity, -1],
        [NaN, NaN],
        [-90, -1],
      ],
    ],
    [
      'gelu',
      gelu,
      [
        [0, 0],
        [Infinity, Infinity],
        [NaN, NaN],
        [40, 40],
        [-40, -0],
      ],
    ],
    [
      'softplus',
      softplus,
      [
        [Infinity, Infinity],
        [-Infinity, 0],
        [NaN, NaN],
        [21, 21],
        [-200, 0],
      ],
    ],
  ];
  for (const [name, run, pairs] of specials) {
    for (const [x, y] of pairs)
      test(`${name} ${Object.is(x, -0) ? '-0' : x} = ${y}`, () => expect(scope(() => run(tensor([x])).item())).toBe(y));
  }
});
