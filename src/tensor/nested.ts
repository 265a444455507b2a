/** The values of a tensor as nested arrays. */
import type { DType, TypedArrays } from './dtype.js';
import { type Shape, sizeOf } from './shape.js';

/** A number, or arrays of them nested as deep as the shape is long. */
export type NestedArray = number | NestedArray[];

/** The values under an axis, from an element on. @internal */
export function nest(view: TypedArrays[DType], shape: Shape, axis: number, offset: number): NestedArray {
  if (axis === shape.length) return view[offset]!;
  const length = shape[axis]!;
  const stride = sizeOf(shape.slice(axis + 1));
  return Array.from({ length }, (_, i) => nest(view, shape, axis + 1, offset + i * stride));
}
