/** Truth values: masks of uint8, 1 where it is so. All elements but 0 count as true, NaN too. No gradient. */
import { noGrad } from '../../autograd/tape.js';
import { checkTensor } from '../../runtime/arguments.js';
import { broadcastShapes } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { abs } from './abs.js';
import { checkOperands, type Operand, shapeOf } from './binary.js';
import { eq, le, lt, ne } from './compare.js';

function logical(where: string, a: Operand, b: Operand, mask: () => Tensor): Tensor {
  checkOperands(where, a, b);
  broadcastShapes(shapeOf(a), shapeOf(b), where);
  return noGrad(mask);
}

/**
 * Mask of a and b.
 *
 * Shapes:   a, b of any dtype broadcast → their common shape, uint8. No gradient.
 * @throws {ShapeError} when the shapes do not broadcast
 * @see torch.logical_and
 */
export function logicalAnd(a: Operand, b: Operand): Tensor {
  return logical('logicalAnd', a, b, () => lt(eq(a, 0), ne(b, 0)));
}

/** Mask of a or b, or both; otherwise as {@link logicalAnd}. @see torch.logical_or */
export function logicalOr(a: Operand, b: Operand): Tensor {
  return logical('logicalOr', a, b, () => le(eq(a, 0), ne(b, 0)));
}

/** Mask of either a or b; otherwise as {@link logicalAnd}. @see torch.logical_xor */
export function logicalXor(a: Operand, b: Operand): Tensor {
  return logical('logicalXor', a, b, () => ne(eq(a, 0), eq(b, 0)));
}

/** Mask of the elements that are 0, of any dtype. No gradient. @see torch.logical_not */
export function logicalNot(x: Tensor): Tensor {
  checkTensor('logicalNot', x);
  return eq(x, 0);
}

/** Mask of the elements that are NaN. No gradient. @see torch.isnan */
export function isnan(x: Tensor): Tensor {
  checkTensor('isnan', x);
  return ne(x, x);
}

/** Mask of the elements that are neither NaN nor ±∞. No gradient. @see torch.isfinite */
export function isfinite(x: Tensor): Tensor {
  checkTensor('isfinite', x);
  return noGrad(() => lt(abs(x), Infinity));
}
