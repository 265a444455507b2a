/** The networks of the training and inference cases, and what one pass through them costs. */
import type { Layer, Network } from './work.js';

const relu: Layer = { layer: 'relu' };
const flatten: Layer = { layer: 'flatten' };
const linear = (inputs: number, out: number): Layer => ({ layer: 'linear', in: inputs, out });

function conv(
  inputs: number,
  out: number,
  kernel: number,
  { stride = 1, padding = (kernel - 1) / 2, bias = true } = {},
): Layer {
  return { layer: 'conv', in: inputs, out, kernel, stride, padding, bias };
}

/** A multilayer perceptron; the first size is the number of features. */
export function mlp(sizes: readonly number[], batchNorm = false): Network {
  const layers: Layer[] = [];
  for (let i = 1; i < sizes.length; i++) {
    const size = sizes[i]!;
    layers.push(linear(sizes[i - 1]!, size));
    if (i === sizes.length - 1) break;
    if (batchNorm) layers.push({ layer: 'batchNorm', channels: size, images: false });
    layers.push(relu);
  }
  return { input: [sizes[0]!], layers };
}

/** Convolutions to 4 and 4 channels, each followed by an average pool, then a linear layer. */
export function smallCnn(batchNorm = false): Network {
  const stage = (inputs: number): Layer[] => [
    conv(inputs, 4, 3),
    ...(batchNorm ? [{ layer: 'batchNorm', channels: 4, images: true } as const] : []),
    relu,
    { layer: 'averagePool', size: 2 },
  ];
  return { input: [1, 28, 28], layers: [...stage(1), ...stage(4), flatten, linear(4 * 7 * 7, 10)] };
}

export const lenet5: Network = {
  input: [1, 28, 28],
  layers: [
    conv(1, 6, 5),
    relu,
    { layer: 'maxPool', size: 2 },
    conv(6, 16, 5, { padding: 0 }),
    relu,
    { layer: 'maxPool', size: 2 },
    flatten,
    linear(400, 120),
    relu,
    linear(120, 84),
    relu,
    linear(84, 10),
  ],
};

/** Convolutions to 24 and 32 channels, each followed by a maximum pool, then 256 hidden units. */
export function fastCnn(batchNorm = false): Network {
  const stage = (inputs: number, out: number, kernel: number): Layer[] => [
    conv(inputs, out, kernel, { padding: 0 }),
    { layer: 'maxPool', size: 2 },
    ...(batchNorm ? [{ layer: 'batchNorm', channels: out, images: true } as const] : []),
    relu,
  ];
  return {
    input: [1, 28, 28],
    layers: [...stage(1, 24, 5), ...stage(24, 32, 3), flatten, linear(800, 256), relu, linear(256, 10)],
  };
}

export const miniResNet: Network = {
  input: [1, 28, 28],
  layers: [
    ...normalised(1, 16, 3, 1),
    relu,
    ...block(16, 16, 1),
    ...block(16, 32, 2),
    ...block(32, 64, 2),
    { layer: 'globalAveragePool' },
    flatten,
    linear(64, 10),
  ],
};

/** 64 steps of 128 numbers, read by an LSTM of 128. */
export const lstm: Network = {
  input: [64, 128],
  layers: [{ layer: 'lstm', in: 128, hidden: 128 }, linear(128, 10)],
};

/** Two blocks of a GPT on 64 places of width 128, with four heads. */
export const gpt: Network = {
  input: [64, 128],
  layers: [
    { layer: 'block', width: 128, heads: 4, hidden: 512 },
    { layer: 'block', width: 128, heads: 4, hidden: 512 },
    { layer: 'meanOverSteps' },
    linear(128, 10),
  ],
};

function normalised(inputs: number, out: number, kernel: number, stride: number): Layer[] {
  return [conv(inputs, out, kernel, { stride, bias: false }), { layer: 'batchNorm', channels: out, images: true }];
}

function block(inputs: number, out: number, stride: number): Layer[] {
  const body = [...normalised(inputs, out, 3, stride), relu, ...normalised(out, out, 3, 1)];
  return [
    { layer: 'residual', body, shortcut: inputs === out && stride === 1 ? [] : normalised(inputs, out, 1, stride) },
    relu,
  ];
}

/** One parameter, and how it begins: uniform within ±bound, or all `value`. */
export interface ParameterSpec {
  readonly shape: readonly number[];
  readonly start: { readonly bound: number } | { readonly value: number };
}

/** The parameters, in the order of PyTorch's `model.parameters()`, beginning as torch.nn's do. */
export function parametersOf(layers: readonly Layer[]): ParameterSpec[] {
  return layers.flatMap((spec): ParameterSpec[] => {
    switch (spec.layer) {
      case 'linear': {
        const start = { bound: 1 / Math.sqrt(spec.in) };
        return [
          { shape: [spec.out, spec.in], start },
          { shape: [spec.out], start },
        ];
      }
      case 'conv': {
        const start = { bound: 1 / Math.sqrt(spec.in * spec.kernel ** 2) };
        return [
          { shape: [spec.out, spec.in, spec.kernel, spec.kernel], start },
          ...(spec.bias ? [{ shape: [spec.out], start }] : []),
        ];
      }
      case 'batchNorm':
        return [
          { shape: [spec.channels], start: { value: 1 } },
          { shape: [spec.channels], start: { value: 0 } },
        ];
      case 'lstm': {
        const start = { bound: 1 / Math.sqrt(spec.hidden) };
        const width = 4 * spec.hidden;
        return [[width, spec.in], [width, spec.hidden], [width], [width]].map((shape) => ({ shape, start }));
      }
      case 'block': {
        const { width, hidden } = spec;
        const matrix = (out: number, inputs: number): ParameterSpec[] => [
          { shape: [out, inputs], start: { bound: 1 / Math.sqrt(inputs) } },
          { shape: [out], start: { value: 0 } },
        ];
        const norm: ParameterSpec[] = [1, 0].map((value) => ({ shape: [width], start: { value } }));
        return [
          ...matrix(3 * width, width),
          ...matrix(width, width),
          ...matrix(hidden, width),
          ...matrix(width, hidden),
          ...norm,
          ...norm,
        ];
      }
      case 'residual':
        return [...parametersOf(spec.body), ...parametersOf(spec.shortcut)];
      default:
        return [];
    }
  });
}

/** Shape of what a layer makes of one sample of shape `input`. */
export function shapeAfter(spec: Layer, input: readonly number[]): readonly number[] {
  const [channels = 0, height = 0, width = 0] = input;
  switch (spec.layer) {
    case 'linear':
      return [spec.out];
    case 'conv': {
      const length = (before: number) => Math.floor((before + 2 * spec.padding - spec.kernel) / spec.stride) + 1;
      return [spec.out, length(height), length(width)];
    }
    case 'maxPool':
    case 'averagePool':
      return [channels, Math.floor(height / spec.size), Math.floor(width / spec.size)];
    case 'globalAveragePool':
      return [channels, 1, 1];
    case 'flatten':
      return [channels * height * width];
    case 'lstm':
      return [spec.hidden];
    case 'meanOverSteps':
      return input.slice(1);
    case 'residual':
      return spec.body.reduce<readonly number[]>((shape, inner) => shapeAfter(inner, shape), input);
    case 'batchNorm':
    case 'block':
    case 'relu':
      return input;
  }
}

/**
 * FLOP of the products (linear layers, convolutions, those of LSTMs and attention) for one sample: forward, and in
 * training also the gradients of weights and inputs, the input of the network excepted. All else is small beside them
 * and not counted.
 */
export function networkFlops({ input, layers }: Network, training: boolean): number {
  let first = true;
  const walk = (list: readonly Layer[], from: readonly number[]): [flops: number, shape: readonly number[]] => {
    let shape = from;
    let flops = 0;
    for (const spec of list) {
      const after = shapeAfter(spec, shape);
      if (spec.layer === 'linear' || spec.layer === 'conv') {
        const forward =
          spec.layer === 'linear'
            ? 2 * spec.in * spec.out
            : 2 * after.reduce((size, length) => size * length, 1) * spec.in * spec.kernel ** 2;
        flops += training ? forward * (first ? 2 : 3) : forward;
        first = false;
      } else if (spec.layer === 'lstm') {
        const [input, hidden] = [training ? (first ? 2 : 3) : 1, training ? 3 : 1];
        flops += 8 * shape[0]! * spec.hidden * (input * spec.in + hidden * spec.hidden);
        first = false;
      } else if (spec.layer === 'block') {
        const [steps, width] = shape as [number, number];
        flops += (training ? 3 : 1) * steps * (8 * width ** 2 + 4 * width * spec.hidden + 4 * steps * width);
        first = false;
      } else if (spec.layer === 'residual') {
        flops += walk(spec.body, shape)[0] + walk(spec.shortcut, shape)[0];
      }
      shape = after;
    }
    return [flops, shape];
  };
  return walk(layers, input)[0];
}

/**
 * Bytes that a training step cannot do without, beyond parameters, optimizer state and data: what every layer puts out,
 * once; a gradient for each parameter; and the gradients on both sides of the layer where these two are largest.
 */
export function neededBytes({ input, layers }: Network, batch: number): number {
  const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
  let [outputs, widest] = [0, 0];
  const walk = (list: readonly Layer[], from: readonly number[]): void => {
    let shape = from;
    for (const spec of list) {
      const before = shape;
      shape = shapeAfter(spec, before);
      if (spec.layer === 'flatten') continue; // The same numbers under another shape.
      if (spec.layer === 'residual') for (const branch of [spec.body, spec.shortcut]) walk(branch, before);
      outputs += size(shape);
      widest = Math.max(widest, size(before) + size(shape));
    }
  };
  walk(layers, input);
  return 4 * (batch * (outputs + widest) + parametersOf(layers).reduce((sum, { shape }) => sum + size(shape), 0));
}
