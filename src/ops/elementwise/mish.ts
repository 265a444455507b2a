import { checkTensor } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { mul } from './arithmetic.js';
import { softplus } from './softplus.js';
import { tanh } from './tanh.js';

/**
 * A smooth activation without an upper end.
 *
 * y = x·tanh(log(1 + eˣ))
 *
 * Shapes:   any → the same; integers become float32
 * Backward: that of the operations it is made of
 * @see torch.nn.functional.mish; Misra, arXiv:1908.08681
 */
export function mish(x: Tensor): Tensor {
  checkTensor('mish', x);
  return mul(x, tanh(softplus(x)));
}
