import { checkTensor } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { combine } from './binary.js';
import { unary } from './unary.js';

/**
 * −x
 *
 * Shapes:   any → the same; integers give int32
 * Backward: dx = −dy
 */
export function neg(x: Tensor): Tensor {
  checkTensor('neg', x);
  if (x.dtype !== 'float32') return combine('sub', 0, x);
  return unary('neg', x, kernels.f32_neg, 'input', (dx, dy, _x, begin, end) => kernels.f32_neg(dx, dy, begin, end));
}
