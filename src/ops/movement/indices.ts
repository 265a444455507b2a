import { DTypeError, RangeIndexError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { formatShape, stridesOf } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';

/**
 * Makes sure that every index is from 0 to `length` − 1, before anything is read or written by it.
 *
 * @param what an index is: 'class id', 'index'
 * @param ignored an index that is allowed besides
 * @throws {DTypeError} when the indices are not int32
 * @throws {RangeIndexError} naming the first wrong one and its place
 * @internal
 */
export function checkIndices(indices: Tensor, length: number, where: string, what: string, ignored = NaN): void {
  if (indices.dtype !== 'int32') {
    throw new DTypeError(`${what === 'index' ? 'indices' : `${what}s`} must be int32, not ${indices.dtype}`, {
      where,
      hint: "convert them with to('int32')",
    });
  }
  const wrong = kernels.i32_first_outside(addressOf(indices), indices.size, length, ignored);
  if (wrong < 0) return;
  const place = stridesOf(indices.shape).map((stride, axis) => Math.floor(wrong / stride) % indices.shape[axis]!);
  const row = place.length === 1 ? `row ${place[0]}` : `position ${formatShape(place)}`;
  throw new RangeIndexError(`${what} ${indices.view()[wrong]} at ${row} is outside 0 … ${length - 1}`, { where });
}
