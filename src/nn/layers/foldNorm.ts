/** A batch normalisation with fixed statistics is part of the weights of the layer before it. */
import { isGradEnabled } from '../../autograd/tape.js';
import { batchNorm } from '../../ops/norm/batchNorm.js';
import { zeros } from '../../tensor/create.js';
import { scope } from '../../tensor/scope.js';
import type { Tensor } from '../../tensor/tensor.js';
import { defines, type EndsInRelu, type Fused, runStage, type Stage } from '../core/fuse.js';
import type { BatchNorm } from './batchNorm.js';

/** A layer whose weights a normalisation behind it can be folded into: its class itself defines `computeWith`. */
export interface TakesNorm {
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  /** The layer, with other weights; with `relu`, followed by a ReLU in the same pass. */
  computeWith(x: Tensor, weight: Tensor, bias: Tensor, relu: boolean): Tensor;
  /** How many outputs it has for each channel, about. */
  outputsPerChannel(x: Tensor): number;
}

/** To scale weights costs about as much as to normalise so many outputs for each, and so many besides. */
const OUTPUTS_PER_WEIGHT = 2;
const OUTPUTS_AT_LEAST = 16_384;

/**
 * A layer and the normalisation behind it, in one pass where `pays` says so, else one after the other.
 *
 * @param rank of the inputs that both take
 */
export function foldNorm(norm: BatchNorm & EndsInRelu, { layers, run }: Stage, rank: number): Fused | undefined {
  const layer = layers[0]!;
  if (layers.length > 1 || !defines<TakesNorm>(layer, 'computeWith') || layer.weight.rank !== rank) return undefined;
  const compute =
    (relu: boolean) =>
    (x: Tensor): Tensor => {
      if (pays(layer, norm, x)) return folded(layer, norm, x, relu);
      const y = run(x);
      return relu ? runStage({ layers: [norm], run: (z) => norm.withRelu(z) }, y) : norm.forward(y);
    };
  return { run: compute(false), withRelu: compute(true) };
}

/**
 * Whether a layer takes in the normalisation behind it: in evaluation inside `noGrad`, where its outputs (about: by
 * the size of x) are so many more than its weights that it pays.
 */
function pays(layer: TakesNorm, norm: BatchNorm, x: Tensor): boolean {
  if (norm.training || norm.runningMean === null || isGradEnabled()) return false;
  // Shapes that do not fit are left to the layers, which say so.
  const { shape, rank, size } = layer.weight;
  if (x.rank !== rank || shape[0] !== norm.numFeatures) return false;
  return layer.outputsPerChannel(x) * norm.numFeatures > OUTPUTS_PER_WEIGHT * size + OUTPUTS_AT_LEAST;
}

/**
 * The layer with the weights that compute what it and `norm` do: with s = norm.weight / √(variance + eps), weight·s and
 * (bias − mean)·s + norm.bias. The normalisation itself computes them, of the weights of each channel.
 */
function folded(layer: TakesNorm, norm: BatchNorm, x: Tensor, relu: boolean): Tensor {
  const { weight, bias } = layer;
  const { runningMean, runningVar, weight: scale, bias: shift, eps, numFeatures } = norm;
  return scope(() => {
    const none = zeros([numFeatures]);
    const products = weight.alias([1, numFeatures, weight.size / numFeatures]);
    const scaled = batchNorm(products, { runningMean: none, runningVar, weight: scale, eps });
    const shifted = batchNorm((bias ?? none).alias([1, numFeatures]), {
      runningMean,
      runningVar,
      weight: scale,
      bias: shift,
      eps,
    });
    return layer.computeWith(x, scaled.alias(weight.shape), shifted.alias([numFeatures]), relu);
  });
}
