import { checkTensor } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { mul } from './arithmetic.js';
import { unary } from './unary.js';

/**
 * x²
 *
 * Shapes:   any → the same; integers give int32, as {@link mul} does
 * Backward: saves x; dx = 2·dy·x
 */
export function square(x: Tensor): Tensor {
  checkTensor('square', x);
  if (x.dtype !== 'float32') return mul(x, x);
  return unary('square', x, kernels.f32_square_forward, 'input', kernels.f32_square_backward);
}
