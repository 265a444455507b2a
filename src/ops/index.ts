// Every operation, by family; small siblings share a file.

export { type Conv1dOptions, type ConvTranspose1dOptions, conv1d, convTranspose1d } from './conv/conv1d.js';
export { type Conv2dOptions, conv2d } from './conv/conv2d.js';
export { type ConvTranspose2dOptions, convTranspose2d } from './conv/convTranspose2d.js';
export { abs } from './elementwise/abs.js';
// ---- Element by element ----
export { add, div, mul, sub } from './elementwise/arithmetic.js';
export type { Operand } from './elementwise/binary.js';
export { broadcastTo } from './elementwise/broadcast.js';
export { cast } from './elementwise/cast.js';
export { type ClampOptions, clamp } from './elementwise/clamp.js';
export { eq, ge, gt, le, lt, ne } from './elementwise/compare.js';
export { elu } from './elementwise/elu.js';
export { exp } from './elementwise/exp.js';
export { maximum, minimum } from './elementwise/extremes.js';
export { type GeluOptions, gelu } from './elementwise/gelu.js';
export { glu } from './elementwise/glu.js';
export { leakyRelu } from './elementwise/leakyRelu.js';
export { log, log1p } from './elementwise/log.js';
export {
  isfinite,
  isnan,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
} from './elementwise/logical.js';
export { logSigmoid } from './elementwise/logSigmoid.js';
export { mish } from './elementwise/mish.js';
export { neg } from './elementwise/neg.js';
export { pow } from './elementwise/pow.js';
export { prelu } from './elementwise/prelu.js';
export { reciprocal } from './elementwise/reciprocal.js';
export { relu } from './elementwise/relu.js';
export { hardswish, relu6 } from './elementwise/relu6.js';
export { ceil, floor, round, sign } from './elementwise/rounding.js';
export { selu } from './elementwise/selu.js';
export { sigmoid } from './elementwise/sigmoid.js';
export { silu } from './elementwise/silu.js';
export { cos, sin } from './elementwise/sin.js';
export { type SoftplusOptions, softplus } from './elementwise/softplus.js';
export { rsqrt, sqrt } from './elementwise/sqrt.js';
export { square } from './elementwise/square.js';
export { tanh } from './elementwise/tanh.js';
export { maskedFill, where } from './elementwise/where.js';
export { type AttentionOptions, scaledDotProductAttention } from './gemm/attention.js';
export { einsum } from './gemm/einsum.js';
export { linear } from './gemm/linear.js';
// ---- Products and images ----
export { matmul } from './gemm/matmul.js';
export { outer } from './gemm/outer.js';
export { type BceLossOptions, bceLoss } from './loss/bceLoss.js';
export { type BceOptions, bceWithLogits } from './loss/bceWithLogits.js';
// ---- Losses ----
export { type CrossEntropyOptions, crossEntropy, type NllOptions, nllLoss } from './loss/crossEntropy.js';
export { type KLDivOptions, klDivLoss } from './loss/klDivLoss.js';
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  type MarginOptions,
  type MultiMarginOptions,
  marginRankingLoss,
  multiMarginLoss,
  type TripletMarginOptions,
  tripletMarginLoss,
} from './loss/marginLosses.js';
export {
  type HuberOptions,
  huberLoss,
  l1Loss,
  mseLoss,
  type SmoothL1Options,
  smoothL1Loss,
} from './loss/pointwiseLoss.js';
export type { LossOptions, Reduction } from './loss/reduction.js';
export { chunk, unbind } from './movement/chunk.js';
export { clone } from './movement/clone.js';
export { concat, stack } from './movement/concat.js';
export { diag } from './movement/diag.js';
export { type EmbeddingOptions, embedding, oneHot } from './movement/embedding.js';
export { flip } from './movement/flip.js';
export { gather } from './movement/gather.js';
export { indexSelect } from './movement/indexSelect.js';
export { type InterpolateMode, type InterpolateOptions, interpolate } from './movement/interpolate.js';
export { type PadMode, type PadOptions, pad } from './movement/pad.js';
export { permute, transpose } from './movement/permute.js';
export { pixelShuffle } from './movement/pixelShuffle.js';
export { expand, repeat } from './movement/repeat.js';
export { type FlattenOptions, flatten, reshape, squeeze, unflatten, unsqueeze } from './movement/reshape.js';
// ---- Shapes and places ----
export { roll } from './movement/roll.js';
export { scatter, scatterAdd } from './movement/scatter.js';
export { type SliceOptions, select, slice, split } from './movement/slice.js';
export { type TriangleOptions, tril, triu } from './movement/triangle.js';
export { type BatchNormOptions, batchNorm } from './norm/batchNorm.js';
export { type DropoutOptions, dropout, dropout1d, dropout2d } from './norm/dropout.js';
export { groupNorm } from './norm/groupNorm.js';
export { layerNorm } from './norm/layerNorm.js';
// ---- Normalisation and dropout ----
export type { AffineOptions } from './norm/normalisation.js';
export { type RmsNormOptions, rmsNorm } from './norm/rmsNorm.js';
export { type AvgPool2dOptions, adaptiveAvgPool2d, avgPool2d } from './pool/avgPool2d.js';
export { adaptiveMaxPool2d, type MaxPool2dOptions, maxPool2d } from './pool/maxPool2d.js';
export {
  type AvgPool1dOptions,
  adaptiveAvgPool1d,
  avgPool1d,
  type MaxPool1dOptions,
  maxPool1d,
  type SlidingOptions1d,
} from './pool/pool1d.js';
export type { Pair, SlidingOptions } from './pool/window.js';
// ---- Random numbers ----
export { type MultinomialOptions, multinomial } from './random/multinomial.js';
export {
  bernoulli,
  fillNormal,
  fillUniform,
  type MaskOptions,
  type RandomOptions,
  rand,
  randint,
  randn,
  randperm,
} from './random/random.js';
export { type AllcloseOptions, all, allclose, any } from './reduce/any.js';
// ---- Over axes ----
export { cumsum } from './reduce/cumsum.js';
export type { Axes, ReduceOptions } from './reduce/fold.js';
export { logSumExp } from './reduce/logSumExp.js';
export { argmax, argmin, max, min } from './reduce/max.js';
export { type NormOptions, norm } from './reduce/norm.js';
export {
  type CosineSimilarityOptions,
  cosineSimilarity,
  type NormalizeOptions,
  normalize,
} from './reduce/normalize.js';
export { prod } from './reduce/prod.js';
export { logSoftmax, softmax } from './reduce/softmax.js';
export { argsort, type Sorted, type SortOptions, sort, type TopkOptions, topk } from './reduce/sort.js';
export { mean, sum } from './reduce/sum.js';
export { std, type VarianceOptions, variance } from './reduce/variance.js';
