import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { unary } from './unary.js';

/**
 * The logistic function: σ(x) = 1 / (1 + e⁻ˣ), within 3 ULP on both sides
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves y; dx = dy·y·(1 − y)
 */
export function sigmoid(x: Tensor): Tensor {
  return unary('sigmoid', x, kernels.f32_sigmoid_forward, 'output', kernels.f32_sigmoid_backward);
}
