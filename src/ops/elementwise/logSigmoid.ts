import { checkTensor } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { neg } from './neg.js';
import { softplus } from './softplus.js';

/**
 * The logarithm of the sigmoid, without its underflow.
 *
 * y = log(1 / (1 + e⁻ˣ)) = −log(1 + e⁻ˣ)
 *
 * Shapes:   any → the same; integers become float32
 * Backward: that of the operations it is made of; dx = dy·σ(−x)
 * @see torch.nn.functional.logsigmoid
 */
export function logSigmoid(x: Tensor): Tensor {
  checkTensor('logSigmoid', x);
  return neg(softplus(neg(x)));
}
