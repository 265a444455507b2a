import { recordOp } from '../../autograd/tape.js';
import { checkTensor } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { combine } from './binary.js';
import { applied, unary } from './unary.js';

/**
 * The natural logarithm, within 1 ULP: log 0 = −∞, NaN for x < 0
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves x; dx = dy / x
 */
export function log(x: Tensor): Tensor {
  return unary('log', x, kernels.f32_log, 'input', kernels.f32_div);
}

/**
 * log(1 + x), within 2 ULP, for small x too: −∞ at −1, NaN for x < −1
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves x; dx = dy / (1 + x)
 * @see torch.log1p
 */
export function log1p(x: Tensor): Tensor {
  checkTensor('log1p', x);
  const y = applied(x, kernels.f32_log1p);
  return recordOp('log1p', y, [x], {}, (dy) => [combine('div', dy, combine('add', x, 1))]);
}
