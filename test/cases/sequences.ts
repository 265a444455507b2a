/** Windows over sequences [N,C,L]. */
import {
  adaptiveAvgPool1d,
  avgPool1d,
  type Conv1dOptions,
  type ConvTranspose1dOptions,
  conv1d,
  convTranspose1d,
  type MaxPool1dOptions,
  maxPool1d,
} from '../../src/index.js';
import type { Case } from '../support/case.js';
import { at, build, type Reference } from '../support/reference.js';

type Shape3 = readonly [number, number, number];
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** The definition: every output sums over the taps that meet the sequence. */
const convTwin =
  ({ stride = 1, padding = 0, dilation = 1, groups = 1 }: Conv1dOptions) =>
  (x: Reference, weight: Reference, bias?: Reference): Reference => {
    const [n, , length] = x.shape as Shape3;
    const [outChannels, groupChannels, taps] = weight.shape as Shape3;
    const span = dilation * (taps - 1);
    const whole = padding === 'same' ? span : padding === 'valid' ? 0 : 2 * padding;
    const before = Math.floor(whole / 2);
    return build([n, outChannels, Math.floor((length + whole - span - 1) / stride) + 1], ([image, o, j]) => {
      const group = Math.floor(o! / (outChannels / groups));
      let sum = bias === undefined ? 0 : bias.data[o!]!;
      for (const c of range(groupChannels)) {
        for (const v of range(taps)) {
          const place = j! * stride + v * dilation - before;
          if (place >= 0 && place < length)
            sum += at(weight, [o!, c, v]) * at(x, [image!, group * groupChannels + c, place]);
        }
      }
      return sum;
    });
  };

/** The definition: every output gathers the inputs whose taps reach it. */
const transposeTwin =
  ({ stride = 1, padding = 0, dilation = 1, groups = 1, outputPadding = 0 }: ConvTranspose1dOptions) =>
  (x: Reference, weight: Reference, bias?: Reference): Reference => {
    const [n, inChannels, length] = x.shape as Shape3;
    const [, groupOutputs, taps] = weight.shape as Shape3;
    const out = (length - 1) * stride - 2 * padding + dilation * (taps - 1) + outputPadding + 1;
    return build([n, groupOutputs * groups, out], ([image, o, l]) => {
      const group = Math.floor(o! / groupOutputs);
      let sum = bias === undefined ? 0 : bias.data[o!]!;
      for (const c of range(inChannels / groups)) {
        for (const v of range(taps)) {
          const j = (l! + padding - v * dilation) / stride;
          const channel = (group * inChannels) / groups + c;
          if (Number.isInteger(j) && j >= 0 && j < length)
            sum += at(weight, [channel, o! % groupOutputs, v]) * at(x, [image!, channel, j]);
        }
      }
      return sum;
    });
  };

/** For every output: the values of its window that lie inside the sequence. */
const pooled =
  (
    kernel: number,
    { stride = kernel, padding = 0, dilation = 1 }: MaxPool1dOptions,
    value: (inside: number[]) => number,
  ) =>
  (x: Reference): Reference => {
    const [n, channels, length] = x.shape as Shape3;
    const out = Math.floor((length + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
    return build([n, channels, out], ([image, c, j]) =>
      value(
        range(kernel)
          .map((v) => j! * stride + v * dilation - padding)
          .filter((place) => place >= 0 && place < length)
          .map((place) => at(x, [image!, c!, place])),
      ),
    );
  };

const convolutions: readonly (readonly [Shape3, Shape3, Conv1dOptions])[] = [
  [[1, 1, 1], [1, 1, 1], {}],
  [[2, 3, 7], [4, 3, 3], { padding: 1 }],
  [[5, 4, 6], [4, 4, 3], { padding: 'same' }],
  [[1, 2, 9], [3, 2, 2], { stride: 2, dilation: 3, padding: 2 }],
  [[2, 4, 5], [6, 2, 2], { groups: 2, padding: 'valid' }],
  [[2, 8, 17], [16, 8, 5], { padding: 2 }],
  [[0, 2, 4], [3, 2, 2], {}],
];

const transposed: readonly (readonly [Shape3, Shape3, ConvTranspose1dOptions])[] = [
  [[2, 3, 4], [3, 2, 3], {}],
  [[1, 4, 3], [4, 2, 3], { stride: 2, padding: 1, outputPadding: 1, groups: 2 }],
];

const windows: readonly (readonly [Shape3, number, MaxPool1dOptions])[] = [
  [[2, 2, 8], 2, {}],
  [[1, 2, 7], 3, { stride: 2, padding: 1 }],
];

export const sequences: readonly Case[] = [
  ...convolutions.map(
    ([x, weight, options]): Case => ({
      name: `conv1d of [${x}] with [${weight}] ${JSON.stringify(options)}`,
      inputs: [{ shape: x }, { shape: weight }, { shape: [weight[0]] }],
      run: (input, filter, bias) => conv1d(input, filter, bias, options),
      twin: convTwin(options),
    }),
  ),
  ...transposed.map(
    ([x, weight, options]): Case => ({
      name: `convTranspose1d of [${x}] with [${weight}] ${JSON.stringify(options)}`,
      inputs: [{ shape: x }, { shape: weight }, { shape: [weight[1] * (options.groups ?? 1)] }],
      run: (input, filter, bias) => convTranspose1d(input, filter, bias, options),
      twin: transposeTwin(options),
    }),
  ),
  ...windows.flatMap(([shape, kernel, options]): Case[] => [
    {
      name: `maxPool1d of [${shape}] by ${kernel} ${JSON.stringify(options)}`,
      inputs: [{ shape }],
      run: (x) => maxPool1d(x, kernel, options),
      twin: pooled(kernel, options, (inside) => Math.max(...inside)),
    },
    {
      name: `avgPool1d of [${shape}] by ${kernel} ${JSON.stringify(options)}`,
      inputs: [{ shape }],
      run: (x) => avgPool1d(x, kernel, options),
      twin: pooled(kernel, options, (inside) => total(inside) / kernel),
    },
  ]),
  {
    name: 'maxPool1d of [1,2,8] by 2 with a dilation',
    inputs: [{ shape: [1, 2, 8] }],
    run: (x) => maxPool1d(x, 2, { dilation: 3, stride: 1 }),
    twin: pooled(2, { dilation: 3, stride: 1 }, (inside) => Math.max(...inside)),
  },
  {
    name: 'adaptiveAvgPool1d of [2,3,6] to 3',
    inputs: [{ shape: [2, 3, 6] }],
    run: (x) => adaptiveAvgPool1d(x, 3),
    twin: pooled(2, {}, (inside) => total(inside) / 2),
  },
];
