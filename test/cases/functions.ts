/** Rows of sines, roundings, truth values, triangles and unit vectors. */
import {
  all,
  any,
  ceil,
  cos,
  cosineSimilarity,
  floor,
  isfinite,
  isnan,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  maskedFill,
  normalize,
  round,
  sign,
  sin,
  type Tensor,
  tril,
  triu,
} from '../../src/index.js';
import type { Case } from '../support/case.js';
import { at, build, map, type Reference, reference, zip } from '../support/reference.js';

interface Unary {
  readonly name: string;
  readonly run: (x: Tensor) => Tensor;
  readonly twin: (x: number) => number;
  readonly range?: readonly [number, number];
}

/** None, fewer than a vector, one more than a vector, several with a rest. */
const SHAPES = [[0], [3], [5], [2, 3, 11]];

/** By their distance from the nearest, where `Math.round` takes the upper of two. */
const nearest = (x: number) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

const unary: readonly Unary[] = [
  { name: 'sin', run: sin, twin: Math.sin, range: [-9, 9] },
  { name: 'cos', run: cos, twin: Math.cos, range: [-9, 9] },
  { name: 'log1p', run: log1p, twin: Math.log1p, range: [-0.7, 3] },
  { name: 'floor', run: floor, twin: Math.floor },
  { name: 'ceil', run: ceil, twin: Math.ceil },
  { name: 'round', run: round, twin: nearest },
  { name: 'sign', run: sign, twin: Math.sign },
];

/** Zeros, numbers and NaN, in an order that differs by `step`. */
const truths = (shape: readonly number[], step: number) =>
  Array.from(
    { length: shape.reduce((size, length) => size * length, 1) },
    (_, i) => [0, 1, -2, 0, NaN][(i * step) % 5]!,
  );

const mask = (name: string, run: Case['run'], twin: (x: number) => boolean): Case => ({
  name: `${name} of numbers, ±∞ and NaN`,
  inputs: [{ shape: [7], values: [0, -1, NaN, Infinity, -Infinity, 3e38, 1] }],
  noGradient: true,
  run,
  twin: (x) => map(x, (value) => Number(twin(value))),
  dtype: 'uint8',
  tolerance: 0,
});

const isTrue = (x: number) => x !== 0;
const LOGICAL = [
  ['logicalAnd', logicalAnd, (a: number, b: number) => isTrue(a) && isTrue(b)],
  ['logicalOr', logicalOr, (a: number, b: number) => isTrue(a) || isTrue(b)],
  ['logicalXor', logicalXor, (a: number, b: number) => isTrue(a) !== isTrue(b)],
] as const;

const PLACES: readonly [number[], number | number[] | undefined][] = [
  [[], undefined],
  [[7], undefined],
  [[3, 5], 1],
  [[3, 5], 0],
  [
    [2, 3, 5],
    [0, 2],
  ],
  [[0, 3], 0],
  [[3, 0], 1],
];

/** Whether some (`empty` false) or all of the elements over axes are true. */
function tallied(x: Reference, axes: number | number[] | undefined, isAll: boolean): Reference {
  const named = axes === undefined ? x.shape.map((_, axis) => axis) : [axes].flat();
  const kept = x.shape.filter((_, axis) => !named.includes(axis));
  const over = x.shape.map((length, axis) => (named.includes(axis) ? length : 1));
  return build(kept, (index) => {
    let place = 0;
    const base = x.shape.map((_, axis) => (named.includes(axis) ? 0 : index[place++]!));
    const values = build(over, (inner) =>
      Number(
        isTrue(
          at(
            x,
            base.map((b, axis) => b + inner[axis]!),
          ),
        ),
      ),
    ).data;
    return Number(isAll ? !values.includes(0) : values.includes(1));
  });
}

const lengthOf = (x: Reference, row: readonly number[], axis: number, p = 2): number => {
  let total = 0;
  for (let i = 0; i < x.shape[axis]!; i++) total += Math.abs(at(x, row.with(axis, i))) ** p;
  return total ** (1 / p);
};

export const functions: readonly Case[] = [
  ...unary.flatMap(({ name, run, twin, range = [-2, 2] }) =>
    SHAPES.map(
      (shape): Case => ({ name: `${name} of [${shape}]`, inputs: [{ shape, range }], run, twin: (x) => map(x, twin) }),
    ),
  ),
  ...unary
    .filter(({ name }) => /floor|ceil|round|sign$/.test(name))
    .map(
      ({ name, run, twin }): Case => ({
        name: `${name} between integers`,
        inputs: [{ shape: [11], values: [-2.5, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2.5, 8388609, -16777216], grad: false }],
        noGradient: true,
        run,
        twin: (x) => map(x, twin),
        tolerance: 0,
      }),
    ),
  ...[sign, floor].map(
    (run): Case => ({
      name: `${run.name} of int32`,
      inputs: [{ shape: [5], dtype: 'int32', values: [-7, 0, 16777217, 1, -16777217] }],
      noGradient: true,
      run,
      twin: (x) => (run === sign ? map(x, Math.sign) : x),
      dtype: 'int32',
      tolerance: 0,
    }),
  ),
  mask('isnan', isnan, Number.isNaN),
  mask('isfinite', isfinite, Number.isFinite),
  mask('logicalNot', logicalNot, (x) => x === 0),
  ...LOGICAL.map(
    ([name, run, twin]): Case => ({
      name: `${name} of [4,5] and [5]`,
      inputs: [
        { shape: [4, 5], values: truths([4, 5], 3) },
        { shape: [5], dtype: 'uint8', values: [0, 1, 2, 0, 1] },
      ],
      noGradient: true,
      run,
      twin: (x, y) => zip(x, y, (a, b) => Number(twin(a, b))),
      dtype: 'uint8',
      tolerance: 0,
    }),
  ),
  ...PLACES.flatMap(([shape, axes]) =>
    [any, all].map(
      (run): Case => ({
        name: `${run.name} of [${shape}] over [${axes ?? 'all'}]`,
        inputs: [{ shape, values: truths(shape, run === any ? 15 : 4).map((x, i) => (i === 3 ? 1 - x : x)) }],
        noGradient: true,
        run: (x) => run(x, axes),
        twin: (x) => tallied(x, axes, run === all),
        dtype: 'uint8',
        tolerance: 0,
      }),
    ),
  ),
  {
    name: 'maskedFill of [3,5] by a mask [5]',
    inputs: [{ shape: [3, 5] }, { shape: [5], dtype: 'uint8', values: [0, 1, 0, 0, 1] }],
    run: (x, m) => maskedFill(x, m, -7),
    twin: (x, m) => zip(x, m, (value, set) => (set === 0 ? value : -7)),
  },
  ...[
    [tril, 0, [3, 5]],
    [tril, -1, [2, 4, 3]],
    [triu, 0, [2, 3, 3]],
    [triu, 2, [3, 5]],
  ].map(([run, diagonal, shape]) => {
    const keeps = run as typeof tril;
    return {
      name: `${keeps.name} ${diagonal} of [${shape}]`,
      inputs: [{ shape: shape as number[] }],
      run: (x) => keeps(x, { diagonal: diagonal as number }),
      twin: (x) =>
        build(x.shape, (index) => {
          const off = index.at(-1)! - index.at(-2)! - (diagonal as number);
          return (keeps === tril ? off <= 0 : off >= 0) ? at(x, index) : 0;
        }),
    } satisfies Case;
  }),
  ...[
    { axis: 1, p: 2 },
    { axis: 0, p: 1 },
    { axis: -1, p: 3 },
  ].map(
    ({ axis, p }): Case => ({
      name: `normalize along ${axis}, p ${p}`,
      inputs: [{ shape: [3, 5] }],
      run: (x) => normalize(x, { axis, p }),
      twin: (x) => build(x.shape, (index) => at(x, index) / lengthOf(x, index, (axis + 2) % 2, p)),
    }),
  ),
  {
    name: 'cosineSimilarity of [2,5,3] and [5,1]',
    inputs: [{ shape: [2, 5, 3] }, { shape: [5, 1] }],
    run: (a, b) => cosineSimilarity(a, b),
    twin: (a, b) => {
      const wide = zip(a, b, (_, y) => y);
      const product = zip(a, wide, (x, y) => x * y);
      return build([2, 3], ([n, d]) => {
        const row = [n!, 0, d!];
        const dot = product.data
          .filter((_, i) => i % 3 === d && Math.floor(i / 15) === n)
          .reduce((sum, x) => sum + x, 0);
        return dot / (lengthOf(a, row, 1) * lengthOf(wide, row, 1));
      });
    },
  },
  {
    name: 'cosineSimilarity of vectors',
    inputs: [{ shape: [5] }, { shape: [5] }],
    run: (a, b) => cosineSimilarity(a, b, { axis: 0 }),
    twin: (a, b) =>
      reference(
        [],
        [zip(a, b, (x, y) => x * y).data.reduce((sum, x) => sum + x, 0) / (lengthOf(a, [0], 0) * lengthOf(b, [0], 0))],
      ),
  },
];
