import { recordOp } from '../../autograd/tape.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { sameShape } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { add } from './arithmetic.js';
import { relu, reluGradient } from './relu.js';

/**
 * The rectified sum of two tensors, as at the end of a residual block: one pass each way.
 *
 * y = max(a + b, 0), elementwise; bit for bit relu(add(a, b)), which it falls back on where shapes or dtypes differ
 *
 * Shapes:   a, b, y the same
 * Backward: saves y; da = db = 0 where y ≤ 0, else dy: one tensor for both
 * @throws {ShapeError} when the shapes do not broadcast
 * @internal
 */
export function addRelu(a: Tensor, b: Tensor): Tensor {
  if (!sameShape(a.shape, b.shape) || a.dtype !== 'float32' || b.dtype !== 'float32') return relu(add(a, b));
  const y = empty(a.shape);
  kernels.f32_add_relu(addressOf(y), addressOf(a), addressOf(b), 0, y.size);
  return recordOp('addRelu', y, [a, b], { a, b }, (dy) => {
    const dz = reluGradient(dy, y);
    return [dz, dz];
  });
}
