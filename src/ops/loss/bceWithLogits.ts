import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { addressOf, addressOrNull, type Tensor } from '../../tensor/tensor.js';
import { mul, sub } from '../elementwise/arithmetic.js';
import { broadcastTo, checkBroadcast } from '../elementwise/broadcast.js';
import { requireFloat } from '../elementwise/float.js';
import { neg } from '../elementwise/neg.js';
import { softplus } from '../elementwise/softplus.js';
import { checkPair, type LossOptions, reduceLosses } from './reduction.js';

/** What counts how much, and how the losses are reduced. */
export interface BceOptions extends LossOptions {
  /** A factor for each loss; broadcasts to the shape of x, which it must not enlarge. */
  readonly weight?: Tensor;
  /** How much more than a negative a positive example counts; broadcasts to the shape of x. */
  readonly posWeight?: Tensor;
}

const BCE_WITH_LOGITS_CALL = "bceWithLogits(x, target, { reduction: 'mean'|'sum'|'none', weight, posWeight })";

/**
 * The binary cross-entropy, in nats, of logits against probabilities in [0, 1].
 *
 * loss = w·((1 − t)·log(1 + eˣ) + p·t·log(1 + e⁻ˣ))    w = weight, p = posWeight
 *
 * Neither term cancels the other: value and gradient keep their digits for large logits of both signs.
 *
 * Shapes:   x, target of one shape · weight, posWeight broadcast to it → scalar, or that shape with reduction 'none'
 * Backward: dx = dy·w·((1 − t)·σ(x) − p·t·σ(−x)); target and the weights get theirs too
 * @throws {ShapeError} when the shapes differ, or a weight does not broadcast to that of x
 * @see torch.nn.functional.binary_cross_entropy_with_logits
 */
export function bceWithLogits(x: Tensor, target: Tensor, options: BceOptions = {}): Tensor {
  checkArguments(BCE_WITH_LOGITS_CALL, x, target, options);
  const { weight, posWeight, reduction } = options;
  requireFloat('bceWithLogits', { weight, posWeight });
  checkPair('bceWithLogits', x, target, 'logits');
  if (weight !== undefined) checkBroadcast(weight, x.shape, 'bceWithLogits', 'weight', "the logits' shape ");
  if (posWeight !== undefined) checkBroadcast(posWeight, x.shape, 'bceWithLogits', 'posWeight', "the logits' shape ");
  const losses = elementwise(x, target, posWeight === undefined ? null : broadcastTo(posWeight, x.shape));
  return reduceLosses(weight === undefined ? losses : mul(losses, weight), reduction);
}

function elementwise(x: Tensor, target: Tensor, positive: Tensor | null): Tensor {
  const { size } = x;
  const y = empty(x.shape);
  kernels.f32_bce_forward(addressOf(y), addressOf(x), addressOf(target), addressOrNull(positive), 0, size);
  return recordOp('bceWithLogits', y, positive === null ? [x, target] : [x, target, positive], {}, (dy) => {
    const dx = x.requiresGrad ? empty(x.shape) : null;
    if (dx !== null)
      kernels.f32_bce_backward(
        addressOf(dx),
        addressOf(dy),
        addressOf(x),
        addressOf(target),
        addressOrNull(positive),
        0,
        size,
      );
    if (positive === null) return [dx, target.requiresGrad ? mul(dy, neg(x)) : null];
    const missed = softplus(neg(x));
    return [
      dx,
      target.requiresGrad ? mul(dy, sub(mul(positive, missed), softplus(x))) : null,
      positive.requiresGrad ? mul(dy, mul(target, missed)) : null,
    ];
  });
}
