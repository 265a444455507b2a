/**
 * Modules, layers and losses.
 *
 * @module nn
 */

export { ELU } from './activations/elu.js';
export { GELU } from './activations/gelu.js';
export { GLU } from './activations/glu.js';
export { Hardswish } from './activations/hardswish.js';
export { LeakyReLU } from './activations/leakyRelu.js';
export { LogSigmoid } from './activations/logSigmoid.js';
export { LogSoftmax } from './activations/logSoftmax.js';
export { Mish } from './activations/mish.js';
export { PReLU, type PReLUOptions } from './activations/prelu.js';
export { ReLU } from './activations/relu.js';
export { ReLU6 } from './activations/relu6.js';
export { SELU } from './activations/selu.js';
export { Sigmoid } from './activations/sigmoid.js';
export { SiLU } from './activations/silu.js';
export { Softmax } from './activations/softmax.js';
export { Softplus } from './activations/softplus.js';
export { Tanh } from './activations/tanh.js';
export { ModuleDict } from './containers/moduleDict.js';
export { ModuleList } from './containers/moduleList.js';
export { ParameterList } from './containers/parameterList.js';
export { Residual, type ResidualWays } from './containers/residual.js';
export { type LayerRow, Sequential } from './containers/sequential.js';
export { type BufferOptions, BufferTensor as Buffer } from './core/buffer.js';
export type { EndsInRelu, Fused, FusesBefore, Stage } from './core/fuse.js';
export { Layer } from './core/layer.js';
export { type AnyModule, type Member, Module } from './core/module.js';
export { type ForwardEvent, observeForward } from './core/observeForward.js';
export { Parameter, type ParameterOptions } from './core/parameter.js';
export type {
  Around,
  Chain,
  Channels,
  Features,
  Flattens,
  InputSize,
  Keeps,
  OutputSize,
  Pools,
  Sizes,
} from './core/sizes.js';
export type { LoadableState, LoadOptions, LoadResult, StateArray, StateDict } from './core/state.js';
export type { SummaryOptions } from './core/summary.js';
export * as init from './init.js';
export { AdaptiveAvgPool1d } from './layers/adaptiveAvgPool1d.js';
export { AdaptiveAvgPool2d } from './layers/adaptiveAvgPool2d.js';
export { AdaptiveMaxPool2d } from './layers/adaptiveMaxPool2d.js';
export { AvgPool1d } from './layers/avgPool1d.js';
export { AvgPool2d } from './layers/avgPool2d.js';
export { BatchNorm, type BatchNormOptions } from './layers/batchNorm.js';
export { BatchNorm1d } from './layers/batchNorm1d.js';
export { BatchNorm2d } from './layers/batchNorm2d.js';
export { Conv1d, type Conv1dOptions } from './layers/conv1d.js';
export { Conv2d, type Conv2dOptions } from './layers/conv2d.js';
export { ConvTranspose1d, type ConvTranspose1dOptions } from './layers/convTranspose1d.js';
export { ConvTranspose2d, type ConvTranspose2dOptions } from './layers/convTranspose2d.js';
export { Dropout, Dropout1d, Dropout2d } from './layers/dropout.js';
export { Embedding } from './layers/embedding.js';
export { Flatten } from './layers/flatten.js';
export { GroupNorm, type GroupNormOptions } from './layers/groupNorm.js';
export { Identity } from './layers/identity.js';
export { InstanceNorm1d, InstanceNorm2d } from './layers/instanceNorm.js';
export { LayerNorm, type LayerNormOptions } from './layers/layerNorm.js';
export { Linear, type LinearOptions } from './layers/linear.js';
export { MaxPool1d } from './layers/maxPool1d.js';
export { MaxPool2d } from './layers/maxPool2d.js';
export {
  MultiheadAttention,
  type MultiheadAttentionOptions,
  type MultiheadForwardOptions,
} from './layers/multiheadAttention.js';
export { PixelShuffle } from './layers/pixelShuffle.js';
export {
  GRU,
  LSTM,
  type LSTMState,
  type RecurrentOptions,
  RNN,
  type RNNOptions,
  type SequenceOptions,
} from './layers/recurrent.js';
export { GRUCell, LSTMCell, type RecurrentCellOptions, RNNCell, type RNNCellOptions } from './layers/recurrentCell.js';
export { RMSNorm, type RMSNormOptions } from './layers/rmsNorm.js';
export { type PositionOptions, SinusoidalPositions } from './layers/sinusoidalPositions.js';
export {
  type EncoderForwardOptions,
  type EncoderLayerForwardOptions,
  type EncoderMasks,
  TransformerEncoder,
  TransformerEncoderLayer,
  type TransformerEncoderLayerOptions,
} from './layers/transformerEncoder.js';
export { Unflatten } from './layers/unflatten.js';
export { Upsample } from './layers/upsample.js';
export { BCELoss } from './losses/bceLoss.js';
export { BCEWithLogitsLoss } from './losses/bceWithLogitsLoss.js';
export { CosineEmbeddingLoss } from './losses/cosineEmbeddingLoss.js';
export { CrossEntropyLoss } from './losses/crossEntropyLoss.js';
export { HingeEmbeddingLoss } from './losses/hingeEmbeddingLoss.js';
export { HuberLoss } from './losses/huberLoss.js';
export { KLDivLoss } from './losses/klDivLoss.js';
export { L1Loss } from './losses/l1Loss.js';
export { MarginRankingLoss } from './losses/marginRankingLoss.js';
export { MSELoss } from './losses/mseLoss.js';
export { MultiMarginLoss } from './losses/multiMarginLoss.js';
export { NLLLoss } from './losses/nllLoss.js';
export { SmoothL1Loss } from './losses/smoothL1Loss.js';
export { TripletMarginLoss } from './losses/tripletMarginLoss.js';
