import { permute, slice } from '../../src/index.js';
import type { Case } from '../support/case.js';
import { at, build } from '../support/reference.js';

/** Rows of `permute` and `slice`. */
export const permutes: readonly Case[] = (
  [
    [[], []],
    [
      [0, 3],
      [1, 0],
    ],
    [
      [1, 1],
      [1, 0],
    ],
    [
      [3, 5],
      [1, 0],
    ],
    [
      [4, 4],
      [1, 0],
    ],
    [
      [17, 23],
      [1, 0],
    ],
    [
      [20, 7],
      [1, 0],
    ],
    [
      [3, 4, 5],
      [0, 2, 1],
    ],
    [
      [3, 4, 5],
      [2, 0, 1],
    ],
    [
      [3, 4, 5],
      [2, 1, 0],
    ],
    [
      [3, 4, 5],
      [1, 0, 2],
    ],
    [
      [2, 3, 4, 5],
      [0, 2, 3, 1],
    ],
    [
      [2, 3, 4, 5],
      [-1, 1, -4, 2],
    ],
    [
      [2, 5, 1, 3],
      [3, 2, 1, 0],
    ],
  ] as [number[], number[]][]
).map(([shape, order]) => ({
  name: `permute [${shape}] by [${order}]`,
  inputs: [{ shape }],
  run: (x) => permute(x, order),
  twin: (x) => {
    const axes = order.map((axis) => (axis + shape.length) % shape.length);
    return build(
      axes.map((axis) => shape[axis]!),
      (index) => {
        const source: number[] = [];
        axes.forEach((axis, i) => {
          source[axis] = index[i]!;
        });
        return at(x, source);
      },
    );
  },
}));

export const slices: readonly Case[] = (
  [
    [[7], 0, 2, 5, 1],
    [[7], 0, -3, undefined, 1],
    [[7], 0, 1, 100, 2],
    [[7], 0, 5, 2, 1],
    [[0, 3], 0, 0, undefined, 1],
    [[4, 9], 1, 1, -1, 3],
    [[3, 6, 5], 1, 2, 4, 1],
    [[3, 6, 5], -1, 0, 4, 2],
    [[3, 6, 5], 0, -2, undefined, 1],
  ] as [number[], number, number, number | undefined, number][]
).map(([shape, axis, start, end, step]) => ({
  name: `slice [${shape}] from ${start} to ${end} by ${step} along ${axis}`,
  inputs: [{ shape }],
  run: (x) => slice(x, start, end, { axis, step }),
  twin: (x) => {
    const along = (axis + shape.length) % shape.length;
    const taken = Array.from({ length: shape[along]! }, (_, i) => i)
      .slice(start, end)
      .filter((_, i) => i % step === 0);
    return build(shape.with(along, taken.length), (index) => at(x, index.with(along, taken[index[along]!]!)));
  },
}));
