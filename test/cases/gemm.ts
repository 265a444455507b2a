import { linear, matmul } from '../../src/index.js';
import type { Case } from '../support/case.js';
import { at, build, type Reference } from '../support/reference.js';
import { einsums } from './einsum.js';

function product(a: Reference, b: Reference): Reference {
  const left = a.shape.length === 1 ? [1, ...a.shape] : [...a.shape];
  const right = b.shape.length === 1 ? [...b.shape, 1] : [...b.shape];
  const k = left.at(-1)!;
  const rank = Math.max(left.length, right.length);
  const size = (shape: number[], back: number) => shape[shape.length - back] ?? 1;
  const batch = Array.from({ length: rank - 2 }, (_, axis) => {
    const [l, r] = [size(left, rank - axis), size(right, rank - axis)];
    return l === 1 ? r : l;
  });
  const full = build([...batch, left.at(-2)!, right.at(-1)!], (index) => {
    const [i, j] = index.slice(-2) as [number, number];
    const lead = index.slice(0, -2);
    let sum = 0;
    for (let t = 0; t < k; t++)
      sum += at({ shape: left, data: a.data }, [...lead, i, t]) * at({ shape: right, data: b.data }, [...lead, t, j]);
    return sum;
  });
  const kept = [
    ...batch,
    ...(a.shape.length === 1 ? [] : [left.at(-2)!]),
    ...(b.shape.length === 1 ? [] : [right.at(-1)!]),
  ];
  return { shape: kept, data: full.data };
}

const affine = (x: Reference, weight: Reference, bias?: Reference): Reference => {
  const outputs = weight.shape[0]!;
  const inputs = weight.shape[1]!;
  return build([...x.shape.slice(0, -1), outputs], (index) => {
    const o = index.at(-1)!;
    let sum = bias === undefined ? 0 : bias.data[o]!;
    for (let i = 0; i < inputs; i++) sum += at(x, [...index.slice(0, -1), i]) * weight.data[o * inputs + i]!;
    return sum;
  });
};

const matmulShapes: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [1, 1],
    [1, 1],
  ],
  [
    [3, 5],
    [5, 3],
  ],
  [
    [4, 8],
    [8, 8],
  ],
  [
    [5, 9],
    [9, 10],
  ],
  [
    [9, 13],
    [13, 17],
  ],
  [
    [8, 3],
    [3, 12],
  ],
  [
    [2, 5],
    [5, 7],
  ],
  [
    [0, 3],
    [3, 2],
  ],
  [
    [3, 0],
    [0, 2],
  ],
  [
    [2, 3],
    [3, 0],
  ],
  [[5], [5]],
  [[3], [3, 4]],
  [[4, 3], [3]],
  [[2, 4, 3], [3]],
  [[3], [2, 3, 4]],
  [
    [9, 3, 5],
    [9, 5, 6],
  ],
  [
    [9, 3, 2],
    [1, 2, 5],
  ],
  [
    [3, 4],
    [2, 4, 4, 3],
  ],
  [
    [1, 3, 2],
    [9, 2, 3],
  ],
  [
    [8, 1, 3],
    [8, 3, 2],
  ],
  [[23], [23, 37]],
  [[37, 23], [23]],
  [
    [2, 3, 4],
    [2, 4, 5],
  ],
  [
    [3, 2, 4],
    [4, 5],
  ],
  [
    [2, 4],
    [3, 4, 2],
  ],
  [
    [2, 1, 3, 2],
    [3, 2, 2],
  ],
  [
    [1, 2, 3],
    [4, 3, 2],
  ],
  [
    [0, 2, 3],
    [3, 2],
  ],
  [
    [1, 2, 3],
    [0, 3, 2],
  ],
];

export const gemm: readonly Case[] = [
  ...einsums,
  ...matmulShapes.map(
    ([a, b]): Case => ({
      name: `matmul of [${a}] and [${b}]`,
      inputs: [{ shape: a }, { shape: b }],
      run: matmul,
      twin: product,
    }),
  ),
  ...(
    [
      [1, 1, 1],
      [3, 5, 10],
      [9, 6, 5],
      [0, 3, 2],
      [2, 0, 3],
      [2, 3, 0],
      [1, 23, 21],
      [5, 9, 1],
    ] as const
  ).flatMap(([rows, inputs, outputs]): Case[] => [
    {
      name: `linear of [${rows}, ${inputs}] to ${outputs}`,
      inputs: [{ shape: [rows, inputs] }, { shape: [outputs, inputs] }, { shape: [outputs] }],
      run: linear,
      twin: affine,
    },
    {
      name: `linear of [${rows}, ${inputs}] to ${outputs} without bias`,
      inputs: [{ shape: [rows, inputs] }, { shape: [outputs, inputs] }],
      run: (x, weight) => linear(x, weight),
      twin: affine,
    },
  ]),
  {
    name: 'linear over the last of three axes',
    inputs: [{ shape: [2, 3, 4] }, { shape: [5, 4] }, { shape: [5] }],
    run: linear,
    twin: affine,
  },
  {
    name: 'linear of a vector',
    inputs: [{ shape: [4] }, { shape: [3, 4] }, { shape: [3] }],
    run: linear,
    twin: affine,
  },
];
