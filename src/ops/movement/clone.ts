import { recordOp } from '../../autograd/tape.js';
import { checkTensor } from '../../runtime/arguments.js';
import { copyOf } from '../../tensor/create.js';
import type { Tensor } from '../../tensor/tensor.js';

/**
 * A copy of `x` in memory of its own: `assign()` to one leaves the other as it is. Gradients flow through it.
 *
 * Shapes:   any → the same, in the dtype of x
 * Backward: dy
 * @see torch.clone
 * @example
 * const x = tensor([1, 2]);
 * const copy = x.clone();
 * x.assign([3, 4]);
 * copy.toArray();   // [1, 2]
 */
export function clone(x: Tensor): Tensor {
  checkTensor('clone', x);
  return recordOp('clone', copyOf(x), [x], {}, (dy) => [dy]);
}
