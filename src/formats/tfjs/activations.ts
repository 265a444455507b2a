/** The activation functions of TensorFlow.js. */
import * as nn from '../../nn/index.js';
import type { ModelBuilder } from './builder.js';
import type { LayerConfig } from './config.js';
import { BoundedReLU } from './modules.js';

/** By name; softmax runs over the channels, which are on axis 1 of images. */
const ACTIVATIONS: Readonly<Record<string, (axis: number) => nn.Module>> = {
  relu: () => new nn.ReLU(),
  relu6: () => new BoundedReLU(6),
  sigmoid: () => new nn.Sigmoid(),
  tanh: () => new nn.Tanh(),
  elu: () => new nn.ELU(),
  softplus: () => new nn.Softplus(),
  swish: () => new nn.SiLU(),
  silu: () => new nn.SiLU(),
  gelu: () => new nn.GELU(),
  gelu_new: () => new nn.GELU({ approximate: 'tanh' }),
  softmax: (axis) => new nn.Softmax(axis),
  log_softmax: (axis) => new nn.LogSoftmax(axis),
  logSoftmax: (axis) => new nn.LogSoftmax(axis),
};

/** Adds the activation that a layer ends with, if it has one. */
export function addActivation(layer: LayerConfig, builder: ModelBuilder): void {
  const name = layer.text('activation', 'linear');
  if (name === 'linear') return;
  if (!Object.hasOwn(ACTIVATIONS, name)) layer.refuse(`has the activation ${JSON.stringify(name)}, which is not read`);
  builder.add(ACTIVATIONS[name]!(channelAxis(layer, builder)));
}

/** The axis of the channels, or of the features. */
export function channelAxis(layer: LayerConfig, builder: ModelBuilder): number {
  return 'channels' in builder.shapeFor(layer) ? 1 : -1;
}
