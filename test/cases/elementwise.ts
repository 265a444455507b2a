import {
  abs,
  add,
  clamp,
  div,
  elu,
  eq,
  exp,
  ge,
  gelu,
  gt,
  le,
  leakyRelu,
  log,
  lt,
  maximum,
  minimum,
  mul,
  ne,
  neg,
  pow,
  reciprocal,
  relu,
  rsqrt,
  sigmoid,
  silu,
  softplus,
  sqrt,
  square,
  sub,
  type Tensor,
  tanh,
} from '../../src/index.js';
import { addRelu } from '../../src/ops/elementwise/addRelu.js';
import type { Case } from '../support/case.js';
import { map, zip } from '../support/reference.js';
import { fewValues, whereRows } from './where.js';

/** None, one, fewer than a vector, one more than a vector, several with a rest. */
const SHAPES = [[0], [1], [3], [5], [3, 7], [2, 3, 11]];

interface Unary {
  name: string;
  run: (x: Tensor) => Tensor;
  twin: (x: number) => number;
  range?: readonly [number, number];
}

const unary = (rows: readonly Unary[]): Case[] =>
  rows.flatMap(({ name, run, twin, range }) =>
    SHAPES.map(
      (shape): Case => ({
        name: `${name} of [${shape}]`,
        inputs: [{ shape, ...(range === undefined ? {} : { range }) }],
        run,
        twin: (x) => map(x, twin),
      }),
    ),
  );

/** Each way of repeating that kernels tell apart, and empty ones. */
const PAIRS: [number[], number[]][] = [
  [[0], [0]],
  [[1], [1]],
  [[7], [7]],
  [
    [2, 3, 5],
    [2, 3, 5],
  ],
  [[2, 3], []],
  [[], [5]],
  [[3, 5], [1]],
  [[3, 6], [6]],
  [[7], [3, 7]],
  [
    [3, 5],
    [3, 1],
  ],
  [
    [1, 4],
    [5, 1],
  ],
  [
    [2, 3, 2, 2],
    [3, 1, 1],
  ],
  [
    [2, 3, 2, 2],
    [1, 3, 1, 1],
  ],
  [
    [3, 1, 2],
    [1, 2, 1],
  ],
  [
    [2, 1, 3, 1, 2],
    [1, 2, 1, 2, 1],
  ],
  [
    [2, 1, 2, 1, 2, 1, 2, 1],
    [1, 2, 1, 2, 1, 1, 1, 2],
  ],
  [
    [0, 3],
    [1, 3],
  ],
  [
    [2, 0],
    [2, 1],
  ],
];

interface Binary {
  name: string;
  run: (a: Tensor, b: Tensor) => Tensor;
  twin: (a: number, b: number) => number;
  /** Of the first operand, and of the second. */
  baseRange?: readonly [number, number];
  range?: readonly [number, number];
}

const binary = (rows: readonly Binary[]): Case[] =>
  rows.flatMap(({ name, run, twin, range, baseRange }) =>
    PAIRS.map(
      ([a, b]): Case => ({
        name: `${name} of [${a}] and [${b}]`,
        inputs: [
          { shape: a, ...(baseRange === undefined ? {} : { range: baseRange }) },
          { shape: b, ...(range === undefined ? {} : { range }) },
        ],
        run,
        twin: (x, y) => zip(x, y, twin),
      }),
    ),
  );

type Operand = Tensor | number;
type Comparison = readonly [string, (a: Operand, b: Operand) => Tensor, (a: number, b: number) => boolean];
const COMPARISONS: readonly Comparison[] = [
  ['eq', eq, (a, b) => a === b],
  ['ne', ne, (a, b) => a !== b],
  ['lt', lt, (a, b) => a < b],
  ['le', le, (a, b) => a <= b],
  ['gt', gt, (a, b) => a > b],
  ['ge', ge, (a, b) => a >= b],
];

/** Integers that float32 does not tell apart, and the ends of int32. */
const LONG_INTEGERS = [
  0, -1, 16777216, 16777217, 16777218, -16777217, -16777216, 2147483647, 2147483646, -2147483648, -2147483647,
];
/** Numbers beside them: integers, fractions between two that float32 does not tell apart, and what is beyond int32. */
const NUMBERS = [
  16777217,
  -2147483648,
  16777216.5,
  -16777216.5,
  2147483647.5,
  2147483648,
  -2147483648.5,
  -3e9,
  Infinity,
  -Infinity,
  NaN,
];

/** An operation on one or two inputs of long integers, of which the second has another order. */
const int32 = (name: string, run: Case['run'], twin: Case['twin'], count = 1): Case => ({
  name,
  inputs: [1, 3].slice(0, count).map((step) => ({
    shape: [LONG_INTEGERS.length],
    dtype: 'int32',
    values: LONG_INTEGERS.map((_, i) => LONG_INTEGERS[(i * step) % LONG_INTEGERS.length]!),
  })),
  noGradient: true,
  run,
  twin,
  dtype: 'int32',
  tolerance: 0,
});

/** The standard normal distribution function, by Simpson's rule on its density: nothing shared with the kernel. */
function normalCdf(x: number): number {
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  const steps = 200;
  const h = x / steps;
  let sum = density(0) + density(x);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density(i * h);
  return 0.5 + (sum * h) / 3;
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

export const elementwise: readonly Case[] = [
  ...unary([
    { name: 'relu', run: relu, twin: (x) => Math.max(x, 0) },
    { name: 'neg', run: neg, twin: (x) => -x },
    { name: 'exp', run: exp, twin: Math.exp },
    { name: 'log', run: log, twin: Math.log, range: [0.1, 4] },
    { name: 'abs', run: abs, twin: Math.abs },
    { name: 'sqrt', run: sqrt, twin: Math.sqrt, range: [0.25, 4] },
    { name: 'rsqrt', run: rsqrt, twin: (x) => 1 / Math.sqrt(x), range: [0.5, 4] },
    { name: 'square', run: square, twin: (x) => x * x },
    { name: 'reciprocal', run: reciprocal, twin: (x) => 1 / x, range: [0.5, 4] },
    { name: 'sigmoid', run: sigmoid, twin: logistic, range: [-8, 8] },
    { name: 'tanh', run: tanh, twin: Math.tanh },
    { name: 'leakyRelu', run: (x) => leakyRelu(x), twin: (x) => (x > 0 ? x : 0.01 * x) },
    { name: 'leakyRelu with slope 0.3', run: (x) => leakyRelu(x, 0.3), twin: (x) => (x > 0 ? x : 0.3 * x) },
    { name: 'elu', run: (x) => elu(x), twin: (x) => (x > 0 ? x : Math.expm1(x)) },
    { name: 'elu with alpha 0.5', run: (x) => elu(x, 0.5), twin: (x) => (x > 0 ? x : 0.5 * Math.expm1(x)) },
    { name: 'gelu', run: (x) => gelu(x), twin: (x) => x * normalCdf(x), range: [-4, 4] },
    {
      name: 'gelu by tanh',
      run: (x) => gelu(x, { approximate: 'tanh' }),
      twin: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
      range: [-4, 4],
    },
    { name: 'silu', run: silu, twin: (x) => x * logistic(x), range: [-6, 6] },
    { name: 'softplus', run: (x) => softplus(x), twin: (x) => Math.log1p(Math.exp(x)), range: [-6, 6] },
    {
      name: 'softplus with beta 3, threshold 2',
      run: (x) => softplus(x, { beta: 3, threshold: 2 }),
      twin: (x) => (3 * x > 2 ? x : Math.log1p(Math.exp(3 * x)) / 3),
    },
    {
      name: 'clamp to [-0.5, 1]',
      run: (x) => clamp(x, { min: -0.5, max: 1 }),
      twin: (x) => Math.min(Math.max(x, -0.5), 1),
    },
    { name: 'clamp from -0.5', run: (x) => clamp(x, { min: -0.5 }), twin: (x) => Math.max(x, -0.5) },
    { name: 'clamp to 1', run: (x) => clamp(x, { max: 1 }), twin: (x) => Math.min(x, 1) },
    { name: 'x^2', run: (x) => pow(x, 2), twin: (x) => x ** 2 },
    { name: 'x^3', run: (x) => pow(x, 3), twin: (x) => x ** 3 },
    { name: 'x^0.5', run: (x) => pow(x, 0.5), twin: (x) => x ** 0.5, range: [0.25, 4] },
    { name: 'x^-0.5', run: (x) => pow(x, -0.5), twin: (x) => x ** -0.5, range: [0.5, 4] },
    { name: 'x^-1', run: (x) => pow(x, -1), twin: (x) => 1 / x, range: [0.5, 4] },
    { name: 'x^-2', run: (x) => pow(x, -2), twin: (x) => x ** -2, range: [0.7, 4] },
    { name: 'x^2.7', run: (x) => pow(x, 2.7), twin: (x) => x ** 2.7, range: [0.25, 2] },
    { name: 'x^5', run: (x) => pow(x, 5), twin: (x) => x ** 5 },
    { name: '3^x', run: (x) => pow(3, x), twin: (x) => 3 ** x },
    { name: 'max(x, 0.5)', run: (x) => maximum(x, 0.5), twin: (x) => Math.max(x, 0.5) },
    { name: 'x + 2.5', run: (x) => add(x, 2.5), twin: (x) => x + 2.5 },
    { name: '1 - x', run: (x) => sub(1, x), twin: (x) => 1 - x },
    { name: 'x·3', run: (x) => mul(x, 3), twin: (x) => x * 3 },
    { name: '2 / x', run: (x) => div(2, x), twin: (x) => 2 / x, range: [0.5, 2] },
    { name: 'x / 4', run: (x) => div(x, 4), twin: (x) => x / 4 },
  ]),
  ...binary([
    { name: 'add', run: add, twin: (a, b) => a + b },
    { name: 'addRelu', run: addRelu, twin: (a, b) => Math.max(a + b, 0) },
    { name: 'sub', run: sub, twin: (a, b) => a - b },
    { name: 'mul', run: mul, twin: (a, b) => a * b },
    { name: 'div', run: div, twin: (a, b) => a / b, range: [0.5, 2] },
    { name: 'maximum', run: maximum, twin: Math.max },
    { name: 'minimum', run: minimum, twin: Math.min },
    { name: 'pow', run: pow, twin: Math.pow, baseRange: [0.3, 2] },
  ]),
  ...(['float32', 'int32', 'uint8'] as const).flatMap((dtype) =>
    PAIRS.flatMap(([a, b]) =>
      COMPARISONS.map(
        ([name, run, twin]): Case => ({
          name: `${name} of ${dtype} [${a}] and [${b}]`,
          inputs: [
            { shape: a, dtype, values: fewValues(a, 7) },
            { shape: b, dtype, values: fewValues(b, 3) },
          ],
          noGradient: true,
          run,
          twin: (x, y) => zip(x, y, (left, right) => Number(twin(left, right))),
        }),
      ),
    ),
  ),
  ...COMPARISONS.flatMap(([name, run, twin]) =>
    [
      int32(
        `${name} of long integers`,
        (x, y) => run(x!, y!),
        (x, y) => zip(x!, y!, (a, b) => Number(twin(a, b))),
        2,
      ),
      ...NUMBERS.flatMap((n) => [
        int32(
          `${name} of long integers and ${n}`,
          (x) => run(x!, n),
          (x) => map(x!, (a) => Number(twin(a, n))),
        ),
        int32(
          `${name} of ${n} and long integers`,
          (x) => run(n, x!),
          (x) => map(x!, (b) => Number(twin(n, b))),
        ),
      ]),
    ].map((row): Case => ({ ...row, dtype: 'uint8' })),
  ),
  int32(
    'maximum of long integers',
    (x, y) => maximum(x!, y!),
    (x, y) => zip(x!, y!, Math.max),
    2,
  ),
  int32(
    'minimum of long integers',
    (x, y) => minimum(x!, y!),
    (x, y) => zip(x!, y!, Math.min),
    2,
  ),
  int32(
    'maximum of long integers and the least int32',
    (x) => maximum(x!, -2147483648),
    (x) => x!,
  ),
  ...(
    [
      [-16777217, 16777217],
      [16777217, undefined],
      [undefined, -16777217],
    ] as const
  ).map(([min, max]) =>
    int32(
      `clamp of long integers to ${min} and ${max}`,
      (x) => clamp(x!, { min, max }),
      (x) => map(x!, (value) => Math.min(Math.max(value, min ?? -Infinity), max ?? Infinity)),
    ),
  ),
  // int32 wraps around, as in PyTorch.
  int32(
    'add of long integers',
    (x, y) => add(x!, y!),
    (x, y) => zip(x!, y!, (a, b) => (a + b) | 0),
    2,
  ),
  int32(
    'sub of long integers',
    (x, y) => sub(x!, y!),
    (x, y) => zip(x!, y!, (a, b) => (a - b) | 0),
    2,
  ),
  int32(
    'mul of long integers',
    (x, y) => mul(x!, y!),
    (x, y) => zip(x!, y!, Math.imul),
    2,
  ),
  int32(
    'square of long integers',
    (x) => square(x!),
    (x) => map(x!, (value) => Math.imul(value, value)),
  ),
  int32(
    'neg of long integers',
    (x) => neg(x!),
    (x) => map(x!, (value) => -value | 0),
  ),
  int32(
    'abs of long integers',
    (x) => abs(x!),
    (x) => map(x!, (value) => Math.abs(value) | 0),
  ),
  ...whereRows,
];
