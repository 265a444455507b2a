import { kernels } from '../runtime/runtime.js';
import type { Tensor } from '../tensor/tensor.js';
import { unary } from './unary.js';

/**
 * x²
 *
 * Shapes:   any → the same
 * Backward: saves x; dx = 2·dy·x
 */
export function square(x: Tensor): Tensor {
  return unary('square', x, kernels.f32_square_forward, 'input', kernels.f32_square_backward);
}
