import {
  bceLoss,
  bceWithLogits,
  type CrossEntropyOptions,
  cosineEmbeddingLoss,
  crossEntropy,
  hingeEmbeddingLoss,
  huberLoss,
  klDivLoss,
  type LossOptions,
  l1Loss,
  marginRankingLoss,
  mseLoss,
  multiMarginLoss,
  nllLoss,
  type Reduction,
  smoothL1Loss,
  type Tensor,
  tripletMarginLoss,
} from '../../src/index.js';
import type { Case, Input } from '../support/case.js';
import { at, build, type Reference, reference, zip } from '../support/reference.js';

const REDUCTIONS: Reduction[] = ['mean', 'sum', 'none'];

/** The losses of the examples, and what each counts in the mean. */
function reduced(losses: Reference, weights: Reference, reduction: Reduction): Reference {
  if (reduction === 'none') return losses;
  const total = losses.data.reduce((sum, value) => sum + value, 0);
  return reference([], [reduction === 'sum' ? total : total / weights.data.reduce((sum, value) => sum + value, 0)]);
}

const logSoftmax = (scores: number[]) => {
  const total = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0));
  return scores.map((score) => score - total);
};

interface ClassOptions {
  weight?: boolean;
  labelSmoothing?: number;
  ignoreIndex?: number;
  reduction: Reduction;
}

/** By the book: log-probabilities of every place, then one sum over classes. */
function classLoss(
  x: Reference,
  target: Reference,
  weight: Reference | undefined,
  takesLog: boolean,
  { labelSmoothing = 0, ignoreIndex = -100, reduction }: ClassOptions,
): Reference {
  const axis = x.shape.length === 1 ? 0 : 1;
  const classes = x.shape[axis]!;
  const w = (c: number) => (weight === undefined ? 1 : weight.data[c]!);
  const losses = build(target.shape, (index) => {
    const t = at(target, index);
    if (t === ignoreIndex) return 0;
    const scores = Array.from({ length: classes }, (_, c) => at(x, index.toSpliced(axis, 0, c)));
    const logs = takesLog ? logSoftmax(scores) : scores;
    const even = logs.reduce((sum, value, c) => sum + w(c) * value, 0) / classes;
    return -(1 - labelSmoothing) * w(t) * logs[t]! - labelSmoothing * even;
  });
  return reduced(
    losses,
    build(target.shape, (index) => (at(target, index) === ignoreIndex ? 0 : w(at(target, index)))),
    reduction,
  );
}

/** One axis of classes with a rest, without, of one class; further axes; no batch; no rows. */
const SCORES: number[][] = [[5], [1, 3], [3, 4], [4, 10], [5, 1], [7, 17], [2, 3, 4], [2, 5, 2, 3], [0, 3]];

const classCase = (
  name: string,
  op: (x: Tensor, t: Tensor, options: CrossEntropyOptions) => Tensor,
  shape: number[],
  takesLog: boolean,
  options: ClassOptions,
): Case => {
  const classes = shape[shape.length === 1 ? 0 : 1]!;
  const { weight: weighted = false, ...rest } = options;
  const inputs: Input[] = [
    { shape, range: [-4, 4] },
    { shape: shape.length === 1 ? [] : shape.toSpliced(1, 1), dtype: 'int32', range: [0, classes] },
    ...(weighted ? [{ shape: [classes], range: [0.5, 2] as const, grad: false }] : []),
  ];
  return {
    name: `${name} of [${shape}]${weighted ? ', weighted' : ''}, ${JSON.stringify(rest)}`,
    inputs,
    run: (x, target, weight) => op(x!, target!, { ...rest, ...(weight === undefined ? {} : { weight }) }),
    twin: (x, target, weight) => classLoss(x!, target!, weight, takesLog, options),
  };
};

interface Pointwise {
  name: string;
  run: (x: Tensor, target: Tensor, options: LossOptions) => Tensor;
  twin: (difference: number) => number;
}

const pointwise: Pointwise[] = [
  { name: 'mseLoss', run: mseLoss, twin: (d) => d * d },
  { name: 'l1Loss', run: l1Loss, twin: Math.abs },
  { name: 'smoothL1Loss', run: smoothL1Loss, twin: (d) => (Math.abs(d) < 1 ? (d * d) / 2 : Math.abs(d) - 0.5) },
  {
    name: 'smoothL1Loss, beta 0.3',
    run: (x, t, options) => smoothL1Loss(x, t, { beta: 0.3, ...options }),
    twin: (d) => (Math.abs(d) < 0.3 ? (d * d) / 0.6 : Math.abs(d) - 0.15),
  },
  {
    name: 'huberLoss, delta 0.7',
    run: (x, t, options) => huberLoss(x, t, { delta: 0.7, ...options }),
    twin: (d) => (Math.abs(d) < 0.7 ? (d * d) / 2 : 0.7 * (Math.abs(d) - 0.35)),
  },
  { name: 'smoothL1Loss, beta 0', run: (x, t, options) => smoothL1Loss(x, t, { beta: 0, ...options }), twin: Math.abs },
];

const mean = (values: readonly number[]): Reference =>
  reference([], [values.reduce((sum, value) => sum + value, 0) / values.length]);

/** The rows of [N,D], as arrays. */
const rowsOf = ({ shape, data }: Reference): number[][] =>
  Array.from({ length: shape[0]! }, (_, i) => Array.from(data.subarray(i * shape[1]!, (i + 1) * shape[1]!)));

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const distance = (a: readonly number[], b: readonly number[]) =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]! + 1e-6) ** 2, 0));

const signs = (length: number): Input => ({
  shape: [length],
  dtype: 'int32',
  values: Array.from({ length }, (_, i) => (i % 3 === 1 ? -1 : 1)),
});

/** One or two shapes each: they are made of operations that have their own rows. */
const composed: readonly Case[] = [
  ...[[1], [3, 5], [0]].map(
    (shape): Case => ({
      name: `bceLoss of [${shape}], weighted, none`,
      inputs: [
        { shape, range: [0.1, 0.9] },
        { shape, range: [0, 1] },
        { shape: [1], range: [0.5, 2] },
      ],
      run: (x, target, weight) => bceLoss(x!, target!, { weight, reduction: 'none' }),
      twin: (x, target, weight) =>
        zip(
          zip(x!, target!, (p, t) => -(t * Math.log(p) + (1 - t) * Math.log(1 - p))),
          weight!,
          (l, w) => l * w,
        ),
    }),
  ),
  ...[false, true].map(
    (logTarget): Case => ({
      name: `klDivLoss of [3, 5], logTarget ${logTarget}, batchmean`,
      inputs: [{ shape: [3, 5] }, { shape: [3, 5], range: logTarget ? [-2, 1] : [0.1, 1] }],
      run: (x, target) => klDivLoss(x!, target!, { logTarget, reduction: 'batchmean' }),
      twin: (x, target) => {
        const terms = zip(x!, target!, (a, t) => (logTarget ? Math.exp(t) * (t - a) : t * (Math.log(t) - a)));
        return reference([], [terms.data.reduce((sum, value) => sum + value, 0) / 3]);
      },
    }),
  ),
  {
    name: 'cosineEmbeddingLoss of [4, 5]',
    inputs: [{ shape: [4, 5] }, { shape: [4, 5] }, signs(4)],
    run: (a, b, target) => cosineEmbeddingLoss(a!, b!, target!, { margin: -0.9 }),
    twin: (a, b, target) =>
      mean(
        rowsOf(a!).map((u, i) => {
          const v = rowsOf(b!)[i]!;
          const cosine = dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v));
          return target!.data[i] === 1 ? 1 - cosine : Math.max(0, cosine + 0.9);
        }),
      ),
  },
  {
    name: 'marginRankingLoss of [7]',
    inputs: [{ shape: [7] }, { shape: [7] }, signs(7)],
    run: (a, b, target) => marginRankingLoss(a!, b!, target!, { margin: 0.3, reduction: 'none' }),
    twin: (a, b, target) =>
      zip(
        zip(a!, b!, (x, y) => x - y),
        target!,
        (d, t) => Math.max(0, 0.3 - t * d),
      ),
  },
  {
    name: 'hingeEmbeddingLoss of [7]',
    inputs: [{ shape: [7], range: [0, 2] }, signs(7)],
    run: (x, target) => hingeEmbeddingLoss(x!, target!, { reduction: 'none' }),
    twin: (x, target) => zip(x!, target!, (d, t) => (t === 1 ? d : Math.max(0, 1 - d))),
  },
  ...[1, 2].map(
    (p): Case => ({
      name: `multiMarginLoss of [4, 5], p ${p}`,
      inputs: [
        { shape: [4, 5] },
        { shape: [4], dtype: 'int32', range: [0, 5] },
        { shape: [5], range: [0.5, 2], grad: false },
      ],
      run: (x, target, weight) => multiMarginLoss(x!, target!, { p, weight }),
      twin: (x, target, weight) =>
        mean(
          rowsOf(x!).map((scores, i) => {
            const t = target!.data[i]!;
            const short = scores.map((score, c) => (c === t ? 0 : Math.max(0, 1 - scores[t]! + score) ** p));
            return (weight!.data[t]! * short.reduce((sum, value) => sum + value, 0)) / 5;
          }),
        ),
    }),
  ),
  {
    name: 'tripletMarginLoss of [4, 5], swap',
    inputs: [{ shape: [4, 5] }, { shape: [4, 5] }, { shape: [4, 5] }],
    run: (anchor, positive, negative) => tripletMarginLoss(anchor!, positive!, negative!, { swap: true }),
    twin: (anchor, positive, negative) =>
      mean(
        rowsOf(anchor!).map((a, i) => {
          const [p, n] = [rowsOf(positive!)[i]!, rowsOf(negative!)[i]!];
          return Math.max(0, distance(a, p) - Math.min(distance(a, n), distance(p, n)) + 1);
        }),
      ),
  },
];

export const loss: readonly Case[] = [
  ...composed,
  ...SCORES.flatMap((shape) =>
    REDUCTIONS.filter((reduction) => shape[0] !== 0 || reduction !== 'mean').flatMap((reduction) => [
      classCase('crossEntropy', crossEntropy, shape, true, { reduction }),
      classCase('nllLoss', nllLoss, shape, false, { reduction }),
    ]),
  ),
  ...REDUCTIONS.flatMap((reduction) =>
    [
      [4, 5],
      [3, 4, 2],
    ].flatMap((shape) => [
      classCase('crossEntropy', crossEntropy, shape, true, { reduction, weight: true }),
      classCase('crossEntropy', crossEntropy, shape, true, { reduction, labelSmoothing: 0.1 }),
      classCase('crossEntropy', crossEntropy, shape, true, {
        reduction,
        labelSmoothing: 0.2,
        weight: true,
        ignoreIndex: 1,
      }),
      classCase('nllLoss', nllLoss, shape, false, { reduction, weight: true, ignoreIndex: 2 }),
    ]),
  ),
  ...REDUCTIONS.flatMap((reduction) =>
    [[3, 5], [4], [2, 3, 2]].map(
      (shape): Case => ({
        name: `crossEntropy of [${shape}] with probabilities, ${reduction}`,
        inputs: [
          { shape, range: [-4, 4] },
          { shape, range: [0, 1] },
          { shape: [shape[shape.length === 1 ? 0 : 1]!], range: [0.5, 2], grad: false },
        ],
        run: (x, target, weight) => crossEntropy(x, target, { weight, labelSmoothing: 0.1, reduction }),
        twin: (x, target, weight) => {
          const axis = shape.length === 1 ? 0 : 1;
          const classes = shape[axis]!;
          const losses = build(shape.toSpliced(axis, 1), (index) => {
            const logs = logSoftmax(Array.from({ length: classes }, (_, c) => at(x, index.toSpliced(axis, 0, c))));
            return -logs.reduce(
              (sum, value, c) =>
                sum + value * weight.data[c]! * (0.9 * at(target, index.toSpliced(axis, 0, c)) + 0.1 / classes),
              0,
            );
          });
          return reduced(
            losses,
            build(losses.shape, () => 1),
            reduction,
          );
        },
      }),
    ),
  ),
  ...pointwise.flatMap(({ name, run, twin }) =>
    REDUCTIONS.flatMap((reduction) =>
      [[1], [3], [5], [3, 7], ...(reduction === 'mean' ? [] : [[0]])].map(
        (shape): Case => ({
          name: `${name} of [${shape}], ${reduction}`,
          inputs: [{ shape }, { shape }],
          run: (x, target) => run(x, target, { reduction }),
          twin: (x, target) =>
            reduced(
              zip(x, target, (a, b) => twin(a - b)),
              build(shape, () => 1),
              reduction,
            ),
        }),
      ),
    ),
  ),
  ...REDUCTIONS.flatMap((reduction) =>
    [[1], [5], [3, 7]].flatMap((shape) =>
      [false, true].map(
        (weighted): Case => ({
          name: `bceWithLogits of [${shape}]${weighted ? ', weighted' : ''}, ${reduction}`,
          inputs: [
            { shape, range: [-8, 8] },
            { shape, range: [0, 1] },
            ...(weighted
              ? [
                  { shape: shape.slice(-1), range: [0.5, 2] as const },
                  { shape: [1], range: [0.5, 2] as const },
                ]
              : []),
          ],
          run: (x, target, posWeight, weight) =>
            bceWithLogits(x!, target!, { reduction, ...(weighted ? { posWeight, weight } : {}) }),
          twin: (x, target, posWeight, weight) =>
            reduced(
              build(shape, (index) => {
                const [value, t, p, w] = [
                  at(x!, index),
                  at(target!, index),
                  weighted ? at(posWeight!, index.slice(-1)) : 1,
                  weighted ? weight!.data[0]! : 1,
                ];
                const probability = 1 / (1 + Math.exp(-value));
                return -w * (p * t * Math.log(probability) + (1 - t) * Math.log(1 - probability));
              }),
              build(shape, () => 1),
              reduction,
            ),
        }),
      ),
    ),
  ),
];
