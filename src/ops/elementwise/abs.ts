import { checkTensor } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { maximum } from './extremes.js';
import { neg } from './neg.js';
import { unary } from './unary.js';

/**
 * |x|
 *
 * Shapes:   any → the same; integers give int32
 * Backward: saves x; dx = dy·sign(x) (0 at 0, as in PyTorch)
 */
export function abs(x: Tensor): Tensor {
  checkTensor('abs', x);
  if (x.dtype !== 'float32') return maximum(x, neg(x));
  return unary('abs', x, kernels.f32_abs_forward, 'input', kernels.f32_abs_backward);
}
