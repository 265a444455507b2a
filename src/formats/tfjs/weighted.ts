/** The layers of TensorFlow.js that have weights, in PyTorch's layouts. */
import type { StoredTensor } from '../../io/safetensors.js';
import * as nn from '../../nn/index.js';
import type { Shape } from '../../tensor/shape.js';
import { addActivation } from './activations.js';
import type { ModelBuilder } from './builder.js';
import type { LayerConfig } from './config.js';
import { windowsOf } from './geometry.js';
import { ZeroPad } from './modules.js';

const float32 = (shape: Shape, data: Float32Array): StoredTensor => ({ dtype: 'float32', shape, data });

/** A vector of a layer in the order that the layer takes here. */
function reordered(stored: StoredTensor, place: (position: number) => number): StoredTensor {
  return float32(stored.shape, stored.data.map((_, position) => stored.data[place(position)]!) as Float32Array);
}

/** kernel [in, out] → weight [out, in] */
export function dense(layer: LayerConfig, builder: ModelBuilder): void {
  const shape = builder.shapeFor(layer);
  if (!('features' in shape)) return layer.refuse('takes vectors, but gets images: put a Flatten before it');
  const [inputs, units] = [shape.features, layer.size('units')];
  const bias = layer.flag('use_bias', true);
  const kernel = builder.weight(layer, 'kernel', [inputs, units]).data;
  const place = builder.takeOrder();
  const weight = new Float32Array(inputs * units);
  for (let input = 0; input < inputs; input++) {
    const row = place(input) * units;
    for (let unit = 0; unit < units; unit++) weight[unit * inputs + input] = kernel[row + unit]!;
  }
  builder.add(new nn.Linear(inputs, units, { bias }), {
    weight: float32([units, inputs], weight),
    ...(bias && { bias: builder.weight(layer, 'bias', [units]) }),
  });
  builder.setShape({ features: units });
  addActivation(layer, builder);
}

/** kernel [height, width, in, out] → weight [out, in, height, width] */
export function convolution(layer: LayerConfig, builder: ModelBuilder): void {
  const { channels } = builder.imagesFor(layer);
  const filters = layer.size('filters');
  if (layer.number('groups', 1) !== 1) layer.refuse('has groups, which are not read');
  const [height, width] = layer.pair('kernel_size', [1, 1]);
  convolve(layer, builder, convolutionWeight(layer, builder, 'kernel', [height, width, channels, filters]), 1);
  addActivation(layer, builder);
}

function convolutionWeight(
  layer: LayerConfig,
  builder: ModelBuilder,
  name: string,
  shape: readonly [height: number, width: number, channels: number, filters: number],
): StoredTensor {
  const [height, width, channels, filters] = shape;
  const kernel = builder.weight(layer, name, shape).data;
  const weight = new Float32Array(kernel.length);
  const pixels = height * width;
  for (let from = 0, pixel = 0; pixel < pixels; pixel++)
    for (let input = 0; input < channels; input++)
      for (let output = 0; output < filters; output++, from++)
        weight[(output * channels + input) * pixels + pixel] = kernel[from]!;
  return float32([filters, channels, height, width], weight);
}

export function depthwise(layer: LayerConfig, builder: ModelBuilder): void {
  convolve(layer, builder, depthwiseWeight(layer, builder), builder.imagesFor(layer).channels);
  addActivation(layer, builder);
}

/** A convolution of each channel by itself, and one of single pixels over all channels, which has the bias. */
export function separable(layer: LayerConfig, builder: ModelBuilder): void {
  convolve(layer, builder, depthwiseWeight(layer, builder), builder.imagesFor(layer).channels, false);
  const { channels, height, width } = builder.imagesFor(layer);
  const filters = layer.size('filters');
  const bias = layer.flag('use_bias', true);
  builder.add(new nn.Conv2d(channels, filters, 1, { bias }), {
    weight: convolutionWeight(layer, builder, 'pointwise_kernel', [1, 1, channels, filters]),
    ...(bias && { bias: builder.weight(layer, 'bias', [filters]) }),
  });
  builder.setShape({ channels: filters, height, width });
  addActivation(layer, builder);
}

/** kernel [height, width, in, multiplier] → weight [in·multiplier, 1, height, width] */
function depthwiseWeight(layer: LayerConfig, builder: ModelBuilder): StoredTensor {
  const { channels } = builder.imagesFor(layer);
  const multiplier = layer.number('depth_multiplier', 1);
  if (!Number.isInteger(multiplier) || multiplier < 1) layer.refuse(`has the depth_multiplier ${multiplier}`);
  const [height, width] = layer.pair('kernel_size', [1, 1]);
  const kernel = builder.weight(layer, 'depthwise_kernel', [height, width, channels, multiplier]).data;
  const filters = channels * multiplier;
  const weight = new Float32Array(kernel.length);
  for (let from = 0, pixel = 0; pixel < height * width; pixel++)
    for (let output = 0; output < filters; output++, from++) weight[output * height * width + pixel] = kernel[from]!;
  return float32([filters, 1, height, width], weight);
}

function convolve(
  layer: LayerConfig,
  builder: ModelBuilder,
  weight: StoredTensor,
  groups: number,
  bias = layer.flag('use_bias', true),
): void {
  layer.checkFormat();
  const { channels, height, width } = builder.imagesFor(layer);
  const [filters, , ...kernel] = weight.shape as [number, number, number, number];
  const stride = layer.pair('strides', [1, 1]);
  const dilation = layer.pair('dilation_rate', [1, 1]);
  const rows = windowsOf(layer, height, dilation[0] * (kernel[0] - 1) + 1, stride[0]);
  const columns = windowsOf(layer, width, dilation[1] * (kernel[1] - 1) + 1, stride[1]);
  let padding = [rows.before, columns.before] as const;
  if (rows.before !== rows.after || columns.before !== columns.after) {
    builder.add(new ZeroPad([columns.before, columns.after, rows.before, rows.after]));
    padding = [0, 0];
  }
  builder.add(new nn.Conv2d(channels, filters, kernel, { stride, padding, dilation, groups, bias }), {
    weight,
    ...(bias && { bias: builder.weight(layer, 'bias', [filters]) }),
  });
  builder.setShape({ channels: filters, height: rows.count, width: columns.count });
}

/** gamma, beta, moving_mean, moving_variance → weight, bias, running_mean, running_var */
export function batchNorm(layer: LayerConfig, builder: ModelBuilder): void {
  const shape = builder.shapeFor(layer);
  const images = 'channels' in shape;
  const size = images ? shape.channels : shape.features;
  const given = layer.get('axis') ?? -1;
  const axis = Array.isArray(given) ? (given as unknown[])[0] : given;
  if (axis !== -1 && axis !== (images ? 3 : 1)) layer.refuse(`has the axis ${String(axis)}; the last one is read`);
  const [scale, center] = [layer.flag('scale', true), layer.flag('center', true)];
  const [eps, momentum] = [layer.number('epsilon', 1e-3), layer.number('momentum', 0.99)];
  if (!(momentum >= 0 && momentum <= 1 && eps >= 0))
    layer.refuse(`has the momentum ${momentum} and the epsilon ${eps}`);
  const { place } = builder;
  const vector = (name: string) => reordered(builder.weight(layer, name, [size]), place);
  const constant = (value: number) => float32([size], new Float32Array(size).fill(value));
  const affine = scale || center;
  const module = new (images ? nn.BatchNorm2d : nn.BatchNorm1d)(size, { eps, momentum: 1 - momentum, affine });
  if (affine && !scale) module.weight!.requireGrad(false);
  if (affine && !center) module.bias!.requireGrad(false);
  builder.add(module, {
    ...(affine && { weight: scale ? vector('gamma') : constant(1), bias: center ? vector('beta') : constant(0) }),
    running_mean: vector('moving_mean'),
    running_var: vector('moving_variance'),
    num_batches_tracked: { dtype: 'int32', shape: [], data: new Int32Array(1) },
  });
}
