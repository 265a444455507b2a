import {
  argsort,
  chunk,
  clone,
  concat,
  cumsum,
  diag,
  indexSelect,
  outer,
  roll,
  scatter,
  scatterAdd,
  sort,
  topk,
  unbind,
} from '../../src/index.js';
import type { Case } from '../support/case.js';
import { at, build, type Reference } from '../support/reference.js';

/** `x` with `src` put along an axis, or added. */
function placed(x: Reference, along: number, index: Reference, src: Reference, adds: boolean): Reference {
  const y = build(x.shape, (place) => at(x, place));
  const strides = x.shape.map((_, axis) => x.shape.slice(axis + 1).reduce((size, length) => size * length, 1));
  build(index.shape, (place) => {
    const target = place.with(along, at(index, place)).reduce((sum, i, axis) => sum + i * strides[axis]!, 0);
    y.data[target] = (adds ? y.data[target]! : 0) + at(src, place);
    return 0;
  });
  return y;
}

/** The first `count` positions of each row of an axis, by their elements, in an order. */
function ranked(x: Reference, axis: number, count: number, sign: number): Reference {
  return build(x.shape.with(axis, count), (place) => {
    const row = Array.from({ length: x.shape[axis]! }, (_, k) => at(x, place.with(axis, k)));
    return [...row.keys()].sort((a, b) => sign * (row[a]! - row[b]!) || a - b)[place[axis]!]!;
  });
}

/** Shape of x, axis, shape of index, shape of src. The index names places several times. */
const placings: readonly [number[], number, number[], number[]][] = [
  [[3], 0, [5], [5]],
  [[3, 5], 1, [3, 4], [3, 4]],
  [[4, 3, 2], -2, [2, 5, 2], [3, 5, 4]],
  [[2, 3], 0, [0, 3], [2, 3]],
];

/** Rows of the operations that pick elements by index, put them there, or move them along. */
export const indexing: readonly Case[] = [
  {
    name: 'clone [2, 3]',
    inputs: [{ shape: [2, 3] }],
    run: (x) => clone(x),
    twin: (x) => x,
  },
  {
    name: 'clone uint8',
    inputs: [{ shape: [7], dtype: 'uint8', range: [0, 256] }],
    noGradient: true,
    dtype: 'uint8',
    run: (x) => clone(x),
    twin: (x) => x,
  },
  {
    name: 'chunk and unbind, joined in another order',
    inputs: [{ shape: [2, 7] }],
    run: (x) => concat([...chunk(x, 3, 1).reverse(), ...unbind(x, -1).map((y) => y.reshape([2, 1]))], 1),
    twin: (x) => build([2, 14], ([i, j]) => at(x, [i!, [6, 3, 4, 5, 0, 1, 2][j!] ?? j! - 7])),
  },
  ...(
    [
      [[4], 0, 5],
      [[3, 5], 1, 4],
      [[2, 3, 4], 1, 2],
      [[2, 3, 4], -1, 0],
    ] as [number[], number, number][]
  ).map(([shape, axis, count]): Case => {
    const along = (axis + shape.length) % shape.length;
    return {
      name: `indexSelect ${count} of [${shape}] along ${axis}`,
      inputs: [{ shape }, { shape: [count], dtype: 'int32', range: [0, shape[along]!] }],
      run: (x, index) => indexSelect(x!, axis, index!),
      twin: (x, index) =>
        build(shape.with(along, count), (place) => at(x!, place.with(along, at(index!, [place[along]!])))),
    };
  }),
  ...placings.flatMap(([shape, axis, picks, from]) =>
    [scatter, scatterAdd].map((run): Case => {
      const along = (axis + shape.length) % shape.length;
      return {
        name: `${run.name} [${picks}] of [${from}] in [${shape}] along ${axis}`,
        inputs: [{ shape }, { shape: picks, dtype: 'int32', range: [0, shape[along]!] }, { shape: from }],
        run: (x, index, src) => run(x!, axis, index!, src!),
        twin: (x, index, src) => placed(x!, along, index!, src!, run === scatterAdd),
      };
    }),
  ),
  {
    name: 'scatter a number in uint8',
    inputs: [
      { shape: [3, 4], dtype: 'uint8', range: [0, 256] },
      { shape: [3, 2], dtype: 'int32', range: [0, 4] },
    ],
    noGradient: true,
    dtype: 'uint8',
    run: (x, index) => scatter(x!, 1, index!, 7),
    twin: (x, index) =>
      placed(
        x!,
        1,
        index!,
        build([3, 2], () => 7),
        false,
      ),
  },
  ...(
    [
      [[5], 2, undefined],
      [[2, 3, 4], -5, undefined],
      [
        [2, 3, 4],
        [1, -7],
        [0, -1],
      ],
      [[3, 2], 3, 0],
      [[0, 2], 1, 0],
    ] as [number[], number | number[], number | number[] | undefined][]
  ).map(
    ([shape, shifts, axes]): Case => ({
      name: `roll [${shape}] by ${shifts} along ${axes}`,
      inputs: [{ shape }],
      run: (x) => roll(x, shifts, axes),
      twin: (x) => {
        const around = (i: number, length: number) => ((i % length) + length) % length;
        if (axes === undefined) {
          const { data } = x;
          return { ...x, data: data.map((_, i) => data[around(i - (shifts as number), data.length)]!) };
        }
        const along = [axes].flat().map((axis) => around(axis, shape.length));
        return build(shape, (place) =>
          at(
            x,
            place.map((i, axis) =>
              along.includes(axis) ? around(i - [shifts].flat()[along.indexOf(axis)]!, shape[axis]!) : i,
            ),
          ),
        );
      },
    }),
  ),
  ...[0, 1, -2, 4].flatMap((diagonal): Case[] => {
    const [down, right] = [Math.max(-diagonal, 0), Math.max(diagonal, 0)];
    const side = 3 + down + right;
    return [
      {
        name: `diag ${diagonal} of [3, 4]`,
        inputs: [{ shape: [3, 4] }],
        run: (x) => diag(x, diagonal),
        twin: (x) => build([Math.max(Math.min(3 - down, 4 - right), 0)], ([i]) => at(x, [i! + down, i! + right])),
      },
      {
        name: `diag ${diagonal} of [3]`,
        inputs: [{ shape: [3] }],
        run: (x) => diag(x, diagonal),
        twin: (x) => build([side, side], ([i, j]) => (j! - i! === diagonal ? at(x, [Math.min(i!, j!)]) : 0)),
      },
    ];
  }),
  {
    name: 'outer [3] and [4]',
    inputs: [{ shape: [3] }, { shape: [4] }],
    run: outer,
    twin: (a, b) => build([3, 4], ([i, j]) => at(a, [i!]) * at(b, [j!])),
  },
  ...(
    [
      [[7], 0, 7],
      [[3, 5], 1, 2],
      [[2, 6, 3], 1, 4],
      [[2, 0], 1, 0],
    ] as [number[], number, number][]
  ).flatMap(([shape, axis, count]): Case[] => {
    const picked = (x: Reference, sign: number) => {
      const places = ranked(x, axis, count, sign);
      return build(places.shape, (place) => at(x, place.with(axis, at(places, place))));
    };
    return [
      {
        name: `topk ${count} of [${shape}] along ${axis}`,
        inputs: [{ shape }],
        run: (x) => topk(x, count, axis).values,
        twin: (x) => picked(x, -1),
      },
      {
        name: `topk ${count} of [${shape}] along ${axis}, smallest first`,
        inputs: [{ shape }],
        run: (x) => topk(x, count, axis, { largest: false }).values,
        twin: (x) => picked(x, 1),
      },
    ];
  }),
  {
    name: 'sort int32, equal ones too',
    inputs: [{ shape: [4, 6], dtype: 'int32', range: [-2, 3] }],
    noGradient: true,
    dtype: 'int32',
    run: (x) => sort(x, 0).indices,
    twin: (x) => ranked(x, 0, 4, 1),
  },
  {
    name: 'sort uint8',
    inputs: [{ shape: [9], dtype: 'uint8', range: [0, 256] }],
    noGradient: true,
    dtype: 'uint8',
    run: (x) => sort(x).values,
    twin: (x) => ({ ...x, data: x.data.toSorted((a, b) => a - b) }),
  },
  {
    name: 'argsort, descending',
    inputs: [{ shape: [3, 5] }],
    noGradient: true,
    dtype: 'int32',
    run: (x) => argsort(x, -1, { descending: true }),
    twin: (x) => ranked(x, 1, 5, -1),
  },
  ...(
    [
      [[], 0],
      [[5], 0],
      [[3, 4], -1],
      [[2, 3, 4], 1],
      [[2, 0, 3], 1],
    ] as [number[], number][]
  ).flatMap(([shape, axis]): Case[] =>
    (['float32', 'int32'] as const).map((dtype) => ({
      name: `cumsum of ${dtype} [${shape}] along ${axis}`,
      inputs: [{ shape, dtype, range: [-9, 9] }],
      dtype,
      noGradient: dtype === 'int32',
      run: (x) => cumsum(x, axis),
      twin: (x) => {
        const along = shape.length === 0 ? 0 : (axis + shape.length) % shape.length;
        return build(shape, (place) =>
          Array.from({ length: (place[along] ?? 0) + 1 }, (_, k) =>
            at(x, shape.length === 0 ? [] : place.with(along, k)),
          ).reduce((total, value) => total + value, 0),
        );
      },
    })),
  ),
];
