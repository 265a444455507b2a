import {
  batchNorm,
  dropout,
  dropout1d,
  dropout2d,
  groupNorm,
  layerNorm,
  rmsNorm,
  type Tensor,
} from '../../src/index.js';
import type { Case, Input } from '../support/case.js';
import { build, map, type Reference } from '../support/reference.js';

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/**
 * Normalises the numbers for which `groupOf(flat)` agrees, each group by itself; then ·weight + bias of `partOf(flat)`.
 */
function normalise(
  x: Reference,
  groupOf: (flat: number) => number,
  partOf: (flat: number) => number,
  weight?: Reference,
  bias?: Reference,
  eps = 1e-5,
): Reference {
  const groups = new Map<number, number[]>();
  x.data.forEach((value, flat) => {
    const group = groupOf(flat);
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group)!.push(value);
  });
  const moments = new Map(
    [...groups].map(([group, values]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return [group, [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length]] as const;
    }),
  );
  return map(x, (value, flat) => {
    const [mean, variance] = moments.get(groupOf(flat))!;
    return (
      ((value - mean!) / Math.sqrt(variance! + eps)) * (weight?.data[partOf(flat)] ?? 1) +
      (bias?.data[partOf(flat)] ?? 0)
    );
  });
}

const rectified = (x: Reference) => map(x, (value) => Math.max(value, 0));

const channelOf =
  ([, channels, ...spatial]: readonly number[]) =>
  (flat: number) =>
    Math.floor(flat / size(spatial)) % channels!;

const shapes = [
  [2, 1],
  [3, 5],
  [6, 3],
  [4, 4],
  [5, 21],
  [9, 18],
  [3, 2, 3],
  [2, 3, 1],
  [1, 2, 7],
  [2, 3, 4, 5],
  [3, 2, 6, 6],
  [2, 1, 37],
  [4, 0],
  [0, 3],
];

/** With the chunks that the statistics are summed in, and runs of more than one segment. */
const longShapes = [
  [41, 5],
  [137, 2],
  [3, 2, 600],
  [90, 2, 30],
  [9, 3, 10, 30],
];

const batchNorms: Case[] = [...shapes, ...longShapes]
  .filter(([n]) => n !== 0)
  .flatMap((shape) => {
    const part = { shape: [shape[1]!] };
    return [
      {
        name: `batchNorm of [${shape}] in training`,
        inputs: [{ shape }, part, part],
        run: (x: Tensor, weight: Tensor, bias: Tensor) => batchNorm(x, { weight, bias, training: true }),
        twin: (x: Reference, weight: Reference, bias: Reference) =>
          normalise(x, channelOf(shape), channelOf(shape), weight, bias),
      },
      {
        name: `batchNorm of [${shape}] in training, without weight and bias`,
        inputs: [{ shape }],
        run: (x: Tensor) => batchNorm(x, { training: true, eps: 0.1 }),
        twin: (x: Reference) => normalise(x, channelOf(shape), channelOf(shape), undefined, undefined, 0.1),
      },
      {
        name: `batchNorm of [${shape}] in training, with a ReLU`,
        inputs: [{ shape }, part, part],
        run: (x: Tensor, weight: Tensor, bias: Tensor) => batchNorm(x, { weight, bias, training: true, relu: true }),
        twin: (x: Reference, weight: Reference, bias: Reference) =>
          rectified(normalise(x, channelOf(shape), channelOf(shape), weight, bias)),
      },
    ];
  });

const evaluations: Case[] = [false, true].flatMap((relu) =>
  shapes.map((shape) => {
    const part: Input = { shape: [shape[1]!] };
    return {
      name: `batchNorm of [${shape}] in evaluation${relu ? ', with a ReLU' : ''}`,
      inputs: [{ shape }, part, part, { ...part, grad: false }, { ...part, range: [0.5, 2], grad: false }],
      run: (x, weight, bias, runningMean, runningVar) => batchNorm(x, { weight, bias, runningMean, runningVar, relu }),
      twin: (x, weight, bias, mean, variance) =>
        map(x, (value, flat) => {
          const channel = channelOf(shape)(flat);
          const y =
            ((value - mean.data[channel]!) / Math.sqrt(variance.data[channel]! + 1e-5)) * weight.data[channel]! +
            bias.data[channel]!;
          return relu ? Math.max(y, 0) : y;
        }),
    };
  }),
);

const layerNorms: Case[] = [
  [[3], [3]],
  [[4, 1], [1]],
  [[2, 5], [5]],
  [[3, 8], [8]],
  [[2, 3, 7], [7]],
  [
    [2, 3, 7],
    [3, 7],
  ],
  [[2, 37], [37]],
  [[0, 3], [3]],
  [[3, 0], [0]],
].flatMap(([shape, over]) => {
  const row = (flat: number) => Math.floor(flat / size(over!));
  const place = (flat: number) => flat % size(over!);
  return [
    {
      name: `layerNorm of [${shape}] over [${over}]`,
      inputs: [{ shape: shape! }, { shape: over! }, { shape: over! }],
      run: (x: Tensor, weight: Tensor, bias: Tensor) => layerNorm(x, over!, { weight, bias }),
      twin: (x: Reference, weight: Reference, bias: Reference) => normalise(x, row, place, weight, bias),
    },
    {
      name: `layerNorm of [${shape}] over [${over}], without weight and bias`,
      inputs: [{ shape: shape! }],
      run: (x: Tensor) => layerNorm(x, over!),
      twin: (x: Reference) => normalise(x, row, place),
    },
  ];
});

const rmsNorms: Case[] = (
  [
    [[2, 5], [5]],
    [
      [2, 3, 4],
      [3, 4],
    ],
    [[0, 3], [3]],
  ] as const
).map(([shape, over]): Case => {
  const count = size(over);
  return {
    name: `rmsNorm of [${shape}] over [${over}]`,
    inputs: [{ shape }, { shape: over }],
    run: (x, weight) => rmsNorm(x, over, { weight }),
    twin: (x, weight) =>
      map(x, (value, flat) => {
        const begin = flat - (flat % count);
        const squares = x.data.slice(begin, begin + count).reduce((sum, other) => sum + other ** 2, 0);
        return (value / Math.sqrt(squares / count + 2 ** -23)) * weight.data[flat % count]!;
      }),
  };
});

const groupNorms: Case[] = (
  [
    [[2, 4], 2],
    [[2, 6, 3], 3],
    [[2, 3, 2, 5], 3],
    [[1, 4, 3, 3], 1],
    [[2, 6, 1, 1], 2],
    [[0, 4, 2], 2],
    [[2, 4, 0], 2],
  ] as const
).flatMap(([shape, groups]) => {
  const group = (flat: number) => Math.floor(flat / (size(shape.slice(1)) / groups));
  const part = { shape: [shape[1]] };
  return [
    {
      name: `groupNorm of [${shape}] in ${groups} groups`,
      inputs: [{ shape }, part, part],
      run: (x: Tensor, weight: Tensor, bias: Tensor) => groupNorm(x, groups, { weight, bias }),
      twin: (x: Reference, weight: Reference, bias: Reference) => normalise(x, group, channelOf(shape), weight, bias),
    },
    {
      name: `groupNorm of [${shape}] in ${groups} groups, without weight and bias`,
      inputs: [{ shape }],
      run: (x: Tensor) => groupNorm(x, groups),
      twin: (x: Reference) => normalise(x, group, channelOf(shape)),
    },
  ];
});

const dropouts: Case[] = [
  {
    name: 'dropout in evaluation',
    inputs: [{ shape: [3, 5] }],
    run: (x) => dropout(x, 0.5, { training: false }),
    twin: (x) => x,
  },
  { name: 'dropout of nothing', inputs: [{ shape: [7] }], run: (x) => dropout(x, 0), twin: (x) => x },
  {
    name: 'dropout of everything',
    inputs: [{ shape: [7] }],
    run: (x) => dropout(x, 1),
    twin: (x) => build(x.shape, () => 0),
  },
  {
    name: 'dropout2d of everything',
    inputs: [{ shape: [2, 3, 2, 2] }],
    run: (x) => dropout2d(x, 1),
    twin: (x) => build(x.shape, () => 0),
  },
  {
    name: 'dropout1d in evaluation',
    inputs: [{ shape: [2, 3] }],
    run: (x) => dropout1d(x, 0.5, { training: false }),
    twin: (x) => x,
  },
];

export const norm: readonly Case[] = [
  ...batchNorms,
  ...evaluations,
  ...layerNorms,
  ...rmsNorms,
  ...groupNorms,
  ...dropouts,
];
