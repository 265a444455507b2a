import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { empty } from '../../tensor/create.js';
import { resolveAxes, stridesOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { copyElements } from './copy.js';

function flipped(x: Tensor, axes: readonly number[]): Tensor {
  const strides = stridesOf(x.shape);
  const offset = axes.reduce((sum, axis) => sum + (x.shape[axis]! - 1) * strides[axis]!, 0);
  const y = empty(x.shape, x.dtype);
  const backwards = strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride));
  copyElements({ tensor: y, strides }, { tensor: x, offset, strides: backwards }, x.shape);
  return y;
}

/**
 * The order of the positions of the named axes turned round (of all axes, when none is named).
 *
 * Shapes:   any → the same
 * Backward: dy flipped back
 */
export function flip(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkArguments('flip(x, axes?=-1|[0, 1])', x, axes);
  const named = resolveAxes(axes, x.rank, 'flip');
  return recordOp('flip', flipped(x, named), [x], { axes: named }, (dy) => [flipped(dy, named)]);
}
