/** Rows of activations that are made of other operations. */
import { glu, hardswish, logSigmoid, mish, prelu, relu6, selu } from '../../src/index.js';
import type { Case } from '../support/case.js';
import { at, build, map } from '../support/reference.js';

const ALPHA = 1.6732632423543772;
const softplus = (x: number) => Math.log1p(Math.exp(x));

const unary = [
  { name: 'logSigmoid', run: logSigmoid, twin: (x: number) => -softplus(-x), range: [-6, 6] as const },
  { name: 'relu6', run: relu6, twin: (x: number) => Math.min(Math.max(x, 0), 6), range: [-9, 9] as const },
  {
    name: 'hardswish',
    run: hardswish,
    twin: (x: number) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
    range: [-5, 5] as const,
  },
  { name: 'mish', run: mish, twin: (x: number) => x * Math.tanh(softplus(x)), range: [-6, 6] as const },
  { name: 'selu', run: selu, twin: (x: number) => 1.0507009873554805 * (x > 0 ? x : ALPHA * Math.expm1(x)) },
];

export const activations: readonly Case[] = [
  ...unary.flatMap(({ name, run, twin, ...range }) =>
    [[0], [3], [5], [2, 3, 11]].map(
      (shape): Case => ({
        name: `${name} of [${shape}]`,
        inputs: [{ shape, ...range }],
        run,
        twin: (x) => map(x, twin),
      }),
    ),
  ),
  ...[0, 1, -1].map(
    (axis): Case => ({
      name: `glu of [4,6,2] along ${axis}`,
      inputs: [{ shape: [4, 6, 2] }],
      run: (x) => glu(x, axis),
      twin: (x) => {
        const along = (axis + 3) % 3;
        const half = x.shape[along]! / 2;
        return build(x.shape.with(along, half), (index) => {
          const gate = at(x, index.with(along, index[along]! + half));
          return at(x, index) / (1 + Math.exp(-gate));
        });
      },
    }),
  ),
  ...(
    [
      [[5], [1]],
      [[4, 3], [3]],
      [[2, 3, 2, 3], [3]],
    ] as const
  ).map(
    ([shape, slopes]): Case => ({
      name: `prelu of [${shape}] with [${slopes}]`,
      inputs: [{ shape }, { shape: slopes }],
      run: prelu,
      twin: (x, w) =>
        build(x.shape, (index) => {
          const value = at(x, index);
          return value > 0 ? value : value * w.data[w.data.length === 1 ? 0 : index[1]!]!;
        }),
    }),
  ),
];
