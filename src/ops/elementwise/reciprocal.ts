import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { unary } from './unary.js';

/**
 * 1 / x; ±∞ at ±0
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves y; dx = −dy·y²
 */
export function reciprocal(x: Tensor): Tensor {
  return unary('reciprocal', x, kernels.f32_reciprocal_forward, 'output', kernels.f32_reciprocal_backward);
}
