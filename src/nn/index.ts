/**
 * Modules, layers and losses.
 *
 * @module nn
 */
export { Module, type AnyModule, type Member } from './core/module.js';
export { Parameter, type ParameterOptions } from './core/parameter.js';
export { BufferTensor as Buffer, type BufferOptions } from './core/buffer.js';
export { observeForward, type ForwardEvent } from './core/forward.js';
export type { Sizes, Features, Channels, Keeps, Pools, Flattens, Chain, Around, InputSize, OutputSize } from './core/sizes.js';
export type { StateDict, StateArray, LoadableState, LoadOptions, LoadResult } from './core/state.js';
export type { SummaryOptions } from './core/summary.js';

export * as init from './init.js';

export { Sequential, type LayerRow } from './containers/sequential.js';
export { ModuleList } from './containers/moduleList.js';
export { Residual, type ResidualWays } from './containers/residual.js';
export { Identity } from './layers/identity.js';
export { Flatten } from './layers/flatten.js';

export { Linear, type LinearOptions } from './layers/linear.js';
export { Conv2d, type Conv2dOptions } from './layers/conv2d.js';
export { ConvTranspose2d, type ConvTranspose2dOptions } from './layers/convTranspose2d.js';
export { BatchNorm, type BatchNormOptions } from './layers/batchNorm.js';
export { BatchNorm1d } from './layers/batchNorm1d.js';
export { BatchNorm2d } from './layers/batchNorm2d.js';
export { LayerNorm, type LayerNormOptions } from './layers/layerNorm.js';
export { GroupNorm, type GroupNormOptions } from './layers/groupNorm.js';
export { Dropout } from './layers/dropout.js';
export { Embedding } from './layers/embedding.js';
export { MaxPool2d } from './layers/maxPool2d.js';
export { AvgPool2d } from './layers/avgPool2d.js';
export { AdaptiveAvgPool2d } from './layers/adaptiveAvgPool2d.js';

export { ReLU } from './activations/relu.js';
export { LeakyReLU } from './activations/leakyRelu.js';
export { ELU } from './activations/elu.js';
export { GELU } from './activations/gelu.js';
export { SiLU } from './activations/silu.js';
export { Softplus } from './activations/softplus.js';
export { Sigmoid } from './activations/sigmoid.js';
export { Tanh } from './activations/tanh.js';
export { Softmax } from './activations/softmax.js';
export { LogSoftmax } from './activations/logSoftmax.js';

export { CrossEntropyLoss } from './losses/crossEntropyLoss.js';
export { NLLLoss } from './losses/nllLoss.js';
export { MSELoss } from './losses/mseLoss.js';
export { L1Loss } from './losses/l1Loss.js';
export { SmoothL1Loss } from './losses/smoothL1Loss.js';
export { BCEWithLogitsLoss } from './losses/bceWithLogitsLoss.js';
