import { checkArguments } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { unary } from './unary.js';

/**
 * The exponential linear unit.
 *
 * y = x > 0 ? x : alpha·(eˣ − 1)
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves x; dx = x > 0 ? dy : dy·alpha·eˣ (the slope at 0 is alpha, as in PyTorch)
 * @see Clevert et al., arXiv:1511.07289
 */
export function elu(x: Tensor, alpha = 1): Tensor {
  checkArguments('elu(x, alpha?=1.0)', x, alpha);
  return unary(
    'elu',
    x,
    (y, from, begin, end) => kernels.f32_elu_forward(y, from, alpha, begin, end),
    'input',
    (dx, dy, from, begin, end) => kernels.f32_elu_backward(dx, dy, from, alpha, begin, end),
    { alpha },
  );
}
