import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { type Axes, foldAxes, type ReduceOptions } from './fold.js';

/**
 * log Σ eˣ over the named axes (all, when none is named), shifted by the maximum so that nothing overflows. Integers
 * become float32.
 *
 * Shapes:   as `sum`
 * Backward: saves two numbers for each output; dx = dy·eˣ / Σ eˣ
 */
export function logSumExp(given: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  checkArguments('logSumExp(x, axes?=-1|[0, 1], { keepDim: true })', given, axes, options);
  const folded = foldAxes(given, axes, options, 'logSumExp', 'rows');
  const { x, reduce, outputs, shape } = folded;
  const y = empty(shape);
  const stats = empty([outputs, 2]);
  kernels.f32_log_sum_exp_forward(addressOf(y), addressOf(stats), addressOf(x), reduce, 0, outputs);
  return recordOp(
    'logSumExp',
    y,
    [x],
    folded,
    (dy) => {
      const dx = empty(x.shape);
      kernels.f32_log_sum_exp_backward(
        addressOf(dx),
        addressOf(dy),
        addressOf(stats),
        addressOf(x),
        reduce,
        0,
        outputs,
      );
      return [dx];
    },
    [stats],
  );
}
