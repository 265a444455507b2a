import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { unary } from './unary.js';

/**
 * The hyperbolic tangent, within 2 ULP
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves y; dx = dy·(1 − y²)
 */
export function tanh(x: Tensor): Tensor {
  return unary('tanh', x, kernels.f32_tanh_forward, 'output', kernels.f32_tanh_backward);
}
