import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { DTypeError, ShapeError } from '../../runtime/errors.js';
import { copyOf, empty, full } from '../../tensor/create.js';
import { formatShape, stridesOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { checkPicks } from './indices.js';
import { slice } from './slice.js';

/** What is put where. */
interface Placed {
  readonly axis: number;
  /** The part of src that has the shape of index. */
  readonly from: Tensor;
  /** Where in x, in row-major order, each of its elements goes. */
  readonly places: Int32Array;
}

function place(name: string, x: Tensor, given: number, index: Tensor, src: Tensor | number): Placed {
  const axis = checkPicks(x, given, index, name);
  const source = typeof src === 'number' ? full(index.shape, src, { dtype: x.dtype }) : src;
  if (source.dtype !== x.dtype) throw new DTypeError(`src is ${source.dtype}, x is ${x.dtype}`, { where: name });
  if (source.rank !== index.rank || index.shape.some((length, i) => length > source.shape[i]!)) {
    const shapes = `src of shape ${formatShape(source.shape)} for an index of shape ${formatShape(index.shape)}`;
    throw new ShapeError(`${shapes}: no axis of src may be shorter`, { where: name });
  }
  const from = index.shape.reduce(
    (part, length, i) => (part.shape[i] === length ? part : slice(part, 0, length, { axis: i })),
    source,
  );
  const [own, strides] = [stridesOf(index.shape), stridesOf(x.shape)];
  const places = new Int32Array(index.size);
  const picks = index.view();
  for (let flat = 0; flat < places.length; flat++) {
    let at = x.rank === 0 ? 0 : picks[flat]! * strides[axis]!;
    for (let i = 0; i < own.length; i++)
      if (i !== axis) at += (Math.floor(flat / own[i]!) % index.shape[i]!) * strides[i]!;
    places[flat] = at;
  }
  return { axis, from, places };
}

/**
 * `x` with the elements of `src` put in along an axis, each at an index of its own: what `gather` would read. Of
 * several put in one place, the last one stays.
 *
 * y = x, then y[i, index[i, k, j], j] = src[i, k, j] for axis 1 of three
 *
 * Shapes:   index (int32) and src have as many axes as x; index is nowhere longer than src, and elsewhere than `axis`
 *           than x. A number as src is put everywhere. → y as x
 * Backward: dx = dy, 0 where an element was put; dsrc = dy at its place, 0 where a later one was put over it
 * @throws {ShapeError} when an axis of index is longer than that of x or src
 * @throws {RangeIndexError} naming the first index that is out of range, and its place
 * @throws {DTypeError} when the dtypes of x and src differ, or index is not int32
 * @see torch.scatter
 * @example
 * const index = tensor([[2], [0]], { dtype: 'int32' });
 * zeros([2, 3]).scatter(1, index, 1).toArray();   // [[0, 0, 1], [1, 0, 0]]
 */
export function scatter(x: Tensor, axis: number, index: Tensor, src: Tensor | number): Tensor {
  checkArguments('scatter(x, axis=-1, index, src=src|0.5|NaN)', x, axis, index, src);
  const { axis: at, from, places } = place('scatter', x, axis, index, src);
  const y = copyOf(x);
  const [to, values] = [y.view(), from.view()];
  for (let i = 0; i < places.length; i++) to[places[i]!] = values[i]!;
  return recordOp('scatter', y, [x, from], { axis: at, index }, (dy) => {
    const [dx, dSrc] = [copyOf(dy), empty(from.shape)];
    const [rest, taken] = [dx.view(), dSrc.view()];
    for (let i = places.length - 1; i >= 0; i--) {
      taken[i] = rest[places[i]!]!;
      rest[places[i]!] = 0;
    }
    return [dx, dSrc];
  });
}

/**
 * `x` with the elements of `src` added along an axis, each at an index of its own, one after the other.
 *
 * y = x, then y[i, index[i, k, j], j] += src[i, k, j] for axis 1 of three
 *
 * Shapes:   as {@link scatter}; src is a tensor. int32 wraps around
 * Backward: dx = dy, dsrc[i, k, j] = dy[i, index[i, k, j], j]
 * @throws {ShapeError | RangeIndexError} as {@link scatter}
 * @throws {DTypeError} when the dtypes of x and src differ, x is uint8, or index is not int32
 * @see torch.scatter_add
 * @example
 * const index = tensor([0, 2, 0], { dtype: 'int32' });
 * zeros([3]).scatterAdd(0, index, tensor([1, 2, 4])).toArray();   // [5, 0, 2]
 */
export function scatterAdd(x: Tensor, axis: number, index: Tensor, src: Tensor): Tensor {
  checkArguments('scatterAdd(x, axis=-1, index, src)', x, axis, index, src);
  if (x.dtype === 'uint8') throw new DTypeError('x is uint8, not float32 or int32', { where: 'scatterAdd' });
  const { axis: at, from, places } = place('scatterAdd', x, axis, index, src);
  const y = copyOf(x);
  const [to, values] = [y.view(), from.view()];
  for (let i = 0; i < places.length; i++) to[places[i]!]! += values[i]!;
  return recordOp('scatterAdd', y, [x, from], { axis: at, index }, (dy) => {
    const dSrc = empty(from.shape);
    const [read, taken] = [dy.view(), dSrc.view()];
    for (let i = 0; i < places.length; i++) taken[i] = read[places[i]!]!;
    return [dy, dSrc];
  });
}
