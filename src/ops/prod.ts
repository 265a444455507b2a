import { record } from '../autograd/tape.js';
import { kernels } from '../runtime/runtime.js';
import { empty, zeros } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { foldAxes, type Axes, type ReduceOptions } from './fold.js';

/**
 * The product over the named axes (all, when none is named): 1 of no elements. Integers become float32.
 *
 * Shapes:   as `sum`
 * Backward: dx[i] = dy·Π of the other factors, exact where factors are 0 too
 */
export function prod(given: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { x, reduce, inner, outputs, rows, shape } = foldAxes(given, axes, options, 'prod');
  const y = empty(shape);
  kernels.f32_prod(y.ptr, x.ptr, reduce, inner, 0, outputs);
  return record('prod', y, [x], (dy) => {
    const dx = empty(x.shape);
    const zero = zeros(shape);
    const zeroCounts = empty(shape);
    kernels.f32_ties(zeroCounts.ptr, x.ptr, zero.ptr, reduce, inner, 0, outputs);
    const product = empty(shape);
    kernels.f32_prod_nonzero(product.ptr, x.ptr, reduce, inner, 0, outputs);
    kernels.f32_prod_backward(dx.ptr, dy.ptr, x.ptr, product.ptr, zeroCounts.ptr, reduce, inner, 0, rows);
    return [dx];
  });
}
