/** The values of a tensor as nested arrays. */
import { checkArguments } from '../runtime/arguments.js';
import { RangeIndexError, ShapeError } from '../runtime/errors.js';
import type { DType, TypedArrays } from './dtype.js';
import { formatShape, type Shape, sizeOf } from './shape.js';

/** A number, or arrays of them nested as deep as the shape is long. */
export type NestedArray = number | NestedArray[];

/** The values under an axis, from an element on. @internal */
export function nest(view: TypedArrays[DType], shape: Shape, axis: number, offset: number): NestedArray {
  if (axis === shape.length) return view[offset]!;
  const length = shape[axis]!;
  const stride = sizeOf(shape.slice(axis + 1));
  return Array.from({ length }, (_, i) => nest(view, shape, axis + 1, offset + i * stride));
}

/** Where the element at these indices is, row-major; without indices, where the only one is. @internal */
export function offsetOf(indices: readonly number[], shape: Shape): number {
  const where = 'item';
  if (indices.length === 0 && sizeOf(shape) === 1) return 0;
  checkArguments('x.item(indices=[-1])', indices);
  if (indices.length === 0)
    throw new ShapeError(`only a tensor of one element has one, this one has shape ${formatShape(shape)}`, {
      where,
      hint: 'give the indices, or use toArray()',
    });
  if (indices.length !== shape.length)
    throw new ShapeError(`[${indices.join(', ')}] are not the indices of one element of shape ${formatShape(shape)}`, {
      where,
    });
  return indices.reduce((offset, index, axis) => {
    const length = shape[axis]!;
    const at = index < 0 ? index + length : index;
    if (at < 0 || at >= length)
      throw new RangeIndexError(`index ${index} is outside axis ${axis} of length ${length}`, { where });
    return offset * length + at;
  }, 0);
}
