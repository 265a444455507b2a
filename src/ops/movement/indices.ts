import { DTypeError, RangeIndexError, ShapeError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { formatShape, resolveAxis, stridesOf } from '../../tensor/shape.js';
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

/**
 * Makes sure that `index` picks elements of `x` along an axis: it has as many axes, elsewhere none longer, and all its
 * indices are in range.
 *
 * @returns the axis, counted from the front
 * @internal
 */
export function checkPicks(x: Tensor, axis: number, index: Tensor, where: string): number {
  const at = resolveAxis(axis, x.rank, where);
  const wrong = x.shape.findIndex((length, i) => i !== at && index.shape[i]! > length);
  if (index.rank !== x.rank || wrong >= 0) {
    const detail =
      index.rank !== x.rank
        ? 'they have different numbers of axes'
        : `axis ${wrong} has ${index.shape[wrong]}, more than ${x.shape[wrong]}`;
    throw new ShapeError(
      `indices of shape ${formatShape(index.shape)} do not pick from ` +
        `shape ${formatShape(x.shape)} along axis ${axis}: ${detail}`,
      { where },
    );
  }
  checkIndices(index, x.shape[at] ?? 1, where, 'index');
  return at;
}
