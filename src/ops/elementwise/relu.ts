import { overwritable } from '../../autograd/tape.js';
import { kernels } from '../../runtime/runtime.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { unary } from './unary.js';

/**
 * Rectified linear unit.
 *
 * y = max(x, 0), elementwise; NaN stays NaN
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves y; dx = 0 where y ≤ 0, else dy (relu′(0) = 0, as in PyTorch)
 */
export function relu(x: Tensor): Tensor {
  return unary('relu', x, kernels.f32_relu_forward, 'output', kernels.f32_relu_backward);
}

/**
 * What dy, the gradient of an output y of a ReLU, is before it: 0 where y ≤ 0. In place where dy may be overwritten.
 *
 * @internal
 */
export function reluGradient(dy: Tensor, y: Tensor): Tensor {
  const dz = overwritable(dy, y);
  kernels.f32_relu_backward(addressOf(dz), addressOf(dy), addressOf(y), 0, y.size);
  return dz;
}
