import { differentiable, noGrad } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { add, div, mul, sub } from '../elementwise/arithmetic.js';
import { checkBroadcast } from '../elementwise/broadcast.js';
import { clamp } from '../elementwise/clamp.js';
import { requireFloat } from '../elementwise/float.js';
import { log } from '../elementwise/log.js';
import { neg } from '../elementwise/neg.js';
import { checkPair, type LossOptions, reduceLosses } from './reduction.js';

/** What counts how much, and how the losses are reduced. */
export interface BceLossOptions extends LossOptions {
  /** A factor for each loss; broadcasts to the shape of x. */
  readonly weight?: Tensor;
}

/** max(log p, −100) */
const boundedLog = (p: Tensor): Tensor => clamp(log(p), { min: -100 });

/**
 * The binary cross-entropy, in nats, of probabilities against targets in [0, 1]. For logits use
 * {@link bceWithLogits}, which keeps its digits where a sigmoid is close to 0 or 1.
 *
 * loss = −w·(t·log x + (1 − t)·log(1 − x)), where no logarithm is less than −100
 *
 * Shapes:   x, target of one shape · weight broadcasts to it → scalar, or that shape with reduction 'none'
 * Backward: dx = dy·w·(x − t) / max(x·(1 − x), 1e-12); dTarget = dy·w·(log(1 − x) − log x)
 * @throws {ArgumentError} when an element of x is less than 0 or more than 1
 * @throws {ShapeError} when the shapes differ
 * @see torch.nn.functional.binary_cross_entropy
 * @example
 * bceLoss(tensor([0.5, 0]), tensor([1, 1]), { reduction: 'none' }).toArray();   // [0.6931471824645996, 100]
 */
export function bceLoss(x: Tensor, target: Tensor, options: BceLossOptions = {}): Tensor {
  checkArguments("bceLoss(x, target, { reduction: 'mean'|'sum'|'none', weight })", x, target, options);
  const { weight, reduction } = options;
  requireFloat('bceLoss', { weight });
  checkPair('bceLoss', x, target, 'probabilities');
  if (weight !== undefined) checkBroadcast(weight, x.shape, 'bceLoss', 'weight', "the probabilities' shape ");
  const wrong = x.view().find((p) => p < 0 || p > 1);
  if (wrong !== undefined)
    throw new ArgumentError(`${wrong} is not a probability in [0, 1]`, {
      where: 'bceLoss',
      hint: 'apply sigmoid() first, or use bceWithLogits()',
    });
  const losses = noGrad(() => neg(add(mul(target, boundedLog(x)), mul(sub(1, target), boundedLog(sub(1, x))))));
  differentiable('bceLoss', losses, [x, target], (dy) => [
    x.requiresGrad ? mul(dy, div(sub(x, target), clamp(mul(x, sub(1, x)), { min: 1e-12 }))) : null,
    target.requiresGrad ? mul(dy, sub(boundedLog(sub(1, x)), boundedLog(x))) : null,
  ]);
  return reduceLosses(weight === undefined ? losses : mul(losses, weight), reduction);
}
