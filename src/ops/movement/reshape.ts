import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, RangeIndexError, ShapeError } from '../../runtime/errors.js';
import { checkShape, formatShape, resolveAxes, resolveAxis, type Shape, sizeOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';

function view(name: string, x: Tensor, shape: Shape): Tensor {
  return recordOp(name, x.alias(shape), [x], {}, (dy) => [dy.alias(x.shape)]);
}

/**
 * The same elements, in row-major order, in another shape; one size may be −1: it follows from the others.
 *
 * Nothing is copied: `assign()` to the result changes `x`.
 *
 * Shapes:   [2,6], shape [3,-1] → [3,4]
 * Backward: dy in the shape of x
 * @throws {ShapeError} when the number of elements differs
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkArguments('reshape(x, shape=[2, -1])', x, shape);
  const open = shape.indexOf(-1);
  const given = shape.filter((_, axis) => axis !== open);
  checkShape(given, 'reshape');
  const others = sizeOf(given);
  const inferred = others === 0 ? 0 : x.size / others;
  const fits = open < 0 ? others === x.size : Number.isInteger(inferred) && others * inferred === x.size;
  if (!fits) {
    throw new ShapeError(
      `the ${x.size} elements of shape ${formatShape(x.shape)} do not fill shape ${formatShape(shape)}`,
      {
        where: 'reshape',
        hint: 'use −1 for the size that shall follow from the others',
      },
    );
  }
  return view('reshape', x, open < 0 ? [...shape] : shape.with(open, inferred));
}

/** Which axes are joined. */
export interface FlattenOptions {
  /** First axis to join; default 0. */
  readonly startAxis?: number;
  /** Last axis to join; default −1, the last. */
  readonly endAxis?: number;
}

/**
 * Joins the axes from `startAxis` to `endAxis` into one; a scalar becomes [1]. Copies nothing.
 *
 * Shapes:   [2,3,4] → [24]; with startAxis 1 → [2,12]
 * Backward: as {@link reshape}
 */
export function flatten(x: Tensor, options: FlattenOptions = {}): Tensor {
  checkArguments('flatten(x, { startAxis: -2, endAxis: -1 })', x, options);
  const { startAxis = 0, endAxis = -1 } = options;
  if (x.rank === 0) return view('flatten', x, [1]);
  const start = resolveAxis(startAxis, x.rank, 'flatten');
  const end = resolveAxis(endAxis, x.rank, 'flatten');
  if (start > end)
    throw new ArgumentError(`startAxis ${startAxis} comes after endAxis ${endAxis} in shape ${formatShape(x.shape)}`, {
      where: 'flatten',
    });
  return view('flatten', x, [
    ...x.shape.slice(0, start),
    sizeOf(x.shape.slice(start, end + 1)),
    ...x.shape.slice(end + 1),
  ]);
}

/**
 * Drops the named axes that have size 1 (all such axes, when none is named); others stay. Copies nothing.
 *
 * Shapes:   [1,2,1,3] → [2,3]; axes 0 → [2,1,3]
 * Backward: as {@link reshape}
 */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkArguments('squeeze(x, axes?=-1|[0, 1])', x, axes);
  const named = resolveAxes(axes, x.rank, 'squeeze');
  return view(
    'squeeze',
    x,
    x.shape.filter((length, axis) => length !== 1 || !named.includes(axis)),
  );
}

/**
 * A new axis of size 1 before axis `axis`; −1 makes it the last. Copies nothing.
 *
 * Shapes:   [2,3], axis 1 → [2,1,3]; axis −1 → [2,3,1]
 * Backward: as {@link reshape}
 */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  checkArguments('unsqueeze(x, axis=-1)', x, axis);
  const at = axis < 0 ? axis + x.rank + 1 : axis;
  if (at < 0 || at > x.rank) {
    throw new RangeIndexError(
      `a new axis of ${formatShape(x.shape)} can be from ${-x.rank - 1} to ${x.rank}, not ${axis}`,
      { where: 'unsqueeze' },
    );
  }
  return view('unsqueeze', x, x.shape.toSpliced(at, 0, 1));
}

/**
 * One axis as several, the inverse of {@link flatten}; one of `sizes` may be −1. Copies nothing.
 *
 * Shapes:   [2,12], axis 1, sizes [3,4] → [2,3,4]
 * Backward: as {@link reshape}
 * @throws {ShapeError} when the sizes do not multiply to the length of the axis
 * @see torch.Tensor.unflatten
 * @example
 * unflatten(zeros([2, 12]), 1, [3, -1]).shape;   // [2, 3, 4]
 */
export function unflatten(x: Tensor, axis: number, sizes: Shape): Tensor {
  checkArguments('unflatten(x, axis=-1, sizes=[2, -1])', x, axis, sizes);
  const at = resolveAxis(axis, x.rank, 'unflatten');
  const length = x.shape[at] ?? 1;
  const others = sizeOf(sizes.filter((size) => size !== -1));
  const whole = sizes.map((size) => (size === -1 ? length / others : size));
  if (sizeOf(whole) !== length || !whole.every((size) => Number.isInteger(size) && size >= 0))
    throw new ShapeError(`axis ${axis} of ${formatShape(x.shape)} is not made of ${formatShape(sizes)}`, {
      where: 'unflatten',
    });
  return view('unflatten', x, x.shape.toSpliced(at, 1, ...whole));
}
