import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { type Axes, type Folded, foldAxes, type ReduceOptions } from './fold.js';
import { reduceIntegers } from './integers.js';

function totalOfIntegers(
  name: string,
  x: Tensor,
  axes: Axes,
  options: ReduceOptions,
  dtype: 'int32' | 'float32',
): Tensor {
  return reduceIntegers(name, x, axes, options, dtype, (totals, { x: integers, reduce, inner, outputs }) => {
    kernels.i32_sum_f64(totals, addressOf(integers), reduce, inner, dtype === 'int32' ? 1 : reduce, 0, outputs);
  });
}

function total(name: string, folded: Folded, divisor: number): Tensor {
  const { x, reduce, inner, outputs, rows, shape } = folded;
  const y = empty(shape);
  kernels.f32_sum(addressOf(y), addressOf(x), reduce, inner, divisor, 0, outputs);
  return recordOp(name, y, [x], folded, (dy) => {
    const dx = empty(x.shape);
    kernels.f32_sum_backward(addressOf(dx), addressOf(dy), reduce, inner, divisor, 0, rows);
    return [dx];
  });
}

/**
 * Σ over the named axes (all, when none is named), in double precision and in one fixed order. The sum of integers is
 * exact.
 *
 * Shapes:   x [2,3,4], axes [0,2] → [3], or [1,3,1] with keepDim; float32 gives float32, int32 and uint8 give int32
 * Backward: dx = dy, repeated
 * @throws {DTypeError} when a sum of integers does not fit int32
 */
export function sum(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  checkArguments('sum(x, axes?=-1|[0, 1], { keepDim: true })', x, axes, options);
  if (x.dtype !== 'float32') return totalOfIntegers('sum', x, axes, options, 'int32');
  return total('sum', foldAxes(x, axes, options, 'sum'), 1);
}

/**
 * Σ / n over the named axes (all, when none is named): NaN when there are no elements. Integers are summed exactly, and
 * the quotient is rounded once.
 *
 * Shapes:   as {@link sum}; the result is float32
 * Backward: dx = dy / n, repeated
 */
export function mean(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  checkArguments('mean(x, axes?=-1|[0, 1], { keepDim: true })', x, axes, options);
  if (x.dtype !== 'float32') return totalOfIntegers('mean', x, axes, options, 'float32');
  const folded = foldAxes(x, axes, options, 'mean');
  return total('mean', folded, folded.reduce);
}
