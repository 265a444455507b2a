import { checkTensor } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { add, div, mul } from './arithmetic.js';
import { clamp } from './clamp.js';
import { unary } from './unary.js';

/** The float32 numbers next to 0 and 6, inside: there the gradient begins and ends. */
const LEAST = 2 ** -149;
const MOST = 6 - 2 ** -21;

/**
 * A rectifier that ends at 6.
 *
 * y = min(max(x, 0), 6)
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves x; dx = dy where 0 < x < 6, else 0, as in PyTorch
 * @see torch.nn.functional.relu6
 */
export function relu6(x: Tensor): Tensor {
  checkTensor('relu6', x);
  return unary(
    'clamp',
    x,
    (y, from, begin, end) => kernels.f32_clamp_forward(y, from, 0, 6, begin, end),
    'input',
    (dx, dy, from, begin, end) => kernels.f32_clamp_backward(dx, dy, from, LEAST, MOST, begin, end),
    { low: 0, high: 6 },
  );
}

/**
 * A cheap form of `silu`.
 *
 * y = x·min(max(x + 3, 0), 6) / 6
 *
 * Shapes:   any → the same; integers become float32
 * Backward: that of the operations it is made of; dx = dy·(x/3 + ½) where −3 ≤ x ≤ 3, dy above, 0 below
 * @see torch.nn.functional.hardswish; Howard et al., arXiv:1905.02244
 */
export function hardswish(x: Tensor): Tensor {
  checkTensor('hardswish', x);
  return mul(x, div(clamp(add(x, 3), { min: 0, max: 6 }), 6));
}
