import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { empty } from '../../tensor/create.js';
import { formatShape, resolveAxis, stridesOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { copyElements } from './copy.js';

function permuted(x: Tensor, order: readonly number[]): Tensor {
  const strides = stridesOf(x.shape);
  const y = empty(
    order.map((axis) => x.shape[axis]!),
    x.dtype,
  );
  copyElements(
    { tensor: y, strides: stridesOf(y.shape) },
    { tensor: x, strides: order.map((axis) => strides[axis]!) },
    y.shape,
  );
  return y;
}

/**
 * The axes in another order: axis i of the result is axis `order[i]` of `x`.
 *
 * Shapes:   x [2,3,4], order [2,0,1] → [4,2,3]
 * Backward: the inverse order
 * @throws {ArgumentError} when `order` does not name each axis once
 */
export function permute(x: Tensor, order: readonly number[]): Tensor {
  checkArguments('permute(x, order=[1, 0])', x, order);
  const resolved = order.map((axis) => resolveAxis(axis, x.rank, 'permute'));
  if (resolved.length !== x.rank || new Set(resolved).size !== x.rank) {
    throw new ArgumentError(`the order [${order.join(', ')}] does not name each axis of ${formatShape(x.shape)} once`, {
      where: 'permute',
    });
  }
  return recordOp('permute', permuted(x, resolved), [x], { order: resolved }, (dy) => {
    const inverse = new Array<number>(x.rank);
    resolved.forEach((axis, i) => {
      inverse[axis] = i;
    });
    return [permuted(dy, inverse)];
  });
}

/**
 * Exchanges two axes; by default the last two.
 *
 * Shapes:   [2,3,4] → [2,4,3]
 * Backward: exchanges them again
 */
export function transpose(x: Tensor, axisA = -2, axisB = -1): Tensor {
  checkArguments('transpose(x, axisA?=-2, axisB?=-1)', x, axisA, axisB);
  const a = resolveAxis(axisA, x.rank, 'transpose');
  const b = resolveAxis(axisB, x.rank, 'transpose');
  return permute(
    x,
    x.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis)),
  );
}
