import { record } from '../autograd/tape.js';
import { kernels } from '../runtime/runtime.js';
import type { Tensor } from '../tensor/tensor.js';
import { add } from './arithmetic.js';
import { combine, commonDtype } from './binary.js';
import { relu, reluGradient } from './relu.js';

/**
 * Where two ways meet in a residual network.
 *
 * y = max(a + b, 0), elementwise; NaN stays NaN
 *
 * Shapes:   a, b of one shape → the same, float32 as ReLU gives it
 * Backward: saves y; da = db = dy where y > 0, else 0
 * @internal
 */
export function addRelu(a: Tensor, b: Tensor): Tensor {
  if (commonDtype(a, b) !== 'float32') return relu(add(a, b));
  const y = combine('add', a, b);
  kernels.f32_relu_forward(y.ptr, y.ptr, 0, y.size);
  return record('addRelu', y, [a, b], (dy) => {
    const dz = reluGradient(dy, y);
    return [dz, dz];
  });
}
