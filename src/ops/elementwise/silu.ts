import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { unary } from './unary.js';

/**
 * The sigmoid linear unit, also called swish.
 *
 * y = x·σ(x)
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves x; dx = dy·(σ + x·σ·(1 − σ))
 */
export function silu(x: Tensor): Tensor {
  return unary('silu', x, kernels.f32_silu_forward, 'input', kernels.f32_silu_backward);
}
