import { kernels } from '../runtime/runtime.js';
import type { Tensor } from '../tensor/tensor.js';
import { unary } from './unary.js';

/**
 * Rectified linear unit.
 *
 * y = max(x, 0), elementwise; NaN stays NaN
 *
 * Shapes:   any → the same
 * Backward: saves y; dx = 0 where y ≤ 0, else dy (relu′(0) = 0, as in PyTorch)
 */
export function relu(x: Tensor): Tensor {
  return unary('relu', x, kernels.f32_relu_forward, 'output', kernels.f32_relu_backward);
}
