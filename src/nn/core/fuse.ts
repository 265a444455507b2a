/**
 * Neighbouring layers of a `Sequential` that are computed in one pass over memory.
 *
 * | layers                                                          | when                       | bits              |
 * |-----------------------------------------------------------------|----------------------------|-------------------|
 * | Linear, Conv2d, BatchNorm1d, BatchNorm2d or Residual, then ReLU | always                     | as without fusion |
 * | Linear, BatchNorm1d; Conv2d, BatchNorm2d; [ReLU]                | in evaluation, see `folds` | last ones differ  |
 *
 * These are layers of exactly those classes, whose `forward` nobody replaced or observes.
 */
import { isGradEnabled } from '../../autograd/tape.js';
import { fusedConv2d } from '../../ops/conv/conv2d.js';
import { addRelu } from '../../ops/elementwise/addRelu.js';
import { fusedLinear } from '../../ops/gemm/linear.js';
import { batchNorm } from '../../ops/norm/batchNorm.js';
import { zeros } from '../../tensor/create.js';
import { scope } from '../../tensor/scope.js';
import type { Tensor } from '../../tensor/tensor.js';
import { ReLU } from '../activations/relu.js';
import { Residual } from '../containers/residual.js';
import type { BatchNorm } from '../layers/batchNorm.js';
import { BatchNorm1d } from '../layers/batchNorm1d.js';
import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Linear } from '../layers/linear.js';
import { methodOf, runForward } from './forward.js';
import type { Module } from './module.js';

/** From the input of a layer to its output, or to that of the last of some layers. */
export type Step = (x: Tensor) => Tensor;

type Kind<Layer> = abstract new (...inputs: never) => Layer;

/** What each class computes together with the ReLU behind it. */
const WITH_RELU = new Map<Kind<Module>, (layer: never, x: Tensor) => Tensor>([
  [Linear, (layer: Linear, x) => fusedLinear(x, layer.weight, layer.bias, true)],
  [Conv2d, (layer: Conv2d, x) => fusedConv2d(x, layer.weight, layer.bias, layer, true)],
  [BatchNorm1d, (layer: BatchNorm1d, x) => layer.normalise(x, true)],
  [BatchNorm2d, (layer: BatchNorm2d, x) => layer.normalise(x, true)],
  [Residual, (layer: Residual, x) => layer.join(x, addRelu)],
]);

/** The methods as they were written, should somebody replace one. */
const FORWARD = new Map<Kind<Module>, unknown>(
  [...WITH_RELU.keys(), ReLU].map((kind) => [kind, kind.prototype.forward]),
);

/** Whether `layer` is of this class itself, with its own `forward`. */
function isPlain<Layer extends Module>(layer: Module | undefined, kind: Kind<Layer>): layer is Layer {
  return (
    layer !== undefined &&
    Object.getPrototypeOf(layer) === kind.prototype &&
    methodOf(layer as never) === FORWARD.get(kind)
  );
}

/** The way through the layers, in as few steps as there may be. */
export function stepsOf(layers: readonly Module[]): Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < layers.length; ) {
    const [layer, next, third] = layers.slice(i, i + 3) as [Module, Module?, Module?];
    if (canFold(layer, next)) {
      const relu = isPlain(third, ReLU);
      steps.push(foldedStep(layer, next, relu ? third : null));
      i += relu ? 3 : 2;
    } else if (isPlain(next, ReLU) && isWithRelu(layer)) {
      steps.push(stepWithRelu(layer, next));
      i += 2;
    } else {
      steps.push((x) => layer.forward(x));
      i++;
    }
  }
  return steps;
}

function isWithRelu(layer: Module): boolean {
  const kind = layer.constructor as Kind<Module>;
  return WITH_RELU.has(kind) && isPlain(layer, kind);
}

function stepWithRelu(layer: Module, relu: ReLU): Step {
  const compute = WITH_RELU.get(layer.constructor as Kind<Module>)! as (layer: Module, x: Tensor) => Tensor;
  return together([layer, relu], (x) => compute(layer, x));
}

/** One step over layers, booked as the first of them; layer by layer where `forward` of one was replaced since. */
function together(layers: readonly Module[], compute: Step): Step {
  const forwards = layers.map(({ forward }) => forward);
  const first = layers[0] as never;
  return (x) => {
    for (let i = 0; i < layers.length; i++) if (layers[i]!.forward !== forwards[i]) return inTurn(layers, x);
    return runForward(first, compute, [x]);
  };
}

function inTurn(layers: readonly Module[], x: Tensor): Tensor {
  let y = x;
  for (const layer of layers) y = layer.forward(y);
  return y;
}

// ---- A batch normalisation with fixed statistics is part of the weights before it. ----

function canFold(layer: Module, next: Module | undefined): next is BatchNorm {
  return isPlain(layer, Linear) ? isPlain(next, BatchNorm1d) : isPlain(layer, Conv2d) && isPlain(next, BatchNorm2d);
}

/** To scale weights costs about as much as to normalise so many outputs for each, and so many besides. */
const OUTPUTS_PER_WEIGHT = 2;
const OUTPUTS_AT_LEAST = 16_384;

/**
 * Whether a layer takes in the normalisation behind it: in evaluation inside `noGrad`, where its outputs (about: by
 * the size of x) are so many more than its weights that it pays.
 */
function folds(layer: Linear | Conv2d, norm: BatchNorm, x: Tensor): boolean {
  if (norm.training || norm.runningMean === null || isGradEnabled()) return false;
  const images = layer instanceof Conv2d;
  // What does not go together is left to the layers, which say so.
  if (x.rank !== (images ? 4 : 2) || layer.weight.shape[0] !== norm.numFeatures) return false;
  const positions = images ? x.size / layer.inChannels / (layer.stride[0] * layer.stride[1]) : x.shape[0]!;
  return positions * norm.numFeatures > OUTPUTS_PER_WEIGHT * layer.weight.size + OUTPUTS_AT_LEAST;
}

function foldedStep(layer: Module, norm: BatchNorm, relu: ReLU | null): Step {
  const affine = layer as Linear | Conv2d;
  const behind = relu === null ? null : stepWithRelu(norm, relu);
  const unfolded: Step = (x) => (behind ?? norm.forward)(layer.forward(x));
  const folded = together(relu === null ? [layer, norm] : [layer, norm, relu], (x) =>
    scope(() => {
      const { weight, bias } = foldedInto(affine, norm);
      return affine instanceof Conv2d
        ? fusedConv2d(x, weight, bias, affine, relu !== null)
        : fusedLinear(x, weight, bias, relu !== null);
    }),
  );
  return (x) => (folds(affine, norm, x) ? folded : unfolded)(x);
}

/**
 * Weight and bias of the layer that computes what `layer` and `norm` do: with s = norm.weight / √(variance + eps),
 * weight·s and (bias − mean)·s + norm.bias. The normalisation itself computes them, of the weights of each channel.
 */
function foldedInto(
  { weight, bias }: Linear | Conv2d,
  { runningMean, runningVar, weight: scale, bias: shift, eps, numFeatures }: BatchNorm,
): { weight: Tensor; bias: Tensor } {
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
  return { weight: scaled.alias(weight.shape), bias: shifted.alias([numFeatures]) };
}
