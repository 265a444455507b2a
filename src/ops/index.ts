// Every operation, by family; small siblings share a file.

// ---- Element by element ----
export { add, sub, mul, div } from './arithmetic.js';
export type { Operand } from './binary.js';
export { pow } from './pow.js';
export { maximum, minimum } from './extremes.js';
export { clamp, type ClampOptions } from './clamp.js';
export { neg } from './neg.js';
export { abs } from './abs.js';
export { square } from './square.js';
export { reciprocal } from './reciprocal.js';
export { sqrt, rsqrt } from './sqrt.js';
export { exp } from './exp.js';
export { log } from './log.js';
export { relu } from './relu.js';
export { leakyRelu } from './leakyRelu.js';
export { elu } from './elu.js';
export { gelu, type GeluOptions } from './gelu.js';
export { silu } from './silu.js';
export { softplus, type SoftplusOptions } from './softplus.js';
export { sigmoid } from './sigmoid.js';
export { tanh } from './tanh.js';
export { eq, ne, lt, le, gt, ge } from './compare.js';
export { where } from './where.js';
export { cast } from './cast.js';

// ---- Over axes ----
export type { Axes, ReduceOptions } from './fold.js';
export { sum, mean } from './sum.js';
export { variance, std, type VarianceOptions } from './variance.js';
export { max, min, argmax, argmin } from './max.js';
export { prod } from './prod.js';
export { norm, type NormOptions } from './norm.js';
export { logSumExp } from './logSumExp.js';
export { softmax, logSoftmax } from './softmax.js';

// ---- Shapes and places ----
export { reshape, flatten, squeeze, unsqueeze, type FlattenOptions } from './reshape.js';
export { permute, transpose } from './permute.js';
export { slice, select, split, type SliceOptions } from './slice.js';
export { concat, stack } from './concat.js';
export { pad } from './pad.js';
export { flip } from './flip.js';
export { repeat, expand } from './repeat.js';
export { broadcastTo } from './broadcast.js';
export { gather } from './gather.js';
export { embedding, oneHot, type EmbeddingOptions } from './embedding.js';

// ---- Products and images ----
export { matmul } from './matmul.js';
export { linear } from './linear.js';
export type { Pair, SlidingOptions } from './window.js';
export { conv2d, type Conv2dOptions } from './conv/conv2d.js';
export { convTranspose2d, type ConvTranspose2dOptions } from './conv/convTranspose2d.js';
export { maxPool2d, type MaxPool2dOptions } from './maxPool2d.js';
export { avgPool2d, adaptiveAvgPool2d, type AvgPool2dOptions } from './avgPool2d.js';

// ---- Normalisation and dropout ----
export type { AffineOptions } from './normalisation.js';
export { batchNorm, type BatchNormOptions } from './batchNorm.js';
export { layerNorm } from './layerNorm.js';
export { groupNorm } from './groupNorm.js';
export { dropout, type DropoutOptions } from './dropout.js';

// ---- Losses ----
export { crossEntropy, nllLoss, type CrossEntropyOptions, type NllOptions } from './crossEntropy.js';
export { mseLoss, l1Loss, smoothL1Loss, type LossOptions, type Reduction, type SmoothL1Options } from './pointwiseLoss.js';
export { bceWithLogits, type BceOptions } from './bceWithLogits.js';

// ---- Random numbers ----
export { rand, randn, randint, randperm, bernoulli, fillUniform, fillNormal, type RandomOptions, type MaskOptions } from './random.js';
