/** How products, windows, normalisations and losses are written. */
import { sizeOf } from '../../tensor/shape.js';
import { BOOL, FLOAT } from '../elements.js';
import type { AttributeValue, Named } from './builder.js';
import { float, type Writers, type Writing } from './step.js';

/** Rows of inputs times the weight; more axes than two are rows too. */
function linear(step: Writing, relu: boolean): Named {
  const { graph } = step;
  const [a, b] = step.inputShapes();
  const parts = step.both.a.inputs.slice(1).map((_, i) => step.float(step.input(i + 1)));
  const features = a.at(-1)!;
  const rows =
    a.length === 2 ? step.x : graph.reshape(step.x, [sizeOf(a) / features, features], [sizeOf(b) / features, features]);
  const y = step.relu(step.node('Gemm', [rows, ...parts], { transB: 1 }), relu);
  return a.length === 2 ? y : step.shaped(y);
}

/** Matrices times matrices, or times transposed ones. */
function product(step: Writing): Named {
  const right = step.input(1);
  const b = step.float(right);
  if (!step.setting('transposeB')) return step.node('MatMul', [step.x, b]);
  const last = right[0].rank - 1;
  const perm = right[0].shape.map((_, axis) => (axis < last - 1 ? axis : 2 * last - 1 - axis));
  return step.node('MatMul', [step.x, step.node('Transpose', [b], { perm })]);
}

/** Runs `write` on a batch of images: of one where there is a single image. */
function onImages(step: Writing, write: (x: Named) => Named): Named {
  const { graph } = step;
  if (step.output.rank === 4) return write(step.x);
  return step.node('Squeeze', [write(step.node('Unsqueeze', [step.x, graph.ints([0])])), graph.ints([0])]);
}

/** The numbers of a window, as the kernels take them. */
function windowOf(step: Writing) {
  const pair = (y: string, x: string): [number, number] => [step.number(y), step.number(x)];
  const kernel = pair('kernelHeight', 'kernelWidth');
  const stride = pair('strideY', 'strideX');
  const dilation = pair('dilationY', 'dilationX');
  const before = pair('top', 'left');
  const size = pair('height', 'width');
  const out = pair('outHeight', 'outWidth');
  const span = kernel.map((length, axis) => dilation[axis]! * (length - 1) + 1);
  // As much as the last window reaches; as before the image where that gives as many windows.
  const after = out.map((count, axis) => {
    const even = Math.floor((size[axis]! + 2 * before[axis]! - span[axis]!) / stride[axis]!) + 1;
    if (even === count) return before[axis]!;
    return Math.max((count - 1) * stride[axis]! + span[axis]! - size[axis]! - before[axis]!, 0);
  });
  return { kernel, stride, dilation, before, after, size, span, out };
}

const pads = (before: readonly number[], after: readonly number[]): readonly number[] => [...before, ...after];

function convolution(step: Writing, relu: boolean): Named {
  const { kernel, stride, dilation, before, after } = windowOf(step);
  const parts = step.both.a.inputs.slice(1).map((_, i) => step.float(step.input(i + 1)));
  const attributes = {
    kernel_shape: kernel,
    strides: stride,
    dilations: dilation,
    pads: pads(before, after),
    group: step.number('groups'),
  };
  return onImages(step, (x) => step.relu(step.node('Conv', [x, ...parts], attributes), relu));
}

/** What is here the output is the input of the convolution that this one reverses. */
function transposed(step: Writing): Named {
  const { kernel, stride, dilation, before, span, size, out } = windowOf(step);
  const parts = step.both.a.inputs.slice(1).map((_, i) => step.float(step.input(i + 1)));
  const extra = size.map((length, axis) => length - (out[axis]! - 1) * stride[axis]! + 2 * before[axis]! - span[axis]!);
  const attributes = {
    kernel_shape: kernel,
    strides: stride,
    dilations: dilation,
    pads: pads(before, before),
    output_padding: extra,
    group: step.number('groups'),
  };
  return onImages(step, (x) => step.node('ConvTranspose', [x, ...parts], attributes));
}

function maxPool(step: Writing): Named {
  const { kernel, stride, dilation, before, after } = windowOf(step);
  const attributes = { kernel_shape: kernel, strides: stride, dilations: dilation, pads: pads(before, after) };
  return onImages(step, (x) => step.node('MaxPool', [x], attributes));
}

function averagePool(step: Writing): Named {
  const { kernel, stride, before, after } = windowOf(step);
  const divisor = step.number('divisor');
  const count = sizeOf(kernel);
  const isEven = before.every((amount, axis) => amount === after[axis]);
  return onImages(step, (x) => {
    const window = { kernel_shape: kernel, strides: stride };
    // The divisor leaves out what lies beyond the padding: it is padded first then.
    const first = divisor === 0 && !isEven && before.some((amount) => amount > 0);
    const zeros = step.graph.ints([0, 0, ...before, 0, 0, ...before]);
    const around = first ? step.node('Pad', [x, zeros, step.scalar(0)]) : x;
    const rest = first
      ? pads(
          [0, 0],
          after.map((amount, axis) => Math.max(amount - before[axis]!, 0)),
        )
      : pads(before, after);
    const includes = divisor > 0 || (divisor === 0 && isEven) ? 1 : 0;
    const y = step.node('AveragePool', [around], { ...window, pads: rest, count_include_pad: includes });
    return divisor > 0 && divisor !== count ? step.node('Mul', [y, step.scalar(count / divisor)]) : y;
  });
}

/** Row i: the share that each of `length` positions has in mean i of `count`. */
function meansMatrix(length: number, count: number): Float32Array {
  const matrix = new Float32Array(count * length);
  for (let i = 0; i < count; i++) {
    const [start, end] = [Math.floor((i * length) / count), Math.ceil(((i + 1) * length) / count)];
    matrix.fill(1 / (end - start), i * length + start, i * length + end);
  }
  return matrix;
}

function adaptivePool(step: Writing): Named {
  const [a, b] = step.inputShapes();
  const [height, width] = step.graph.fixedList(a.slice(-2), b.slice(-2), 'the size of an image') as [number, number];
  const [outHeight, outWidth] = step.output.shape.slice(-2) as [number, number];
  return onImages(step, (x) => {
    if (outHeight === 1 && outWidth === 1) return step.node('GlobalAveragePool', [x]);
    if (height % outHeight === 0 && width % outWidth === 0) {
      const kernel = [height / outHeight, width / outWidth];
      return step.node('AveragePool', [x], { kernel_shape: kernel, strides: kernel });
    }
    const rows = step.graph.constant(FLOAT, [outHeight, height], meansMatrix(height, outHeight));
    const columns = step.graph.constant(FLOAT, [outWidth, width], meansMatrix(width, outWidth));
    const turned = step.node('Transpose', [columns], { perm: [1, 0] });
    return step.node('MatMul', [rows, step.node('MatMul', [x, turned])]);
  });
}

/** The learned parts, or what stands for them. */
function affine(step: Writing, count: number): { weight: Named; bias: Named } {
  const [weight, bias] = [step.part('weight'), step.part('bias')];
  return {
    weight: weight === null ? step.filled(count, 1) : step.float(weight),
    bias: bias === null ? step.filled(count, 0) : step.float(bias),
  };
}

/** As the operations have it where none is given. */
const EPS = 1e-5;

const epsilon = (step: Writing): AttributeValue => float(step.setting<number | undefined>('eps') ?? EPS);

function batchNorm(step: Writing): Named {
  const [a] = step.inputShapes();
  const channels = a[1]!;
  const { weight, bias } = affine(step, channels);
  const relu = step.setting<boolean | undefined>('relu') === true;
  const [mean, variance] = [step.part('runningMean'), step.part('runningVar')];
  if (step.setting<boolean | undefined>('training') !== true) {
    const statistics = [step.float(mean!), step.float(variance!)];
    return step.relu(
      step.node('BatchNormalization', [step.x, weight, bias, ...statistics], { epsilon: epsilon(step) }),
      relu,
    );
  }
  // By the batch itself. Written with plain operators: runtimes for inference take the running statistics all the same.
  const axes = a.map((_, axis) => axis).filter((axis) => axis !== 1);
  const centred = step.node('Sub', [step.x, step.node('ReduceMean', [step.x], { axes, keepdims: 1 })]);
  const own = step.node('ReduceMean', [step.node('Mul', [centred, centred])], { axes, keepdims: 1 });
  const eps = step.scalar(step.setting<number | undefined>('eps') ?? EPS);
  const normal = step.node('Div', [centred, step.node('Sqrt', [step.node('Add', [own, eps])])]);
  return step.relu(byChannel(step, normal, weight, bias), relu);
}

/** y = x·weight + bias, each of a channel. */
function byChannel(step: Writing, x: Named, weight: Named, bias: Named): Named {
  const [a] = step.inputShapes();
  const beside = [a[1]!, ...a.slice(2).map(() => 1)];
  const each = (part: Named) => (beside.length === 1 ? part : step.node('Reshape', [part, step.graph.ints(beside)]));
  return step.node('Add', [step.node('Mul', [x, each(weight)]), each(bias)]);
}

function layerNorm(step: Writing): Named {
  const axes = step.number('axes');
  const shape = step.output.shape.slice(-axes);
  const part = (key: string, otherwise: number): Named => {
    const given = step.part(key);
    if (given !== null) return step.float(given);
    return step.graph.constant(FLOAT, shape, new Float32Array(sizeOf(shape)).fill(otherwise));
  };
  const inputs = [step.x, part('weight', 1), ...(step.part('bias') === null ? [] : [part('bias', 0)])];
  return step.node('LayerNormalization', inputs, { axis: -axes, epsilon: epsilon(step) });
}

/** Each group as one channel; weight and bias follow by themselves. */
function groupNorm(step: Writing): Named {
  const { graph } = step;
  const [a, b] = step.inputShapes();
  const [channels, groups] = [a[1]!, step.number('groups')];
  const { weight, bias } = affine(step, channels);
  const attributes = { epsilon: epsilon(step) };
  if (groups === channels && a.length > 2)
    return step.node('InstanceNormalization', [step.x, weight, bias], attributes);
  const inGroups = (shape: readonly number[]) => [shape[0]!, groups, sizeOf(shape.slice(1)) / groups];
  const flat = graph.reshape(step.x, inGroups(a), inGroups(b));
  const normal = step.node('InstanceNormalization', [flat, step.filled(groups, 1), step.filled(groups, 0)], attributes);
  return byChannel(step, step.shaped(normal), weight, bias);
}

function dropout(step: Writing): Named {
  const p = step.number('p');
  if (p === 0) return step.raw;
  if (p === 1) return step.node('Mul', [step.x, step.scalar(0)]);
  const training = step.graph.constant(BOOL, [], [1]);
  return step.node('Dropout', [step.x, step.scalar(p), training]);
}

const reduceLoss = (step: Writing, losses: Named): Named => {
  const how = step.setting<string | undefined>('reduction') ?? 'none';
  return how === 'none' ? losses : step.node(how === 'mean' ? 'ReduceMean' : 'ReduceSum', [losses], { keepdims: 0 });
};

const distance = (step: Writing): Named => step.node('Sub', [step.x, step.float(step.input(1))]);

function smoothLoss(step: Writing): Named {
  const beta = step.number('beta');
  const d = distance(step);
  const magnitude = step.node('Abs', [d]);
  const curved = step.node('Mul', [step.node('Mul', [d, d]), step.scalar(0.5 / beta)]);
  const straight = step.node('Sub', [magnitude, step.scalar(beta / 2)]);
  const isNear = step.condition('Less', magnitude, step.scalar(beta));
  return reduceLoss(step, step.node('Where', [isNear, curved, straight], {}, FLOAT));
}

/** (1 − t)·x + (1 + (w − 1)·t)·softplus(−x) */
function bceWithLogits(step: Writing): Named {
  const [x, target] = [step.x, step.float(step.input(1))];
  const one = step.scalar(1);
  const missed = step.node('Softplus', [step.node('Neg', [x])]);
  const positive = step.both.a.inputs.length > 2 ? step.float(step.input(2)) : null;
  const weight =
    positive === null ? null : step.node('Add', [step.node('Mul', [step.node('Sub', [positive, one]), target]), one]);
  const second = weight === null ? missed : step.node('Mul', [weight, missed]);
  return step.node('Add', [step.node('Mul', [step.node('Sub', [one, target]), x]), second]);
}

function likelihood(step: Writing, opType: string): Named {
  const { graph } = step;
  if ((step.setting<number | undefined>('labelSmoothing') ?? 0) !== 0)
    throw graph.error('smoothed labels have no operator: write the loss with logSoftmax');
  const target = graph.value(step.part('target')!);
  const weight = step.part('weight');
  const flat = step.node('Reshape', [target, graph.ints([-1])]);
  const inputs = [step.x, flat, ...(weight === null ? [] : [step.float(weight)])];
  const attributes = { ignore_index: step.number('ignoreIndex'), reduction: step.setting<string>('reduction') };
  const loss = step.node(opType, inputs, attributes, FLOAT);
  return step.setting('reduction') === 'none' ? step.shaped(loss) : loss;
}

export const layers: Writers = {
  linear: (step) => linear(step, false),
  'linear + relu': (step) => linear(step, true),
  matmul: product,
  conv2d: (step) => convolution(step, false),
  'conv2d + relu': (step) => convolution(step, true),
  convTranspose2d: transposed,
  maxPool2d: maxPool,
  avgPool2d: averagePool,
  adaptiveAvgPool2d: adaptivePool,
  batchNorm,
  layerNorm,
  groupNorm,
  dropout,
  detach: (step) => step.raw,
  mseLoss: (step) => {
    const d = distance(step);
    return reduceLoss(step, step.node('Mul', [d, d]));
  },
  l1Loss: (step) => reduceLoss(step, step.node('Abs', [distance(step)])),
  smoothL1Loss: smoothLoss,
  bceWithLogits,
  nllLoss: (step) => likelihood(step, 'NegativeLogLikelihoodLoss'),
  crossEntropy: (step) => likelihood(step, 'SoftmaxCrossEntropyLoss'),
};
