/** Convolutions and pools: of images, and of sequences, which are images one pixel high. */
import * as ops from '../../ops/index.js';
import { tensor } from '../../tensor/create.js';
import { sizeOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Value } from '../values.js';
import type { Attributes, Call, Operators } from './call.js';

type Pair = readonly [number, number];

/** How a window slides, for both axes of an image. */
interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Zeros above and to the left. */
  readonly before: Pair;
  /** Zeros below and to the right. */
  readonly after: Pair;
}

/** As image: [N,C,L] becomes [N,C,1,L]. */
function asImage(call: Call, x: Tensor): Tensor {
  if (x.rank === 4) return x;
  if (x.rank === 3) return ops.unsqueeze(x, 2);
  throw call.unsupported(`it works on ${x.rank - 2} axes; lanewise has windows of 1 and 2`);
}

const back = (y: Tensor, rank: number): Tensor => (rank === 3 ? ops.squeeze(y, 2) : y);

/** Numbers for each axis, as for an image. */
function pair(call: Call, numbers: readonly number[] | undefined, otherwise: number): Pair {
  if (numbers === undefined) return [otherwise, otherwise];
  if (numbers.length === 1) return [otherwise, numbers[0]!];
  if (numbers.length === 2) return numbers as unknown as Pair;
  throw call.unsupported(`it works on ${numbers.length} axes; lanewise has windows of 1 and 2`);
}

const both = (fn: (axis: 0 | 1) => number): Pair => [fn(0), fn(1)];

/** @param image sizes of the image, for padding that follows from them */
function windowOf(call: Call, kernel: Pair, image: Pair): Window {
  const stride = pair(call, call.ints('strides'), 1);
  const dilation = pair(call, call.ints('dilations'), 1);
  const pads = call.ints('pads');
  const half = (pads?.length ?? 0) / 2;
  const auto = call.text('auto_pad', 'NOTSET');
  if (auto === 'VALID') return { kernel, stride, dilation, before: [0, 0], after: [0, 0] };
  if (auto.startsWith('SAME')) {
    const total = both((axis) => {
      const span = dilation[axis] * (kernel[axis] - 1) + 1;
      return Math.max((Math.ceil(image[axis] / stride[axis]) - 1) * stride[axis] + span - image[axis], 0);
    });
    const less = both((axis) => total[axis] >> 1);
    const more = both((axis) => total[axis] - less[axis]);
    const [before, after] = auto === 'SAME_LOWER' ? [more, less] : [less, more];
    return { kernel, stride, dilation, before, after };
  }
  const before = pair(call, pads?.slice(0, half), 0);
  const after = pair(call, pads?.slice(half), 0);
  return { kernel, stride, dilation, before, after };
}

const isEven = ({ before, after }: Window): boolean => before[0] === after[0] && before[1] === after[1];
const imageSizes = (x: Tensor): Pair => [x.shape[2]!, x.shape[3]!];

function padded(x: Tensor, { before, after }: Pick<Window, 'before' | 'after'>, value = 0): Tensor {
  if (![...before, ...after].some((amount) => amount !== 0)) return x;
  return ops.pad(x, [before[1], after[1], before[0], after[0]], value);
}

function conv(call: Call): Value {
  const { shape, tensor: given, type } = call.x;
  const x = asImage(call, given);
  const weight = asImage(call, call.input(1).tensor);
  const window = windowOf(call, imageSizes(weight), imageSizes(x));
  const even = isEven(window);
  const { stride, dilation, before } = window;
  const options = {
    stride,
    dilation,
    padding: even ? before : 0,
    groups: call.int('group', 1),
    precision: call.precision,
  };
  const bias = call.optional(2)?.tensor ?? null;
  return Value.of(back(ops.conv2d(even ? x : padded(x, window), weight, bias, options), shape.length), type);
}

function convTranspose(call: Call): Value {
  const { shape, tensor: given, type } = call.x;
  const x = asImage(call, given);
  const weight = asImage(call, call.input(1).tensor);
  const kernel = imageSizes(weight);
  const image = imageSizes(x);
  const groups = call.int('group', 1);
  const stride = pair(call, call.ints('strides'), 1);
  const dilation = pair(call, call.ints('dilations'), 1);
  const outputPadding = pair(call, call.ints('output_padding'), 0);
  const whole = both(
    (axis) => (image[axis] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1 + outputPadding[axis],
  );
  const auto = call.text('auto_pad', 'NOTSET');
  const wanted = call.ints('output_shape');
  const target =
    wanted !== undefined
      ? pair(call, wanted.slice(-(shape.length - 2)), 1)
      : auto.startsWith('SAME')
        ? both((axis) => image[axis] * stride[axis])
        : undefined;
  let { before, after } = windowOf(call, kernel, image);
  if (target !== undefined) {
    const total = both((axis) => Math.max(whole[axis] - target[axis], 0));
    const less = both((axis) => total[axis] >> 1);
    const more = both((axis) => total[axis] - less[axis]);
    [before, after] = auto === 'SAME_UPPER' ? [less, more] : [more, less];
  }
  const bias = call.optional(2)?.tensor ?? null;
  const even = before[0] === after[0] && before[1] === after[1] && target === undefined;
  const fits = outputPadding.every((extra, axis) => extra < stride[axis]! || extra < dilation[axis]!);
  if (even && fits) {
    const options = { stride, dilation, groups, padding: before, outputPadding };
    return Value.of(back(ops.convTranspose2d(x, weight, bias, options), shape.length), type);
  }
  // Whole first, then cut: what is wanted beyond it is the bias alone.
  let y = ops.convTranspose2d(x, weight, null, { stride, dilation, groups });
  const height = both((axis) => target?.[axis] ?? whole[axis] - before[axis] - after[axis]);
  const extra = both((axis) => Math.max(before[axis] + height[axis] - y.shape[axis + 2]!, 0));
  y = padded(y, { before: [0, 0], after: extra });
  for (const axis of [0, 1] as const) y = ops.slice(y, before[axis], before[axis] + height[axis], { axis: axis + 2 });
  if (bias !== null) y = ops.add(y, ops.reshape(bias, [bias.size, 1, 1]));
  return Value.of(back(y, shape.length), type);
}

/** How many windows there are, and how far the last one reaches beyond image and padding. */
function overhang(call: Call, image: Pair, { kernel, stride, dilation, before, after }: Window): Pair {
  if (!call.flag('ceil_mode')) return [0, 0];
  return both((axis) => {
    const span = dilation[axis] * (kernel[axis] - 1) + 1;
    const room = image[axis] + before[axis] + after[axis] - span;
    let count = Math.ceil(room / stride[axis]) + 1;
    // A window that would begin beyond the image is left out.
    if ((count - 1) * stride[axis] >= image[axis] + before[axis]) count--;
    return Math.max((count - 1) * stride[axis] - room, 0);
  });
}

function maxPool(call: Call): Value {
  const { shape, tensor: given, type } = call.x;
  const x = asImage(call, given);
  const kernel = pair(call, call.required('kernel_shape', call.ints('kernel_shape')), 1);
  const window = windowOf(call, kernel, imageSizes(x));
  const { stride, dilation, before, after } = window;
  const beyond = overhang(call, imageSizes(x), window);
  if (
    isEven(window) &&
    before.every((amount, axis) => 2 * amount <= kernel[axis]!) &&
    sizeOf(beyond) === 0 &&
    beyond[0] + beyond[1] === 0
  )
    return Value.of(back(ops.maxPool2d(x, kernel, { stride, dilation, padding: before }), shape.length), type);
  const around = padded(x, { before, after: both((axis) => after[axis] + beyond[axis]) }, -Infinity);
  return Value.of(back(ops.maxPool2d(around, kernel, { stride, dilation }), shape.length), type);
}

function averagePool(call: Call): Value {
  const { shape, tensor: given, type } = call.x;
  const x = asImage(call, given);
  const kernel = pair(call, call.required('kernel_shape', call.ints('kernel_shape')), 1);
  const window = windowOf(call, kernel, imageSizes(x));
  const { stride, before, after, dilation } = window;
  if (dilation[0] !== 1 || dilation[1] !== 1) throw call.unsupported('its windows are dilated');
  const countIncludePad = call.flag('count_include_pad');
  const beyond = overhang(call, imageSizes(x), window);
  const none = beyond[0] + beyond[1] === 0;
  if (none && isEven(window) && before.every((amount, axis) => 2 * amount <= kernel[axis]!))
    return Value.of(back(ops.avgPool2d(x, kernel, { stride, padding: before, countIncludePad }), shape.length), type);
  // The mean over whole windows, divided by the share of the window that counts.
  const over = { before, after: both((axis) => after[axis] + beyond[axis]) };
  const sums = ops.avgPool2d(padded(x, over), kernel, { stride });
  if (countIncludePad && none) return Value.of(back(sums, shape.length), type);
  const [height, width] = imageSizes(x);
  const ones = tensor(new Float32Array(height * width).fill(1), { shape: [1, 1, height, width] });
  const counted = countIncludePad
    ? padded(padded(ones, { before, after }, 1), { before: [0, 0], after: beyond })
    : padded(ones, over);
  return Value.of(back(ops.div(sums, ops.avgPool2d(counted, kernel, { stride })), shape.length), type);
}

/** Sums of squares over neighbouring channels. */
function localResponse(call: Call): Value {
  const { shape, tensor: x, type } = call.x;
  const size = call.required('size', call.has('size') ? call.int('size', 1) : undefined);
  const [alpha, beta, bias] = [call.float('alpha', 1e-4), call.float('beta', 0.75), call.float('bias', 1)];
  const [n, channels] = shape as [number, number];
  const before = (size - 1) >> 1;
  const planes = ops.reshape(ops.square(x), [n, 1, channels, sizeOf(shape.slice(2))]);
  const around = padded(planes, { before: [before, 0], after: [size - 1 - before, 0] });
  const means = ops.reshape(ops.avgPool2d(around, [size, 1], { stride: 1 }), shape);
  return Value.of(ops.div(x, ops.pow(ops.add(ops.mul(means, alpha), bias), beta)), type);
}

const noIndices = (outputs: readonly string[]): string | undefined =>
  (outputs[1] ?? '') === '' ? undefined : 'its second output, the places of the largest elements, is used';

const spatial = (call: Call): number[] => call.x.shape.map((_, axis) => axis).slice(2);

/** Where the file states the size of the window; else the weights tell, when it runs. */
function tooManyAxes(attributes: Attributes): string | undefined {
  const axes = attributes.ints('kernel_shape')?.length ?? 0;
  return axes > 2 ? `it works on ${axes} axes; lanewise has windows of 1 and 2` : undefined;
}

export const windows: Operators = {
  Conv: { takes: ['float'], refuse: tooManyAxes, run: conv },
  ConvTranspose: { takes: ['float'], refuse: tooManyAxes, run: convTranspose },
  MaxPool: {
    takes: ['float'],
    refuse: (attributes) => noIndices(attributes.node.outputs) ?? tooManyAxes(attributes),
    run: maxPool,
  },
  AveragePool: { takes: ['float'], refuse: tooManyAxes, run: averagePool },
  GlobalAveragePool: {
    takes: ['float'],
    run: (call) => {
      const { x } = call;
      if (x.shape.length === 4) return Value.of(ops.adaptiveAvgPool2d(x.tensor, 1), x.type);
      return Value.of(ops.mean(x.tensor, spatial(call), { keepDim: true }), x.type);
    },
  },
  GlobalMaxPool: {
    takes: ['float'],
    run: (call) => Value.of(ops.max(call.x.tensor, spatial(call), { keepDim: true }), call.x.type),
  },
  LRN: { takes: ['float'], run: localResponse },
};
