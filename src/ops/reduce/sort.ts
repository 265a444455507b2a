import { note } from '../../autograd/trace.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { viewI32 } from '../../runtime/memory.js';
import { empty } from '../../tensor/create.js';
import { scope } from '../../tensor/scope.js';
import { resolveAxis, sizeOf } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { cast } from '../elementwise/cast.js';
import { gather } from '../movement/gather.js';

/** In which order. */
export interface SortOptions {
  /** The largest first. Default: false. */
  readonly descending?: boolean;
}

/** Which elements. */
export interface TopkOptions {
  /** The largest, or the smallest. Default: true. */
  readonly largest?: boolean;
}

/** Elements of a tensor in order, and where they were along the axis. */
export interface Sorted {
  /** In the dtype of x. */
  readonly values: Tensor;
  /** int32 */
  readonly indices: Tensor;
}

/** The first `count` positions of an axis in the order of the elements there. Equal ones stay in their order. */
function order(x: Tensor, axis: number, count: number, descending: boolean): Tensor {
  const length = x.shape[axis] ?? 1;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const y = empty(x.rank === 0 ? [] : x.shape.with(axis, count), 'int32');
  const positions = y.view();
  const numbers = x.dtype === 'float32' ? viewI32(addressOf(x), x.size) : x.view();
  const sign = descending ? -1 : 1;
  const keys = new Float64Array(length);
  for (let fibre = 0; fibre < x.size / length; fibre++) {
    const outer = Math.floor(fibre / inner);
    const first = outer * length * inner + (fibre % inner);
    for (let k = 0; k < length; k++) keys[k] = sign * keyOf(numbers[first + k * inner]!, x.dtype === 'float32');
    const sorted = Int32Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]! || a - b);
    const to = outer * count * inner + (fibre % inner);
    for (let k = 0; k < count; k++) positions[to + k * inner] = sorted[k]!;
  }
  return note('topk', y, [x], { axis, largest: descending, count });
}

/** A number that is ordered as the float32 number of these bits: both zeros are equal, NaN is above infinity. */
function keyOf(bits: number, float: boolean): number {
  const magnitude = bits & 0x7fff_ffff;
  return !float ? bits : magnitude > 0x7f80_0000 ? 0x7fff_ffff : bits < 0 ? -magnitude : bits;
}

function sorted(x: Tensor, axis: number, count: number, descending: boolean): Sorted {
  const indices = order(x, axis, count, descending);
  const values =
    x.dtype === 'uint8'
      ? scope(() => cast(gather(cast(x, 'int32'), axis, indices), 'uint8'))
      : gather(x, axis, indices);
  return { values, indices };
}

/**
 * The elements of each row of an axis in ascending order, and where they were. Equal elements stay in their order; NaN
 * is above every number.
 *
 * Shapes:   x [2,3], axis 1 → values [2,3] in the dtype of x, indices [2,3] int32
 * Backward: of the values, dy at the places that they came from; the indices have none
 * @see torch.sort with stable=True
 * @example
 * const { values, indices } = sort(tensor([3, 1, 2]));
 * values.toArray();    // [1, 2, 3]
 * indices.toArray();   // [1, 2, 0]
 */
export function sort(x: Tensor, axis = -1, options: SortOptions = {}): Sorted {
  checkArguments('sort(x, axis?=-1, { descending: true })', x, axis, options);
  const at = resolveAxis(axis, x.rank, 'sort');
  return sorted(x, at, x.shape[at] ?? 1, options.descending === true);
}

/**
 * The indices (int32) that bring the elements of an axis into order: those of {@link sort}.
 *
 * @see torch.argsort with stable=True
 * @example
 * argsort(tensor([3, 1, 2]), -1, { descending: true }).toArray();   // [0, 2, 1]
 */
export function argsort(x: Tensor, axis = -1, options: SortOptions = {}): Tensor {
  checkArguments('argsort(x, axis?=-1, { descending: true })', x, axis, options);
  const at = resolveAxis(axis, x.rank, 'argsort');
  return order(x, at, x.shape[at] ?? 1, options.descending === true);
}

/**
 * The `k` largest (or smallest) elements of each row of an axis, in order, and where they are. Of equal elements, the
 * first are taken; NaN is above every number.
 *
 * Shapes:   x [2,5], k 3, axis 1 → values [2,3] in the dtype of x, indices [2,3] int32
 * Backward: of the values, dy at the places that they came from, 0 elsewhere
 * @throws {ArgumentError} when the axis has less than `k` elements
 * @see torch.topk
 * @example
 * const { values, indices } = topk(tensor([3, 1, 2]), 2);
 * values.toArray();    // [3, 2]
 * indices.toArray();   // [0, 2]
 */
export function topk(x: Tensor, k: number, axis = -1, options: TopkOptions = {}): Sorted {
  checkArguments('topk(x, k=0, axis?=-1, { largest: true })', x, k, axis, options);
  const at = resolveAxis(axis, x.rank, 'topk');
  const length = x.shape[at] ?? 1;
  if (k > length || (x.rank === 0 && k === 0))
    throw new ArgumentError(`axis ${axis} has ${length} elements, k is ${k}`, { where: 'topk' });
  return sorted(x, at, k, options.largest !== false);
}
