import {
  type Axes,
  argmax,
  argmin,
  logSoftmax,
  logSumExp,
  max,
  mean,
  min,
  norm,
  prod,
  type ReduceOptions,
  softmax,
  std,
  sum,
  type Tensor,
  variance,
} from '../../src/index.js';
import type { Case } from '../support/case.js';
import { indicesOf, type Reference, reference, zip } from '../support/reference.js';

type Fold = (values: number[]) => number;

/** Folds the named axes: the values of each output in row-major order. */
function folded(x: Reference, axes: Axes, keepDim: boolean, fold: Fold): Reference {
  const rank = x.shape.length;
  const given = axes === undefined ? [] : [axes].flat();
  const named = given.length === 0 ? x.shape.map((_, axis) => axis) : given.map((axis) => (axis + rank) % rank);
  const kept = x.shape.map((length, axis) => (named.includes(axis) ? 1 : length));
  const groups = Array.from(indicesOf(kept), (): number[] => []);
  let flat = 0;
  for (const index of indicesOf(x.shape)) {
    const place = kept.reduce((at, length, axis) => at * length + (length === 1 ? 0 : index[axis]!), 0);
    groups[place]!.push(x.data[flat++]!);
  }
  return reference(keepDim ? kept : x.shape.filter((_, axis) => !named.includes(axis)), groups.map(fold));
}

/** All axes, rows, columns with and without a rest of eight, axes between others, axes apart; sizes 0 and 1. */
const PLACES: [number[], Axes][] = [
  [[], undefined],
  [[1], undefined],
  [[3], undefined],
  [[5], 0],
  [[37], undefined],
  [[3, 7], undefined],
  [[3, 7], 1],
  [[3, 7], 0],
  [[3, 9], -1],
  [[5, 19], 0],
  [[2, 3, 11], 1],
  [
    [2, 3, 11],
    [0, 2],
  ],
  [
    [2, 3, 4],
    [1, 2],
  ],
  [
    [2, 3, 4, 3],
    [1, 3],
  ],
  [[1, 4], 0],
  [[4, 1], 0],
  [[2, 5], []],
];
const EMPTY_OUTPUTS: [number[], Axes][] = [
  [[0, 3], 1],
  [[3, 0], 0],
];
const EMPTY_FOLDS: [number[], Axes][] = [
  [[0], undefined],
  [[0, 3], 0],
  [
    [3, 0],
    [0, 1],
  ],
];

const SOFTMAX_PLACES: [number[], number][] = [
  [[], -1],
  [[1], 0],
  [[3], 0],
  [[5], 0],
  [[3, 4], -1],
  [[3, 7], 1],
  [[3, 7], 0],
  [[2, 3, 5], 1],
  [[2, 33], -1],
  [[3, 14], 1],
  [[0, 3], 1],
  [[3, 0], 1],
  [[4, 1], 1],
];

interface Row {
  readonly name: string;
  readonly run: (x: Tensor, axes: Axes, options: ReduceOptions) => Tensor;
  readonly fold: Fold;
  readonly places: [number[], Axes][];
  readonly values?: (size: number) => number[];
}

const add = (values: number[]) => values.reduce((total, value) => total + value, 0);
const square = (value: number) => value * value;
const spread =
  (correction: number): Fold =>
  (values) => {
    const center = add(values) / values.length;
    return add(values.map((value) => square(value - center))) / Math.max(values.length - correction, 0);
  };
const power =
  (p: number): Fold =>
  (values) =>
    add(values.map((value) => Math.abs(value) ** p)) ** (1 / p);

const rows: readonly Row[] = [
  { name: 'sum', run: sum, fold: add, places: [...PLACES, ...EMPTY_OUTPUTS, ...EMPTY_FOLDS] },
  {
    name: 'mean',
    run: mean,
    fold: (values) => add(values) / values.length,
    places: [...PLACES, ...EMPTY_OUTPUTS, ...EMPTY_FOLDS],
  },
  {
    name: 'var',
    run: variance,
    fold: spread(1),
    places: PLACES.filter(([shape, axes]) => shape.length > 0 && !(shape[0] === 1 && axes !== 1) && axes !== undefined),
  },
  {
    name: 'var, correction 0',
    run: (x, axes, options) => variance(x, axes, { correction: 0, ...options }),
    fold: spread(0),
    places: [...PLACES, ...EMPTY_OUTPUTS],
  },
  {
    name: 'std',
    run: std,
    fold: (values) => Math.sqrt(spread(1)(values)),
    places: [
      [[3], undefined],
      [[3, 7], 1],
      [[3, 7], 0],
      [[5, 19], 0],
      [
        [2, 3, 4, 3],
        [1, 3],
      ],
    ],
  },
  { name: 'max', run: max, fold: (values) => Math.max(...values), places: [...PLACES, ...EMPTY_OUTPUTS] },
  { name: 'min', run: min, fold: (values) => Math.min(...values), places: [...PLACES, ...EMPTY_OUTPUTS] },
  {
    name: 'logSumExp',
    run: logSumExp,
    fold: (values) => Math.log(add(values.map(Math.exp))),
    places: [...PLACES, ...EMPTY_OUTPUTS, ...EMPTY_FOLDS],
  },
  {
    name: 'prod',
    run: prod,
    fold: (values) => values.reduce((total, value) => total * value, 1),
    places: [...PLACES.filter(([shape]) => shape[0] !== 37), ...EMPTY_OUTPUTS, ...EMPTY_FOLDS],
  },
  ...[1, 2, 3, 1.5, Infinity].map(
    (p): Row => ({
      name: `norm, p = ${p}`,
      run: (x, axes, options) => norm(x, typeof axes === 'number' ? [axes] : axes, { p, ...options }),
      fold: p === Infinity ? (values) => Math.max(...values.map(Math.abs)) : power(p),
      places: [...PLACES, ...EMPTY_OUTPUTS],
    }),
  ),
];

interface IntegerRow {
  readonly name: string;
  readonly run: (x: Tensor, axes: Axes, options: ReduceOptions) => Tensor;
  readonly fold: Fold;
  readonly places?: readonly [number[], Axes][];
  /** Of int32. Default: numbers that float32 does not tell apart. */
  readonly range?: readonly [number, number];
  /** Of the result; default: that of the input. */
  readonly dtype?: 'int32' | 'float32';
  /** Default: none, the numbers of the twin. */
  readonly tolerance?: number;
}

/** All axes, rows, columns, axes between others, axes apart; size 0. */
const INTEGER_PLACES: readonly [number[], Axes][] = [
  [[], undefined],
  [[37], undefined],
  [[3, 7], 1],
  [[5, 19], 0],
  [[2, 3, 11], 1],
  [
    [2, 3, 11],
    [0, 2],
  ],
  [[2, 5], []],
  [[0, 3], 1],
];
const AROUND_2_24 = [2 ** 24, 2 ** 24 + 9] as const;
const product: Fold = (values) => values.reduce((total, value) => total * value, 1);
const position =
  (best: (...values: number[]) => number): Fold =>
  (values) =>
    values.indexOf(best(...values));

const integerRows: readonly IntegerRow[] = [
  { name: 'sum', run: sum, fold: add, places: [...INTEGER_PLACES, [[3, 0], 1]], dtype: 'int32' },
  {
    name: 'mean',
    run: mean,
    fold: (values) => Math.fround(add(values) / values.length),
    range: [-(2 ** 31), 2 ** 31],
    dtype: 'float32',
  },
  { name: 'max', run: max, fold: (values) => Math.max(...values) },
  { name: 'min', run: min, fold: (values) => Math.min(...values) },
  // Nine factors of at most 9 fit; most products are too long for float32.
  {
    name: 'prod',
    run: prod,
    fold: product,
    range: [7, 10],
    dtype: 'int32',
    places: [
      [[], undefined],
      [[9], undefined],
      [[3, 7], 1],
      [[5, 19], 0],
      [
        [2, 3, 4, 3],
        [1, 3],
      ],
      [[3, 0], 1],
    ],
  },
  { name: 'var', run: variance, fold: spread(1), places: INTEGER_PLACES.slice(1), dtype: 'float32', tolerance: 2e-6 },
  {
    name: 'std, correction 0',
    run: (x, axes, options) => std(x, axes, { correction: 0, ...options }),
    fold: (values) => Math.sqrt(spread(0)(values)),
    dtype: 'float32',
    tolerance: 2e-6,
  },
  ...(
    [
      ['argmax', argmax, Math.max],
      ['argmin', argmin, Math.min],
    ] as const
  ).map(
    ([name, run, best]): IntegerRow => ({
      name,
      run: (x, axes, options) => run(x, axes as number | undefined, options),
      fold: position(best),
      places: INTEGER_PLACES.filter(([, axes]) => !Array.isArray(axes)),
      dtype: 'int32',
    }),
  ),
];

const described = (shape: readonly number[], axes: Axes) =>
  `[${shape}] over ${axes === undefined ? 'all' : `[${axes}]`}`;

export const reduce: readonly Case[] = [
  ...rows.flatMap(({ name, run, fold, places }) =>
    places.map(
      ([shape, axes]): Case => ({
        name: `${name} of ${described(shape, axes)}`,
        inputs: [{ shape }],
        run: (x) => run(x, axes, {}),
        twin: (x) => folded(x, axes, false, fold),
      }),
    ),
  ),
  ...rows.map(
    ({ name, run, fold }): Case => ({
      name: `${name}, keepDim`,
      inputs: [{ shape: [2, 3, 4] }],
      run: (x) => run(x, [0, -1], { keepDim: true }),
      twin: (x) => folded(x, [0, -1], true, fold),
    }),
  ),
  ...[0, 1, 2].map(
    (zeros): Case => ({
      name: `prod with ${zeros} zeros`,
      inputs: [{ shape: [2, 9], values: Array.from({ length: 18 }, (_, i) => (i % 9 < zeros ? 0 : 1 + (i % 5) / 4)) }],
      run: (x) => prod(x, 1),
      twin: (x) => folded(x, 1, false, (values) => values.reduce((total, value) => total * value, 1)),
    }),
  ),
  ...integerRows.flatMap(({ name, run, fold, places = INTEGER_PLACES, range = AROUND_2_24, dtype, tolerance = 0 }) =>
    places.map(
      ([shape, axes]): Case => ({
        name: `${name} of int32 ${described(shape, axes)}`,
        inputs: [{ shape, dtype: 'int32', range }],
        noGradient: true,
        run: (x) => run(x, axes, {}),
        twin: (x) => folded(x, axes, false, fold),
        dtype: dtype ?? 'int32',
        tolerance,
      }),
    ),
  ),
  ...integerRows.map(
    ({ name, run, fold, dtype, tolerance = 0 }): Case => ({
      name: `${name} of uint8 [4,7], keepDim`,
      inputs: [{ shape: [4, 7], dtype: 'uint8', range: name === 'prod' ? [7, 10] : [0, 256] }],
      noGradient: true,
      run: (x) => run(x, 0, { keepDim: true }),
      twin: (x) => folded(x, 0, true, fold),
      dtype: dtype ?? 'uint8',
      tolerance,
    }),
  ),
  ...(
    [
      ['int32', [-9, 9]],
      ['uint8', [0, 256]],
    ] as const
  ).flatMap(([dtype, range]) =>
    rows.slice(0, 2).map(
      ({ name, run, fold }): Case => ({
        name: `${name} of ${dtype}`,
        inputs: [{ shape: [5, 7], dtype, range }],
        noGradient: true,
        run: (x) => run(x, 0, {}),
        twin: (x) => folded(x, 0, false, fold),
      }),
    ),
  ),
  ...[...PLACES, ...EMPTY_OUTPUTS]
    .filter(([, axes]) => !Array.isArray(axes))
    .flatMap(([shape, axes]) =>
      (
        [
          ['argmax', argmax, Math.max],
          ['argmin', argmin, Math.min],
        ] as const
      ).map(
        ([name, run, best]): Case => ({
          name: `${name} of ${described(shape, axes)}`,
          inputs: [{ shape }],
          noGradient: true,
          run: (x) => run(x, axes as number | undefined),
          twin: (x) => folded(x, axes, false, (values) => values.indexOf(best(...values))),
        }),
      ),
    ),
  ...SOFTMAX_PLACES.flatMap(([shape, axis]) =>
    (
      [
        ['softmax', softmax, Math.exp],
        ['logSoftmax', logSoftmax, (value: number) => value],
      ] as const
    ).map(
      ([name, run, finish]): Case => ({
        name: `${name} of ${described(shape, axis)}`,
        inputs: [{ shape }],
        run: (x) => run(x, axis),
        twin: (x) => {
          const total = folded(x, axis, true, (values) => Math.log(add(values.map(Math.exp))));
          return zip(x, total, (value, normal) => finish(value - normal));
        },
      }),
    ),
  ),
];
