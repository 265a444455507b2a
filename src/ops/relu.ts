import { record } from '../autograd/tape.js';
import { kernels } from '../runtime/runtime.js';
import { empty } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * Rectified linear unit.
 *
 * y = max(x, 0), elementwise; NaN stays NaN
 *
 * Shapes:   any → the same
 * Backward: saves y; dx = dy where y > 0, else 0 (relu′(0) = 0, as in PyTorch)
 */
export function relu(x: Tensor): Tensor {
  const y = empty(x.shape);
  kernels.f32_relu_forward(y.ptr, x.ptr, 0, x.size);
  return record('relu', y, [x], (dy) => {
    const dx = empty(x.shape);
    kernels.f32_relu_backward(dx.ptr, dy.ptr, y.ptr, 0, x.size);
    return [dx];
  });
}
