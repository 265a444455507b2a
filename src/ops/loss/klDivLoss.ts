import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { div, mul, sub } from '../elementwise/arithmetic.js';
import { eq } from '../elementwise/compare.js';
import { exp } from '../elementwise/exp.js';
import { log } from '../elementwise/log.js';
import { where } from '../elementwise/where.js';
import { sum } from '../reduce/sum.js';
import { checkPair, type Reduction, reduceLosses } from './reduction.js';

/** How targets are given, and how the losses are reduced. */
export interface KLDivOptions {
  /** Default 'mean': over all elements. 'batchmean', the sum over the length of axis 0, is the divergence itself. */
  readonly reduction?: Reduction | 'batchmean';
  /** Whether the targets are logarithms of probabilities too. Default: false. */
  readonly logTarget?: boolean;
}

/**
 * The Kullback–Leibler divergence, in nats, of log-probabilities x (of `logSoftmax`) from probabilities.
 *
 * loss = t·(log t − x), 0 where t = 0; with logTarget eᵗ·(t − x)
 *
 * Shapes:   x, target of one shape → scalar, or that shape with reduction 'none'
 * Backward: dx = −t·dy (−eᵗ·dy with logTarget), over the divisor of the reduction; the target gets its gradient too
 * @throws {ShapeError} when the shapes differ
 * @see torch.nn.functional.kl_div
 * @example
 * const x = tensor([[0, 0]]).logSoftmax(1);
 * klDivLoss(x, tensor([[1, 0]]), { reduction: 'batchmean' }).item();   // 0.6931471824645996
 */
export function klDivLoss(x: Tensor, target: Tensor, options: KLDivOptions = {}): Tensor {
  const call = "klDivLoss(x, target, { reduction: 'batchmean'|'mean'|'sum'|'none', logTarget: false })";
  checkArguments(call, x, target, options);
  const { reduction, logTarget = false } = options;
  checkPair('klDivLoss', x, target, 'log-probabilities');
  const losses = logTarget
    ? mul(exp(target), sub(target, x))
    : mul(target, sub(log(where(eq(target, 0), 1, target)), x));
  return reduction === 'batchmean' ? div(sum(losses), x.shape[0] ?? 1) : reduceLosses(losses, reduction);
}
