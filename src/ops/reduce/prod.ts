import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import { empty, zeros } from '../../tensor/create.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { type Axes, foldAxes, type ReduceOptions } from './fold.js';
import { reduceIntegers } from './integers.js';

/**
 * The product over the named axes (all, when none is named): 1 of no elements. The product of integers is exact.
 *
 * Shapes:   as `sum`; float32 gives float32, int32 and uint8 give int32
 * Backward: dx[i] = dy·Π of the other factors, exact where factors are 0 too
 * @throws {DTypeError} when a product of integers does not fit int32
 */
export function prod(given: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  checkArguments('prod(x, axes?=-1|[0, 1], { keepDim: true })', given, axes, options);
  if (given.dtype !== 'float32') {
    return reduceIntegers('prod', given, axes, options, 'int32', (totals, folded) => {
      kernels.i32_prod_f64(totals, addressOf(folded.x), folded.reduce, folded.inner, 0, folded.outputs);
    });
  }
  const folded = foldAxes(given, axes, options, 'prod');
  const { x, reduce, inner, outputs, rows, shape } = folded;
  const y = empty(shape);
  kernels.f32_prod(addressOf(y), addressOf(x), reduce, inner, 0, outputs);
  return recordOp('prod', y, [x], folded, (dy) => {
    const dx = empty(x.shape);
    const zero = zeros(shape);
    const zeroCounts = empty(shape);
    kernels.f32_ties(addressOf(zeroCounts), addressOf(x), addressOf(zero), reduce, inner, 0, outputs);
    const product = empty(shape);
    kernels.f32_prod_nonzero(addressOf(product), addressOf(x), reduce, inner, 0, outputs);
    kernels.f32_prod_backward(
      addressOf(dx),
      addressOf(dy),
      addressOf(x),
      addressOf(product),
      addressOf(zeroCounts),
      reduce,
      inner,
      0,
      rows,
    );
    return [dx];
  });
}
