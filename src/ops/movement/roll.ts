import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { resolveAxis } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { concat } from './concat.js';
import { reshape } from './reshape.js';
import { slice } from './slice.js';

/**
 * The elements moved on by `shifts` positions; those moved beyond the end come in again at the beginning. One shift for
 * each of `axes`; without axes, the elements are moved in row-major order.
 *
 * Shapes:   any → the same
 * Backward: dy moved back
 * @throws {ArgumentError} when there are not as many shifts as axes
 * @see torch.roll
 * @example
 * arange(5).roll(2).toArray();                        // [3, 4, 0, 1, 2]
 * tensor([[1, 2], [3, 4]]).roll(1, 0).toArray();      // [[3, 4], [1, 2]]
 */
export function roll(x: Tensor, shifts: number | readonly number[], axes?: number | readonly number[]): Tensor {
  checkArguments('roll(x, shifts=-1|[1, -1], axes?=-1|[0, 1])', x, shifts, axes);
  const amounts = [shifts].flat() as number[];
  if (axes === undefined && amounts.length === 1) return reshape(roll(reshape(x, [-1]), shifts, 0), x.shape);
  const along = [axes ?? []].flat() as number[];
  if (amounts.length !== along.length)
    throw new ArgumentError(`${amounts.length} shifts for ${along.length} axes`, { where: 'roll' });
  return along.reduce((y, given, i) => {
    const axis = resolveAxis(given, x.rank, 'roll');
    const length = x.shape[axis] ?? 0;
    if (length === 0) return y;
    const cut = (length - (amounts[i]! % length)) % length;
    return concat([slice(y, cut, length, { axis }), slice(y, 0, cut, { axis })], axis);
  }, x);
}
