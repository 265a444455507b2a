/**
 * Modules, layers and losses.
 *
 * @module nn
 */
export { Module, type AnyModule, type Member } from './module.js';
export { Parameter, type ParameterOptions } from './parameter.js';
export { BufferTensor as Buffer, type BufferOptions } from './buffer.js';
export { observeForward, type ForwardEvent } from './forward.js';
export type { Sizes, Features, Channels, Keeps, Pools, Flattens, Chain, Around, InputSize, OutputSize } from './sizes.js';
export type { StateDict, StateArray, LoadableState, LoadOptions, LoadResult } from './state.js';
export type { SummaryOptions } from './summary.js';

export * as init from './init.js';

export { Sequential, type LayerRow } from './sequential.js';
export { ModuleList } from './moduleList.js';
export { Residual, type ResidualWays } from './residual.js';
export { Identity } from './identity.js';
export { Flatten } from './flatten.js';

export { Linear, type LinearOptions } from './linear.js';
export { Conv2d, type Conv2dOptions } from './conv2d.js';
export { ConvTranspose2d, type ConvTranspose2dOptions } from './convTranspose2d.js';
export { BatchNorm, type BatchNormOptions } from './batchNorm.js';
export { BatchNorm1d } from './batchNorm1d.js';
export { BatchNorm2d } from './batchNorm2d.js';
export { LayerNorm, type LayerNormOptions } from './layerNorm.js';
export { GroupNorm, type GroupNormOptions } from './groupNorm.js';
export { Dropout } from './dropout.js';
export { Embedding } from './embedding.js';
export { MaxPool2d } from './maxPool2d.js';
export { AvgPool2d } from './avgPool2d.js';
export { AdaptiveAvgPool2d } from './adaptiveAvgPool2d.js';

export { ReLU } from './relu.js';
export { LeakyReLU } from './leakyRelu.js';
export { ELU } from './elu.js';
export { GELU } from './gelu.js';
export { SiLU } from './silu.js';
export { Softplus } from './softplus.js';
export { Sigmoid } from './sigmoid.js';
export { Tanh } from './tanh.js';
export { Softmax } from './softmax.js';
export { LogSoftmax } from './logSoftmax.js';

export { CrossEntropyLoss } from './crossEntropyLoss.js';
export { NLLLoss } from './nllLoss.js';
export { MSELoss } from './mseLoss.js';
export { L1Loss } from './l1Loss.js';
export { SmoothL1Loss } from './smoothL1Loss.js';
export { BCEWithLogitsLoss } from './bceWithLogitsLoss.js';
