import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { formatShape, resolveAxis, sizeOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { cast } from '../elementwise/cast.js';
import { embedding } from './embedding.js';
import { gather } from './gather.js';
import { checkIndices } from './indices.js';
import { permute } from './permute.js';
import { expand } from './repeat.js';
import { reshape } from './reshape.js';

/**
 * The positions of one axis that `index` names, in its order; one may be named several times.
 *
 * y[i, k, j] = x[i, index[k], j] for axis 1 of three
 *
 * Shapes:   x [5,3], index int32 [K], axis 0 → [K,3]; in the dtype of x
 * Backward: dx = 0, then dx[i, index[k], j] += dy[i, k, j], k by k
 * @throws {ShapeError} when index is not a vector, or x a scalar
 * @throws {RangeIndexError} naming the first index that is out of range, and its place
 * @see torch.index_select
 * @example
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * x.indexSelect(1, tensor([2, 0], { dtype: 'int32' })).toArray();   // [[3, 1], [6, 4]]
 */
export function indexSelect(x: Tensor, axis: number, index: Tensor): Tensor {
  checkArguments('indexSelect(x, axis=-1, index)', x, axis, index);
  if (x.rank === 0 || index.rank !== 1) {
    const shapes = `shape ${formatShape(x.shape)} by an index of shape ${formatShape(index.shape)}`;
    throw new ShapeError(`cannot select from ${shapes}: x needs an axis, index has one`, { where: 'indexSelect' });
  }
  const at = resolveAxis(axis, x.rank, 'indexSelect');
  checkIndices(index, x.shape[at]!, 'indexSelect', 'index');
  return take(x, at, index);
}

/** y[…, i…, …] = x[…, index[i…], …] at `axis`, for an index of any shape, from 0 on. @internal */
export function take(x: Tensor, axis: number, index: Tensor): Tensor {
  if (x.dtype === 'uint8') return cast(take(cast(x, 'int32'), axis, index), 'uint8');
  const length = x.shape[axis]!;
  const others = x.shape.toSpliced(axis, 1);
  const order = x.shape.map((_, i) => i);
  const front = axis === 0 ? x : permute(x, [axis, ...order.toSpliced(axis, 1)]);
  const table = x.rank === 2 ? front : reshape(front, [length, sizeOf(others)]);
  const rows =
    x.dtype === 'float32'
      ? embedding(index, table)
      : gather(table, 0, expand(reshape(index, [index.size, 1]), [index.size, table.shape[1]!]));
  const picked = reshape(rows, [...index.shape, ...others]);
  if (axis === 0) return picked;
  const places = picked.shape.map((_, i) => i);
  const moved = places.splice(0, index.rank);
  return permute(picked, places.toSpliced(axis, 0, ...moved));
}
