/** Comparisons of tensors that broadcast, and of numbers: masks of uint8, 1 where they hold. They carry no gradient. */
import { kernels } from '../runtime/runtime.js';
import { empty } from '../tensor/create.js';
import { broadcastShapes } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { commonDtype, shapeOf, withElements, type Operand } from './binary.js';
import { withGeometry } from './broadcast.js';

/** Integers are compared as int32, exactly; beside a float (or a fraction) as float32. */
function compare(where: string, kernel: 'eq' | 'ne' | 'lt' | 'le', a: Operand, b: Operand): Tensor {
  const mask = empty(broadcastShapes(shapeOf(a), shapeOf(b), where), 'uint8');
  if (mask.size === 0) return mask;
  const dtype = commonDtype(a, b);
  const run = dtype === 'int32' ? kernels[`i32_${kernel}`] : kernels[`f32_${kernel}`];
  withElements(a, dtype, (aPtr) => withElements(b, dtype, (bPtr) => {
    withGeometry(mask.shape, [shapeOf(a), shapeOf(b)], (geometry, rank) => run(mask.ptr, aPtr, bPtr, geometry, rank, 0, mask.size));
  }));
  return mask;
}

/**
 * Mask of a = b; NaN equals nothing.
 *
 * Shapes:   a, b broadcast → their common shape, uint8: 1 where it is so, else 0. No gradient.
 * @throws {ShapeError} when the shapes do not broadcast
 */
export function eq(a: Operand, b: Operand): Tensor {
  return compare('eq', 'eq', a, b);
}

/** Mask of a ≠ b; true for NaN. Otherwise as {@link eq}. */
export function ne(a: Operand, b: Operand): Tensor {
  return compare('ne', 'ne', a, b);
}

/** Mask of a < b; false for NaN. Otherwise as {@link eq}. */
export function lt(a: Operand, b: Operand): Tensor {
  return compare('lt', 'lt', a, b);
}

/** Mask of a ≤ b; false for NaN. Otherwise as {@link eq}. */
export function le(a: Operand, b: Operand): Tensor {
  return compare('le', 'le', a, b);
}

/** Mask of a > b; false for NaN. Otherwise as {@link eq}. */
export function gt(a: Operand, b: Operand): Tensor {
  return compare('gt', 'lt', b, a);
}

/** Mask of a ≥ b; false for NaN. Otherwise as {@link eq}. */
export function ge(a: Operand, b: Operand): Tensor {
  return compare('ge', 'le', b, a);
}
