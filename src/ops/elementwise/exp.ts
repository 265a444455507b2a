import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { unary } from './unary.js';

/**
 * eˣ, within 1 ULP
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves y; dx = dy·y
 */
export function exp(x: Tensor): Tensor {
  return unary('exp', x, kernels.f32_exp, 'output', kernels.f32_mul);
}
