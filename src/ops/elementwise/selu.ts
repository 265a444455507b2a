import { checkTensor } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { mul } from './arithmetic.js';
import { elu } from './elu.js';

/**
 * The scaled exponential linear unit: of standard normal inputs the outputs have mean 0 and variance 1.
 *
 * y = 1.0507·(x > 0 ? x : 1.6733·(eˣ − 1))
 *
 * Shapes:   any → the same; integers become float32
 * Backward: that of the operations it is made of
 * @see torch.nn.functional.selu; Klambauer et al., arXiv:1706.02515
 */
export function selu(x: Tensor): Tensor {
  checkTensor('selu', x);
  return mul(elu(x, 1.6732632423543772), 1.0507009873554805);
}
