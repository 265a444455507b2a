import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { unary } from './unary.js';

/**
 * √x, exactly rounded; NaN for x < 0
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves y; dx = dy / 2y (∞ at 0)
 */
export function sqrt(x: Tensor): Tensor {
  return unary('sqrt', x, kernels.f32_sqrt_forward, 'output', kernels.f32_sqrt_backward);
}

/**
 * 1 / √x; ∞ at 0, NaN for x < 0
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves y; dx = −½·dy·y³
 */
export function rsqrt(x: Tensor): Tensor {
  return unary('rsqrt', x, kernels.f32_rsqrt_forward, 'output', kernels.f32_rsqrt_backward);
}
