import { checkArguments } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { unary } from './unary.js';

/** Which of the two functions of this name. */
export interface GeluOptions {
  /** `tanh` replaces Φ by ½·(1 + tanh(√(2/π)·(x + 0.044715·x³))). Default: `none`, the exact Φ. */
  readonly approximate?: 'none' | 'tanh';
}

/**
 * The Gaussian error linear unit.
 *
 * y = x·Φ(x), Φ(x) = ½·(1 + erf(x/√2)) the distribution function of the standard normal
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves x; dx = dy·(Φ(x) + x·φ(x))
 * @throws {ArgumentError} on another approximation
 * @see Hendrycks and Gimpel, arXiv:1606.08415
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  checkArguments("gelu(x, { approximate: 'none'|'tanh' })", x, options);
  const { approximate = 'none' } = options;
  return approximate === 'none'
    ? unary('gelu', x, kernels.f32_gelu_forward, 'input', kernels.f32_gelu_backward, { approximate })
    : unary('gelu', x, kernels.f32_gelu_tanh_forward, 'input', kernels.f32_gelu_tanh_backward, { approximate });
}
