import { checkArguments } from '../../runtime/arguments.js';
import { DTypeError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { broadcastShapes, type Shape } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { commonDtype, type Operand, recordBinary, shapeOf, withElements } from './binary.js';
import { withGeometry } from './broadcast.js';

/**
 * Elements of `a` where the mask is set, of `b` where it is 0.
 *
 * Shapes:   mask (uint8, as comparisons give it), a and b broadcast → their common shape;
 *           int32 when a and b are integers, else float32
 * Backward: da = dy where the mask is set, else 0; db the other way; summed over what was repeated
 * @throws {DTypeError} when the mask is not uint8
 * @throws {ShapeError} when the shapes do not broadcast
 * @example
 * const x = tensor([-1, 2]);
 * where(x.gt(0), x, 0).toArray();   // [0, 2]
 */
export function where(mask: Tensor, a: Operand, b: Operand): Tensor {
  checkArguments('where(mask, a=x|0.5, b=y|0.5)', mask, a, b);
  return chosen('where', mask, a, b);
}

/**
 * The elements of `x`, but `value` where the mask is set.
 *
 * Shapes:   x, mask (uint8), value (a number or a tensor) broadcast → their common shape; int32 when x and the value
 *           are integers, else float32
 * Backward: dx = dy where the mask is 0, else 0
 * @throws {DTypeError} when the mask is not uint8
 * @throws {ShapeError} when the shapes do not broadcast
 * @see torch.Tensor.masked_fill
 * @example
 * const x = tensor([1, 2, 3]);
 * maskedFill(x, x.gt(1), -Infinity).toArray();   // [1, -Infinity, -Infinity]
 */
export function maskedFill(x: Tensor, mask: Tensor, value: Operand): Tensor {
  checkArguments('maskedFill(x, mask, value=0.5|y)', x, mask, value);
  return chosen('maskedFill', mask, value, x);
}

function chosen(name: string, mask: Tensor, a: Operand, b: Operand): Tensor {
  if (mask.dtype !== 'uint8')
    throw new DTypeError(`the mask must be uint8, not ${mask.dtype}`, { where: name, hint: 'compare: mask.ne(0)' });
  const shape = broadcastShapes(mask.shape, broadcastShapes(shapeOf(a), shapeOf(b), name), name);
  return recordBinary(
    'where',
    choose(mask, a, b, shape),
    a,
    b,
    (dy) => choose(mask, dy, 0, shape),
    (dy) => choose(mask, 0, dy, shape),
    mask,
  );
}

function choose(mask: Tensor, a: Operand, b: Operand, shape: Shape): Tensor {
  const y = empty(shape, commonDtype(a, b));
  if (y.size === 0) return y;
  withElements(a, y.dtype, (aPtr) =>
    withElements(b, y.dtype, (bPtr) => {
      withGeometry(shape, [mask.shape, shapeOf(a), shapeOf(b)], (geometry, rank) => {
        kernels.x32_where(addressOf(y), addressOf(mask), aPtr, bPtr, geometry, rank, 0, y.size);
      });
    }),
  );
  return y;
}
