/** Rows of operations that make images larger or smaller: borders, resizing, channels as pixels. */
import { type InterpolateOptions, interpolate, type PadMode, pad, pixelShuffle } from '../../src/index.js';
import type { Case } from '../support/case.js';
import { at, build, type Reference } from '../support/reference.js';

/** The element that stands at a place outside 0 … length − 1. */
const FILL: Record<Exclude<PadMode, 'constant'>, (i: number, length: number) => number> = {
  reflect: (i, length) => (i < 0 ? -i : i >= length ? 2 * (length - 1) - i : i),
  replicate: (i, length) => Math.min(Math.max(i, 0), length - 1),
  circular: (i, length) => (i + length) % length,
};

const pads = (Object.keys(FILL) as (keyof typeof FILL)[]).map(
  (mode): Case => ({
    name: `pad [2, 3, 4] by [2, 3, 1, 0], ${mode}`,
    inputs: [{ shape: [2, 3, 4] }],
    run: (x) => pad(x, [2, 3, 1, 0], { mode }),
    twin: (x) => build([2, 4, 9], ([c, i, j]) => at(x, [c!, FILL[mode](i! - 1, 3), FILL[mode](j! - 2, 4)])),
  }),
);

/** Weighted places along one axis, by the formulas of the docstring. */
function places(i: number, from: number, to: number, { mode, scaleFactor, alignCorners }: InterpolateOptions) {
  const step = scaleFactor === undefined ? from / to : 1 / (scaleFactor as number);
  if (mode === undefined) return [[Math.min(Math.floor(i * step), from - 1), 1]] as const;
  const place = alignCorners ? (to > 1 ? (i * (from - 1)) / (to - 1) : 0) : Math.max(0, (i + 0.5) * step - 0.5);
  const first = Math.min(Math.floor(place), from - 1);
  return [
    [first, 1 - (place - first)],
    [Math.min(first + 1, from - 1), place - first],
  ] as const;
}

const resized =
  (height: number, width: number, options: InterpolateOptions) =>
  (x: Reference): Reference => {
    const [n, c, h, w] = x.shape as [number, number, number, number];
    return build([n, c, height, width], ([a, b, i, j]) => {
      let total = 0;
      for (const [row, up] of places(i!, h, height, options))
        for (const [column, left] of places(j!, w, width, options)) total += up * left * at(x, [a!, b!, row, column]);
      return total;
    });
  };

const interpolations = (
  [
    [[1, 2, 3, 5], 6, 10, { scaleFactor: 2 }],
    [[2, 1, 5, 3], 3, 7, { size: [3, 7] }],
    [[1, 1, 4, 5], 6, 7, { scaleFactor: 1.5 }],
    [[2, 1, 3, 5], 6, 10, { scaleFactor: 2, mode: 'bilinear' }],
    [[1, 2, 5, 3], 3, 7, { size: [3, 7], mode: 'bilinear' }],
    [[1, 2, 5, 3], 3, 7, { size: [3, 7], mode: 'bilinear', alignCorners: true }],
    [[1, 1, 1, 3], 1, 1, { size: 1, mode: 'bilinear', alignCorners: true }],
  ] as [number[], number, number, InterpolateOptions][]
).map(
  ([shape, height, width, options]): Case => ({
    name: `interpolate [${shape}] ${JSON.stringify(options)}`,
    inputs: [{ shape }],
    run: (x) => interpolate(x, options),
    twin: resized(height, width, options),
  }),
);

export const resizes: readonly Case[] = [
  ...pads,
  ...interpolations,
  {
    name: 'pixelShuffle [2, 8, 1, 3] by 2',
    inputs: [{ shape: [2, 8, 1, 3] }],
    run: (x) => pixelShuffle(x, 2),
    twin: (x) =>
      build([2, 2, 2, 6], ([n, c, i, j]) =>
        at(x, [n!, c! * 4 + (i! % 2) * 2 + (j! % 2), Math.floor(i! / 2), Math.floor(j! / 2)]),
      ),
  },
];
