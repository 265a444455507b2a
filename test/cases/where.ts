import { broadcastTo, where } from '../../src/index.js';
import type { Case } from '../support/case.js';
import { at, build, zip } from '../support/reference.js';

/** 0 to 4 in a mixed order, so that pairs are smaller, equal and larger. */
export const fewValues = (shape: readonly number[], step: number) =>
  Array.from({ length: shape.reduce((size, length) => size * length, 1) }, (_, i) => (i * step) % 5);

/** Rows of `where` and `broadcastTo`. */
export const whereRows: readonly Case[] = [
  ...[
    [[5], [5], [5]],
    [
      [3, 5],
      [3, 5],
      [3, 5],
    ],
    [
      [2, 3, 7],
      [2, 3, 7],
      [2, 3, 7],
    ],
    [[3, 1], [7], [3, 7]],
    [[2, 3], [], [3]],
    [[3], [2, 3], [1]],
    [[], [6], [6]],
    [[1, 5], [4, 1], []],
    [[0, 2], [2], [1]],
  ].map(
    ([mask, a, b]): Case => ({
      name: `where [${mask}] of [${a}] and [${b}]`,
      inputs: [{ shape: mask!, dtype: 'uint8', values: fewValues(mask!, 1) }, { shape: a! }, { shape: b! }],
      run: where,
      twin: (m, x, y) =>
        build(zip(m, zip(x, y, Math.max), Math.max).shape, (index) =>
          at(m, index) !== 0 ? at(x, index) : at(y, index),
        ),
    }),
  ),
  // The elements behind the last whole vector see a mask unlike that of the first ones.
  ...[5, 6, 7, 11].map(
    (size): Case => ({
      name: `where of [${size}] with a mask that ends otherwise than it begins`,
      inputs: [
        { shape: [size], dtype: 'uint8', values: Array.from({ length: size }, (_, i) => Number(i < 4)) },
        { shape: [size] },
        { shape: [size] },
      ],
      run: where,
      twin: (m, x, y) => build([size], (index) => (at(m, index) !== 0 ? at(x, index) : at(y, index))),
    }),
  ),
  ...(
    [
      [[], [3]],
      [[1], [2, 5]],
      [
        [1, 3, 1],
        [2, 3, 2],
      ],
      [[4], [0, 4]],
      [
        [2, 1, 9],
        [2, 17, 9],
      ],
      [
        [1, 6],
        [35, 6],
      ],
      [[40], [40]],
    ] as const
  ).map(
    ([from, to]): Case => ({
      name: `broadcastTo [${from}] to [${to}]`,
      inputs: [{ shape: from }],
      run: (x) => broadcastTo(x, to),
      twin: (x) => build(to, (index) => at(x, index)),
    }),
  ),
];
