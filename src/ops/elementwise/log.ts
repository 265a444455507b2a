import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { unary } from './unary.js';

/**
 * The natural logarithm, within 1 ULP: log 0 = −∞, NaN for x < 0
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves x; dx = dy / x
 */
export function log(x: Tensor): Tensor {
  return unary('log', x, kernels.f32_log, 'input', kernels.f32_div);
}
