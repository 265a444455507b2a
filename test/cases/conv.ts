import {
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  conv2d,
  convTranspose2d,
  mul,
  tensor,
} from '../../src/index.js';
import type { Case } from '../support/case.js';
import { build, type Reference, reference } from '../support/reference.js';

const pair = (value: number | readonly [number, number] = 1) =>
  typeof value === 'number' ? ([value, value] as const) : value;

interface Plain {
  readonly stride: readonly [number, number];
  readonly before: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** The definition, pixel by pixel. */
function convolution(
  x: Reference,
  weight: Reference,
  bias: Reference | undefined,
  out: readonly [number, number],
  plain: Plain,
): Reference {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  const [outChannels, groupChannels, kh, kw] = weight.shape as [number, number, number, number];
  return build([n, outChannels, ...out], ([image, o, i, j]: number[]) => {
    const group = Math.floor(o! / (outChannels / plain.groups));
    let sum = bias === undefined ? 0 : bias.data[o!]!;
    for (let c = 0; c < groupChannels; c++) {
      for (let u = 0; u < kh; u++) {
        for (let v = 0; v < kw; v++) {
          const row = i! * plain.stride[0] + u * plain.dilation[0] - plain.before[0];
          const column = j! * plain.stride[1] + v * plain.dilation[1] - plain.before[1];
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          sum +=
            weight.data[((o! * groupChannels + c) * kh + u) * kw + v]! *
            x.data[((image! * channels + group * groupChannels + c) * height + row) * width + column]!;
        }
      }
    }
    return sum;
  });
}

export const convTwin =
  (options: Conv2dOptions) =>
  (x: Reference, weight: Reference, bias?: Reference): Reference => {
    const [stride, dilation] = [pair(options.stride), pair(options.dilation)];
    const span = [0, 1].map((axis) => dilation[axis]! * (weight.shape[axis + 2]! - 1));
    const { padding = 0 } = options;
    const before =
      padding === 'valid'
        ? ([0, 0] as const)
        : padding === 'same'
          ? ([Math.floor(span[0]! / 2), Math.floor(span[1]! / 2)] as const)
          : pair(padding);
    const total = padding === 'same' ? span : before.map((pad) => 2 * pad);
    const out = [0, 1].map(
      (axis) => Math.floor((x.shape[axis + 2]! + total[axis]! - span[axis]! - 1) / stride[axis]!) + 1,
    ) as [number, number];
    return convolution(x, weight, bias, out, { stride, dilation, before, groups: options.groups ?? 1 });
  };

/** The definition: every input is spread over the outputs that it meets. */
const transposeTwin =
  (options: ConvTranspose2dOptions) =>
  (x: Reference, weight: Reference, bias?: Reference): Reference => {
    const [n, inChannels, h, w] = x.shape as [number, number, number, number];
    const [, groupOutputs, kh, kw] = weight.shape as [number, number, number, number];
    const { groups = 1 } = options;
    const [stride, dilation, padding, extra] = [
      pair(options.stride),
      pair(options.dilation),
      pair(options.padding ?? 0),
      pair(options.outputPadding ?? 0),
    ];
    const height = (h - 1) * stride[0] - 2 * padding[0] + dilation[0] * (kh - 1) + extra[0] + 1;
    const width = (w - 1) * stride[1] - 2 * padding[1] + dilation[1] * (kw - 1) + extra[1] + 1;
    const channels = groupOutputs * groups;
    const y = reference([n, channels, height, width], (flat) =>
      bias === undefined ? 0 : bias.data[Math.floor(flat / (height * width)) % channels]!,
    );
    for (let image = 0; image < n; image++) {
      for (let c = 0; c < inChannels; c++) {
        const group = Math.floor(c / (inChannels / groups));
        for (let i = 0; i < h; i++)
          for (let j = 0; j < w; j++)
            for (let o = 0; o < groupOutputs; o++)
              for (let u = 0; u < kh; u++)
                for (let v = 0; v < kw; v++) {
                  const row = i * stride[0] + u * dilation[0] - padding[0];
                  const column = j * stride[1] + v * dilation[1] - padding[1];
                  if (row < 0 || row >= height || column < 0 || column >= width) continue;
                  y.data[((image * channels + group * groupOutputs + o) * height + row) * width + column]! +=
                    weight.data[((c * groupOutputs + o) * kh + u) * kw + v]! *
                    x.data[((image * inChannels + c) * h + i) * w + j]!;
                }
      }
    }
    return y;
  };

type Shape4 = readonly [number, number, number, number];

/**
 * Shapes of input and weight, and options: every tile of the kernels, every phase of a stride, cut and whole rows,
 * chunks of several images.
 */
export const convolutions: readonly (readonly [Shape4, Shape4, Conv2dOptions])[] = [
  [[1, 1, 1, 1], [1, 1, 1, 1], {}],
  [[2, 1, 5, 5], [4, 1, 3, 3], { padding: 1 }],
  [[1, 2, 4, 12], [3, 2, 3, 3], { padding: 1 }],
  [[2, 1, 3, 8], [6, 1, 2, 2], {}],
  [[1, 2, 6, 6], [7, 2, 1, 1], {}],
  [[1, 1, 5, 7], [1, 1, 5, 5], { padding: 2 }],
  [[1, 2, 3, 17], [2, 2, 3, 1], { padding: [1, 0] }],
  [[2, 2, 7, 7], [5, 2, 3, 3], { stride: 2, padding: 1 }],
  [[1, 2, 6, 8], [4, 2, 1, 1], { stride: 2 }],
  [[1, 1, 8, 9], [2, 1, 2, 3], { stride: [3, 2], padding: [1, 2] }],
  [[1, 1, 9, 9], [2, 1, 3, 3], { dilation: 2, padding: 2 }],
  [[1, 1, 9, 8], [2, 1, 3, 2], { dilation: [2, 3], stride: [2, 3], padding: 1 }],
  [[1, 1, 7, 9], [2, 1, 2, 2], { dilation: 3, stride: 2 }],
  [[1, 1, 5, 6], [2, 1, 2, 4], { padding: 'same' }],
  [[1, 1, 5, 5], [2, 1, 3, 3], { padding: 'valid' }],
  [[1, 4, 5, 5], [6, 2, 3, 3], { groups: 2, padding: 1 }],
  [[1, 3, 4, 4], [3, 1, 3, 3], { groups: 3, padding: 1 }],
  [[1, 2, 5, 5], [6, 1, 2, 2], { groups: 2, stride: 2, padding: 1 }],
  [[1, 1, 2, 2], [1, 1, 2, 2], { stride: 5, padding: 3 }],
  [[1, 1, 3, 3], [1, 1, 1, 1], { padding: 2 }],
  [[2, 3, 4, 11], [2, 3, 1, 1], { stride: [3, 2] }],
  [[1, 2, 5, 7], [2, 2, 1, 1], { stride: [1, 3] }],
  [[35, 1, 3, 3], [2, 1, 2, 2], {}],
  [[1, 1, 2, 37], [3, 1, 2, 2], {}],
  [[5, 2, 4, 5], [7, 2, 3, 3], {}],
  [[4, 4, 3, 3], [4, 4, 2, 2], { padding: 2 }],
  [[4, 5, 4, 4], [4, 5, 3, 3], { stride: 2, padding: 1 }],
  [[6, 4, 3, 4], [5, 4, 1, 1], { stride: 2 }],
  [[4, 4, 5, 4], [4, 4, 3, 2], { dilation: [2, 3], padding: [0, 1] }],
  [[4, 8, 3, 3], [8, 4, 2, 2], { groups: 2, padding: 1 }],
  // Rows whose last tile begins before the end of the one before.
  [[1, 2, 3, 15], [7, 2, 2, 2], {}],
  // One channel on the far side, three rows: tiles of 4 × 8, whole ones and others, and images too small for one.
  [[2, 1, 9, 19], [3, 1, 3, 3], { padding: 1 }],
  [[3, 2, 4, 8], [1, 2, 3, 3], { padding: 1 }],
  [[1, 3, 5, 13], [3, 1, 3, 3], { groups: 3, padding: 1 }],
  [[1, 1, 7, 12], [2, 1, 3, 2], { dilation: [1, 2], padding: [1, 0] }],
  [[1, 2, 6, 21], [1, 2, 3, 4], { stride: [1, 2], padding: 1 }],
  [[1, 2, 3, 9], [2, 1, 3, 3], { groups: 2, padding: 1 }],
  // Matrix products: 16 channels, and 32 taps or with a stride 8, at least.
  [[2, 1, 5, 6], [16, 1, 3, 3], { stride: 2, padding: 1 }],
  [[4, 8, 3, 5], [17, 8, 1, 1], { stride: 2 }],
  [[1, 4, 4, 5], [17, 4, 3, 3], { stride: 2, padding: 1 }],
  [[2, 9, 5, 4], [16, 9, 2, 2], { stride: 2 }],
  [[3, 32, 3, 1], [18, 32, 1, 1], {}],
  [[1, 4, 2, 9], [16, 4, 3, 3], { padding: 1, precision: 'precise' }],
  [[1, 16, 2, 3], [32, 8, 2, 2], { groups: 2, padding: 1 }],
  [[0, 8, 4, 4], [16, 8, 3, 3], { stride: 2 }],
  [[0, 2, 4, 4], [3, 2, 3, 3], {}],
];

/**
 * The same where most of dy is zeros: runs of one, several and cut blocks, windows of three, five and other rows,
 * several images at once.
 */
const mostlyZeros: readonly (readonly [Shape4, Shape4, Conv2dOptions])[] = [
  [[1, 1, 3, 3], [1, 1, 1, 1], {}],
  [[3, 1, 7, 6], [3, 1, 5, 5], { padding: 2 }],
  [[5, 2, 5, 5], [2, 2, 3, 3], { padding: 1 }],
  [[3, 1, 6, 9], [2, 1, 3, 3], { padding: 1 }],
  [[2, 1, 9, 7], [4, 1, 6, 4], { padding: [3, 1] }],
  [[5, 6, 6, 5], [3, 6, 5, 5], {}],
  [[2, 9, 3, 4], [4, 9, 2, 4], { padding: [1, 2] }],
  [[2, 5, 6, 8], [4, 5, 3, 5], { stride: [2, 3], padding: 1 }],
  [[1, 3, 4, 4], [2, 3, 2, 9], { stride: 3, padding: 5 }],
  [[9, 8, 3, 3], [3, 8, 2, 2], { precision: 'precise' }],
];

/**
 * The same for Winograd's transforms: 8, 9 and 12 channels (whole fours or not), tiles that are cut, gradients of one
 * part and of two.
 */
const winograd: typeof convolutions = [
  [[1, 8, 1, 1], [8, 8, 3, 3], { padding: 1 }],
  [[2, 9, 5, 6], [12, 9, 3, 3], { padding: 1 }],
  [[1, 12, 4, 7], [9, 12, 3, 3], {}],
  [[3, 8, 3, 5], [10, 8, 3, 3], { padding: [0, 2] }],
  [[100, 8, 1, 1], [8, 8, 3, 3], { padding: 1 }],
  [[0, 8, 4, 4], [8, 8, 3, 3], { padding: 1 }],
];

const transposed: readonly (readonly [Shape4, Shape4, ConvTranspose2dOptions])[] = [
  [[1, 1, 1, 1], [1, 1, 1, 1], {}],
  [[2, 3, 3, 3], [3, 2, 3, 3], {}],
  [[1, 2, 3, 4], [2, 5, 2, 2], { stride: 2 }],
  [[1, 2, 4, 3], [2, 2, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }],
  [[1, 1, 3, 3], [1, 2, 3, 2], { stride: [1, 3], padding: [2, 1], outputPadding: [0, 2] }],
  [[1, 1, 3, 4], [1, 1, 2, 3], { dilation: 2, outputPadding: 1 }],
  [[1, 3, 4, 10], [3, 1, 3, 3], { padding: 1 }],
  [[1, 1, 3, 3], [1, 1, 1, 1], { stride: 3 }],
  [[1, 4, 3, 3], [4, 2, 3, 3], { groups: 2, stride: 2, padding: 1 }],
  [[1, 8, 3, 3], [8, 17, 2, 2], { padding: 1 }],
  [[1, 16, 2, 3], [16, 8, 2, 2], { stride: 2 }],
  [[2, 18, 3, 3], [18, 5, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }],
  [[0, 2, 3, 3], [2, 1, 2, 2], { stride: 2 }],
];

export const conv: readonly Case[] = [
  ...convolutions.flatMap(([x, weight, options]): Case[] => [
    {
      name: `conv2d of [${x}] with [${weight}] ${JSON.stringify(options)}`,
      inputs: [{ shape: x }, { shape: weight }, { shape: [weight[0]] }],
      run: (input, filter, bias) => conv2d(input, filter, bias, options),
      twin: convTwin(options),
    },
  ]),
  ...mostlyZeros.map(([x, weight, options]): Case => {
    const kept = (flat: number) => ((flat * 7) % 9 === 0 ? 1 : 0);
    return {
      name: `conv2d of [${x}] with [${weight}] ${JSON.stringify(options)}, its gradient mostly zeros`,
      inputs: [{ shape: x }, { shape: weight }, { shape: [weight[0]] }],
      run: (input, filter, bias) => {
        const y = conv2d(input, filter, bias, options);
        return mul(
          y,
          tensor(
            Float32Array.from({ length: y.size }, (_, flat) => kept(flat)),
            { shape: y.shape },
          ),
        );
      },
      twin: (...operands) => {
        const y = convTwin(options)(...(operands as [Reference, Reference]));
        return reference(y.shape, (flat) => y.data[flat]! * kept(flat));
      },
    };
  }),
  ...winograd.map(
    ([x, weight, options]): Case => ({
      name: `conv2d by Winograd of [${x}] with [${weight}] ${JSON.stringify(options)}`,
      inputs: [{ shape: x }, { shape: weight }, { shape: [weight[0]] }],
      run: (input, filter, bias) => conv2d(input, filter, bias, options),
      twin: convTwin(options),
      tolerance: 1e-5, // the documented bound: the transforms round some more than the direct sum
    }),
  ),
  {
    name: 'conv2d without bias',
    inputs: [{ shape: [1, 2, 4, 4] }, { shape: [5, 2, 3, 3] }],
    run: (x, weight) => conv2d(x, weight),
    twin: convTwin({}),
  },
  ...transposed.map(
    ([x, weight, options]): Case => ({
      name: `convTranspose2d of [${x}] with [${weight}] ${JSON.stringify(options)}`,
      inputs: [{ shape: x }, { shape: weight }, { shape: [weight[1] * (options.groups ?? 1)] }],
      run: (input, filter, bias) => convTranspose2d(input, filter, bias, options),
      twin: transposeTwin(options),
    }),
  ),
  {
    name: 'convTranspose2d without bias',
    inputs: [{ shape: [1, 2, 3, 3] }, { shape: [2, 3, 3, 3] }],
    run: (x, weight) => convTranspose2d(x, weight, null, { stride: 2 }),
    twin: transposeTwin({ stride: 2 }),
  },
];
