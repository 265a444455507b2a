import {
  concat,
  embedding,
  expand,
  flatten,
  flip,
  gather,
  oneHot,
  pad,
  permute,
  repeat,
  reshape,
  select,
  slice,
  split,
  squeeze,
  stack,
  transpose,
  unflatten,
  unsqueeze,
} from '../../src/index.js';
import type { Case } from '../support/case.js';
import { at, build, reference } from '../support/reference.js';
import { indexing } from './indexing.js';
import { permutes, slices } from './permute.js';
import { resizes } from './resize.js';

/** Rows of the ops that only rename the axes. */
const renamed: readonly Case[] = (
  [
    ['reshape [2, 3, 4] to [4, -1]', [2, 3, 4], [4, 6], (x) => reshape(x, [4, -1])],
    ['reshape [0, 3] to [3, 0]', [0, 3], [3, 0], (x) => reshape(x, [3, 0])],
    ['reshape [1] to a scalar', [1], [], (x) => reshape(x, [])],
    ['flatten [2, 3, 5]', [2, 3, 5], [30], (x) => flatten(x)],
    ['flatten [2, 3, 5] from axis 1', [2, 3, 5], [2, 15], (x) => flatten(x, { startAxis: 1 })],
    ['flatten [2, 3, 5] up to axis 1', [2, 3, 5], [6, 5], (x) => flatten(x, { endAxis: 1 })],
    ['flatten a scalar', [], [1], (x) => flatten(x)],
    ['unflatten axis -1 of [2, 6]', [2, 6], [2, 3, 2], (x) => unflatten(x, -1, [3, -1])],
    ['squeeze [1, 3, 1]', [1, 3, 1], [3], (x) => squeeze(x)],
    ['squeeze axis -1 of [1, 3, 1]', [1, 3, 1], [1, 3], (x) => squeeze(x, -1)],
    ['squeeze axis 1 of [1, 3, 1]', [1, 3, 1], [1, 3, 1], (x) => squeeze(x, 1)],
    ['unsqueeze [3, 2] at 1', [3, 2], [3, 1, 2], (x) => unsqueeze(x, 1)],
    ['unsqueeze [3, 2] at -1', [3, 2], [3, 2, 1], (x) => unsqueeze(x, -1)],
  ] as [string, number[], number[], Case['run']][]
).map(([name, shape, result, run]) => ({
  name,
  inputs: [{ shape }],
  run,
  twin: (x) => reference(result, x.data),
}));

export const movement: readonly Case[] = [
  ...renamed,
  ...permutes,
  ...slices,
  ...indexing,
  ...resizes,
  {
    name: 'permute int32',
    inputs: [{ shape: [5, 6], dtype: 'int32' }],
    noGradient: true,
    run: (x) => permute(x, [1, 0]),
    twin: (x) => build([6, 5], ([i, j]) => at(x, [j!, i!])),
  },
  {
    name: 'permute uint8',
    inputs: [{ shape: [3, 17, 2], dtype: 'uint8', range: [0, 256] }],
    noGradient: true,
    run: (x) => permute(x, [2, 0, 1]),
    twin: (x) => build([2, 3, 17], ([i, j, k]) => at(x, [j!, k!, i!])),
  },
  {
    name: 'slice uint8',
    inputs: [{ shape: [5, 19], dtype: 'uint8', range: [0, 256] }],
    noGradient: true,
    run: (x) => slice(x, 1, 18, { axis: 1 }),
    twin: (x) => build([5, 17], ([i, j]) => at(x, [i!, j! + 1])),
  },
  {
    name: 'transpose the last two of [2, 3, 4]',
    inputs: [{ shape: [2, 3, 4] }],
    run: (x) => transpose(x),
    twin: (x) => build([2, 4, 3], ([i, j, k]) => at(x, [i!, k!, j!])),
  },
  {
    name: 'transpose 0 and 2 of [2, 3, 4]',
    inputs: [{ shape: [2, 3, 4] }],
    run: (x) => transpose(x, 0, 2),
    twin: (x) => build([4, 3, 2], ([i, j, k]) => at(x, [k!, j!, i!])),
  },
  {
    name: 'select from [3, 4, 5]',
    inputs: [{ shape: [3, 4, 5] }],
    run: (x) => select(x, 1, -2),
    twin: (x) => build([3, 5], ([i, k]) => at(x, [i!, 2, k!])),
  },
  {
    name: 'split, weighed and joined again',
    inputs: [{ shape: [2, 7] }],
    run: (x) => concat(split(x, 3, 1).reverse(), 1),
    twin: (x) => build([2, 7], ([i, j]) => at(x, [i!, [6, 3, 4, 5, 0, 1, 2][j!]!])),
  },
  {
    name: 'split into given sizes',
    inputs: [{ shape: [5, 3] }],
    run: (x) => split(x, [1, 0, 4])[2]!,
    twin: (x) => build([4, 3], ([i, j]) => at(x, [i! + 1, j!])),
  },
  ...[0, 1, 2].map(
    (axis): Case => ({
      name: `concat along ${axis}`,
      inputs: [[3, 2, 5], [3, 2, 5].with(axis, 1), [3, 2, 5].with(axis, 0), [3, 2, 5].with(axis, 4)].map((shape) => ({
        shape,
      })),
      run: (...xs) => concat(xs, axis),
      twin: (...xs) => {
        const source = xs.flatMap((x) => Array.from({ length: x.shape[axis]! }, (_, i): [typeof x, number] => [x, i]));
        return build([3, 2, 5].with(axis, source.length), (index) => {
          const [x, i] = source[index[axis]!]!;
          return at(x, index.with(axis, i));
        });
      },
    }),
  ),
  {
    name: 'concat a tensor with itself',
    inputs: [{ shape: [3] }],
    run: (x) => concat([x, x]),
    twin: (x) => reference([6], [...x.data, ...x.data]),
  },
  ...[0, 1, -1].map(
    (axis): Case => ({
      name: `stack at ${axis}`,
      inputs: [{ shape: [2, 5] }, { shape: [2, 5] }, { shape: [2, 5] }],
      run: (...xs) => stack(xs, axis),
      twin: (...xs) => {
        const position = axis < 0 ? axis + 3 : axis;
        return build([2, 5].toSpliced(position, 0, 3), (index) =>
          at(xs[index[position]!]!, index.toSpliced(position, 1)),
        );
      },
    }),
  ),
  {
    name: 'stack scalars',
    inputs: [{ shape: [] }, { shape: [] }],
    run: (...xs) => stack(xs),
    twin: (...xs) =>
      reference(
        [2],
        xs.map((x) => x.data[0]!),
      ),
  },
  ...(
    [
      [
        [2, 3],
        [1, 2],
      ],
      [
        [2, 3],
        [1, 0, 2, 1],
      ],
      [
        [0, 3],
        [0, 0, 1, 1],
      ],
      [
        [2, 3, 4],
        [2, 1, 1, 2],
      ],
      [[5], [0, 0]],
    ] as [number[], number[]][]
  ).map(
    ([shape, padding]): Case => ({
      name: `pad [${shape}] by [${padding}]`,
      inputs: [{ shape }],
      run: (x) => pad(x, padding, 0.5),
      twin: (x) => {
        const before = shape.map((_, axis) => padding[2 * (shape.length - 1 - axis)] ?? 0);
        const after = shape.map((_, axis) => padding[2 * (shape.length - 1 - axis) + 1] ?? 0);
        return build(
          shape.map((length, axis) => length + before[axis]! + after[axis]!),
          (index) => {
            const inside = index.map((i, axis) => i - before[axis]!);
            return inside.every((i, axis) => i >= 0 && i < shape[axis]!) ? at(x, inside) : 0.5;
          },
        );
      },
    }),
  ),
  ...(
    [
      [[7], undefined],
      [[3, 4, 5], 1],
      [
        [3, 4, 5],
        [0, -1],
      ],
      [[3, 4, 5], undefined],
      [[], undefined],
      [[0, 2], 0],
    ] as [number[], number | number[] | undefined][]
  ).map(
    ([shape, axes]): Case => ({
      name: `flip [${shape}] along ${axes}`,
      inputs: [{ shape }],
      run: (x) => flip(x, axes),
      twin: (x) => {
        const turned =
          axes === undefined
            ? shape.map((_, axis) => axis)
            : [axes].flat().map((axis) => (axis + shape.length) % shape.length);
        return build(shape, (index) =>
          at(
            x,
            index.map((i, axis) => (turned.includes(axis) ? shape[axis]! - 1 - i : i)),
          ),
        );
      },
    }),
  ),
  ...(
    [
      [[3], 0, [5]],
      [[4, 3], 0, [6, 3]],
      [[3, 5], 1, [3, 4]],
      [[3, 5], -1, [2, 7]],
      [[2, 4, 3], 1, [2, 2, 3]],
      [[4, 5, 3], 1, [2, 6, 1]],
      [[2, 3], 1, [2, 0]],
      [[0, 3], 1, [0, 2]],
    ] as [number[], number, number[]][]
  ).map(([shape, axis, picks]): Case => {
    const along = (axis + shape.length) % shape.length;
    return {
      name: `gather [${picks}] from [${shape}] along ${axis}`,
      inputs: [{ shape }, { shape: picks, dtype: 'int32', range: [0, shape[along]!] }],
      run: (x, index) => gather(x!, axis, index!),
      twin: (x, index) => build(picks, (place) => at(x!, place.with(along, at(index!, place)))),
    };
  }),
  {
    name: 'gather from int32',
    inputs: [
      { shape: [3, 5], dtype: 'int32', range: [-9, 9] },
      { shape: [3, 2], dtype: 'int32', range: [0, 5] },
    ],
    noGradient: true,
    run: (x, index) => gather(x!, 1, index!),
    twin: (x, index) => build([3, 2], (place) => at(x!, [place[0]!, at(index!, place)])),
  },
  ...(
    [
      [[7], 4],
      [[2, 3], 5],
      [[], 3],
      [[0], 2],
      [[1], 1],
    ] as [number[], number][]
  ).flatMap(([shape, width]): Case[] => [
    {
      name: `embedding of [${shape}], width ${width}`,
      inputs: [{ shape, dtype: 'int32', range: [0, 4] }, { shape: [4, width] }],
      run: (indices, weight) => embedding(indices!, weight!),
      twin: (indices, weight) =>
        build([...shape, width], (place) => at(weight!, [at(indices!, place.slice(0, -1)), place.at(-1)!])),
    },
    {
      name: `oneHot of [${shape}], ${width} classes`,
      inputs: [{ shape, dtype: 'int32', range: [0, width] }],
      noGradient: true,
      run: (indices) => oneHot(indices, width),
      twin: (indices) =>
        build([...shape, width], (place) => (at(indices, place.slice(0, -1)) === place.at(-1) ? 1 : 0)),
    },
  ]),
  ...(
    [
      [
        [2, 3],
        [1, 2],
      ],
      [
        [2, 3],
        [3, 1, 2],
      ],
      [[3], [4]],
      [[], [2]],
      [
        [2, 3],
        [0, 1],
      ],
      [
        [0, 3],
        [2, 2],
      ],
      [
        [2, 3],
        [1, 1],
      ],
    ] as [number[], number[]][]
  ).map(
    ([shape, counts]): Case => ({
      name: `repeat [${shape}] by [${counts}]`,
      inputs: [{ shape }],
      run: (x) => repeat(x, counts),
      twin: (x) => {
        const lead = counts.length - shape.length;
        return build(
          counts.map((count, i) => count * (shape[i - lead] ?? 1)),
          (index) =>
            at(
              x,
              index.slice(lead).map((i, axis) => i % shape[axis]!),
            ),
        );
      },
    }),
  ),
  {
    name: 'expand [3, 1] to [2, -1, 4]',
    inputs: [{ shape: [3, 1] }],
    run: (x) => expand(x, [2, -1, 4]),
    twin: (x) => build([2, 3, 4], ([, j]) => at(x, [j!, 0])),
  },
];
