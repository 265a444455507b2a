import {
  type AvgPool2dOptions,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  type MaxPool2dOptions,
  maxPool2d,
} from '../../src/index.js';
import type { Case } from '../support/case.js';
import { build, type Reference } from '../support/reference.js';

type Two = number | readonly [number, number];
const pair = (value: Two) => (typeof value === 'number' ? ([value, value] as const) : value);

/**
 * For every output: the values of its window that lie inside the image, and how many places it has inside the padded
 * one.
 */
function pooled(
  kernelSize: Two,
  options: MaxPool2dOptions & AvgPool2dOptions,
  value: (inside: readonly number[], padded: number) => number,
) {
  return (x: Reference): Reference => {
    const [n, channels, height, width] = x.shape as [number, number, number, number];
    const [kernel, padding, dilation] = [pair(kernelSize), pair(options.padding ?? 0), pair(options.dilation ?? 1)];
    const stride = options.stride === undefined ? kernel : pair(options.stride);
    const lengths = [height, width];
    const out = lengths.map((length, axis) => {
      // The definition: windows begin at multiples of the stride; they must end inside the padded image, or with
      // ceilMode begin inside the image or the padding before it.
      let count = 0;
      for (;;) {
        const begin = count * stride[axis]! - padding[axis]!;
        const span = dilation[axis]! * (kernel[axis]! - 1) + 1;
        const fits = begin + span <= length + padding[axis]!;
        const previousFits = count === 0 || begin - stride[axis]! + span < length + padding[axis]!;
        if (!(fits || (options.ceilMode === true && previousFits && begin < length))) return count;
        count++;
      }
    }) as [number, number];
    return build([n, channels, ...out], ([image, c, i, j]: number[]) => {
      const inside: number[] = [];
      let padded = 0;
      for (let u = 0; u < kernel[0]; u++) {
        for (let v = 0; v < kernel[1]; v++) {
          const row = i! * stride[0] - padding[0] + u * dilation[0];
          const column = j! * stride[1] - padding[1] + v * dilation[1];
          if (row < height + padding[0] && column < width + padding[1]) padded++;
          if (row >= 0 && row < height && column >= 0 && column < width)
            inside.push(x.data[((image! * channels + c!) * height + row) * width + column]!);
        }
      }
      return value(inside, padded);
    });
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const adaptiveTwin =
  (size: Two, value = (inside: readonly number[]) => sum(inside) / inside.length) =>
  (x: Reference): Reference => {
    const [n, channels, height, width] = x.shape as [number, number, number, number];
    const out = pair(size);
    return build([n, channels, ...out], ([image, c, i, j]: number[]) => {
      const inside: number[] = [];
      for (let row = Math.floor((i! * height) / out[0]); row < Math.ceil(((i! + 1) * height) / out[0]); row++) {
        for (
          let column = Math.floor((j! * width) / out[1]);
          column < Math.ceil(((j! + 1) * width) / out[1]);
          column++
        ) {
          inside.push(x.data[((image! * channels + c!) * height + row) * width + column]!);
        }
      }
      return value(inside);
    });
  };

type Shape4 = readonly [number, number, number, number];

/**
 * Windows of 2 × 2 with whole vectors, cut vectors and odd sizes; windows that overlap, leave gaps, are padded, hang
 * over.
 */
const windows: readonly (readonly [Shape4, Two, MaxPool2dOptions])[] = [
  [[1, 1, 1, 1], 1, {}],
  [[2, 2, 4, 8], 2, {}],
  [[1, 2, 5, 11], 2, {}],
  [[1, 1, 2, 14], 2, {}],
  [[1, 2, 7, 7], 3, {}],
  [[1, 1, 6, 7], 3, { stride: 1, padding: 1 }],
  [[1, 2, 5, 5], 3, { stride: 2, padding: 1 }],
  [[1, 1, 5, 7], [2, 3], { stride: [3, 1], padding: [1, 0] }],
  [[1, 1, 5, 5], 2, { ceilMode: true }],
  [[1, 1, 7, 6], 3, { stride: 2, padding: 1, ceilMode: true }],
  [[1, 1, 4, 1], 2, { ceilMode: true }],
  [[1, 1, 5, 6], 2, { stride: 3, ceilMode: true }],
  [[0, 2, 4, 4], 2, {}],
  [[2, 0, 4, 4], 2, {}],
];

export const pool: readonly Case[] = [
  ...windows.map(
    ([shape, kernel, options]): Case => ({
      name: `maxPool2d of [${shape}] by ${kernel} ${JSON.stringify(options)}`,
      inputs: [{ shape }],
      run: (x) => maxPool2d(x, kernel, options),
      twin: pooled(kernel, options, (inside) => Math.max(...inside)),
    }),
  ),
  ...(
    [
      [[1, 1, 7, 8], 2, { dilation: 2 }],
      [[1, 1, 8, 6], [3, 2], { dilation: [2, 3], padding: 1, stride: 2 }],
    ] as const
  ).map(
    ([shape, kernel, options]): Case => ({
      name: `maxPool2d of [${shape}] by ${kernel} ${JSON.stringify(options)}`,
      inputs: [{ shape }],
      run: (x) => maxPool2d(x, kernel, options),
      twin: pooled(kernel, options, (inside) => Math.max(...inside)),
    }),
  ),
  ...windows.flatMap(([shape, kernel, options]): Case[] => [
    {
      name: `avgPool2d of [${shape}] by ${kernel} ${JSON.stringify(options)}`,
      inputs: [{ shape }],
      run: (x) => avgPool2d(x, kernel, options),
      twin: pooled(kernel, options, (inside, padded) => sum(inside) / padded),
    },
    {
      name: `avgPool2d of [${shape}] by ${kernel} ${JSON.stringify(options)} without counting the padding`,
      inputs: [{ shape }],
      run: (x) => avgPool2d(x, kernel, { ...options, countIncludePad: false }),
      twin: pooled(kernel, options, (inside) => sum(inside) / inside.length),
    },
  ]),
  {
    name: 'avgPool2d with a divisor of its own',
    inputs: [{ shape: [1, 2, 4, 8] }],
    run: (x) => avgPool2d(x, 2, { divisorOverride: 3 }),
    twin: pooled(2, {}, (inside) => sum(inside) / 3),
  },
  ...(
    [
      [[2, 2, 4, 6], 2],
      [[1, 2, 5, 7], 3],
      [
        [1, 1, 3, 4],
        [5, 2],
      ],
      [[2, 3, 7, 7], 1],
      [[1, 1, 1, 1], 2],
      [[0, 2, 3, 3], 1],
    ] as const
  ).map(
    ([shape, size]): Case => ({
      name: `adaptiveAvgPool2d of [${shape}] to ${size}`,
      inputs: [{ shape }],
      run: (x) => adaptiveAvgPool2d(x, size),
      twin: adaptiveTwin(size),
    }),
  ),
  ...(
    [
      [[2, 2, 4, 6], 2],
      [[1, 2, 5, 7], 3],
      [[0, 2, 3, 3], 1],
    ] as const
  ).map(
    ([shape, size]): Case => ({
      name: `adaptiveMaxPool2d of [${shape}] to ${size}`,
      inputs: [{ shape }],
      run: (x) => adaptiveMaxPool2d(x, size),
      twin: adaptiveTwin(size, (inside) => Math.max(...inside)),
    }),
  ),
];
