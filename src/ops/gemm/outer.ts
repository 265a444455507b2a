import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { mul } from '../elementwise/arithmetic.js';
import { unsqueeze } from '../movement/reshape.js';

/**
 * The products of all pairs of elements of two vectors.
 *
 * y[i,j] = a[i]·b[j]
 *
 * Shapes:   a [N] · b [M] → [N,M]
 * Backward: da = dy·b, db = dyᵀ·a
 * @throws {ShapeError} when an operand is not a vector
 * @see torch.outer
 * @example
 * outer(tensor([1, 2]), tensor([3, 4])).toArray();   // [[3, 4], [6, 8]]
 */
export function outer(a: Tensor, b: Tensor): Tensor {
  checkArguments('outer(a, b)', a, b);
  if (a.rank !== 1 || b.rank !== 1) {
    const shapes = `${formatShape(a.shape)} and ${formatShape(b.shape)}`;
    throw new ShapeError(`both operands must be vectors, not of shapes ${shapes}`, { where: 'outer' });
  }
  return mul(unsqueeze(a, 1), b);
}
