// Every operation, by family; small siblings share a file.

// ---- Element by element ----
export { add, sub, mul, div } from './elementwise/arithmetic.js';
export type { Operand } from './elementwise/binary.js';
export { pow } from './elementwise/pow.js';
export { maximum, minimum } from './elementwise/extremes.js';
export { clamp, type ClampOptions } from './elementwise/clamp.js';
export { neg } from './elementwise/neg.js';
export { abs } from './elementwise/abs.js';
export { square } from './elementwise/square.js';
export { reciprocal } from './elementwise/reciprocal.js';
export { sqrt, rsqrt } from './elementwise/sqrt.js';
export { exp } from './elementwise/exp.js';
export { log } from './elementwise/log.js';
export { relu } from './elementwise/relu.js';
export { leakyRelu } from './elementwise/leakyRelu.js';
export { elu } from './elementwise/elu.js';
export { gelu, type GeluOptions } from './elementwise/gelu.js';
export { silu } from './elementwise/silu.js';
export { softplus, type SoftplusOptions } from './elementwise/softplus.js';
export { sigmoid } from './elementwise/sigmoid.js';
export { tanh } from './elementwise/tanh.js';
export { eq, ne, lt, le, gt, ge } from './elementwise/compare.js';
export { where } from './elementwise/where.js';
export { cast } from './elementwise/cast.js';

// ---- Over axes ----
export type { Axes, ReduceOptions } from './reduce/fold.js';
export { sum, mean } from './reduce/sum.js';
export { variance, std, type VarianceOptions } from './reduce/variance.js';
export { max, min, argmax, argmin } from './reduce/max.js';
export { prod } from './reduce/prod.js';
export { norm, type NormOptions } from './reduce/norm.js';
export { logSumExp } from './reduce/logSumExp.js';
export { softmax, logSoftmax } from './reduce/softmax.js';

// ---- Shapes and places ----
export { reshape, flatten, squeeze, unsqueeze, type FlattenOptions } from './movement/reshape.js';
export { permute, transpose } from './movement/permute.js';
export { slice, select, split, type SliceOptions } from './movement/slice.js';
export { concat, stack } from './movement/concat.js';
export { pad } from './movement/pad.js';
export { flip } from './movement/flip.js';
export { repeat, expand } from './movement/repeat.js';
export { broadcastTo } from './elementwise/broadcast.js';
export { gather } from './movement/gather.js';
export { embedding, oneHot, type EmbeddingOptions } from './movement/embedding.js';

// ---- Products and images ----
export { matmul } from './gemm/matmul.js';
export { linear } from './gemm/linear.js';
export type { Pair, SlidingOptions } from './pool/window.js';
export { conv2d, type Conv2dOptions } from './conv/conv2d.js';
export { convTranspose2d, type ConvTranspose2dOptions } from './conv/convTranspose2d.js';
export { maxPool2d, type MaxPool2dOptions } from './pool/maxPool2d.js';
export { avgPool2d, adaptiveAvgPool2d, type AvgPool2dOptions } from './pool/avgPool2d.js';

// ---- Normalisation and dropout ----
export type { AffineOptions } from './norm/normalisation.js';
export { batchNorm, type BatchNormOptions } from './norm/batchNorm.js';
export { layerNorm } from './norm/layerNorm.js';
export { groupNorm } from './norm/groupNorm.js';
export { dropout, type DropoutOptions } from './norm/dropout.js';

// ---- Losses ----
export { crossEntropy, nllLoss, type CrossEntropyOptions, type NllOptions } from './loss/crossEntropy.js';
export { mseLoss, l1Loss, smoothL1Loss, type LossOptions, type Reduction, type SmoothL1Options } from './loss/pointwiseLoss.js';
export { bceWithLogits, type BceOptions } from './loss/bceWithLogits.js';

// ---- Random numbers ----
export { rand, randn, randint, randperm, bernoulli, fillUniform, fillNormal, type RandomOptions, type MaskOptions } from './random/random.js';
