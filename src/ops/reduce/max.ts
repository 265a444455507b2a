import { recordOp } from '../../autograd/tape.js';
import { note } from '../../autograd/trace.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { empty, zeros } from '../../tensor/create.js';
import { scope } from '../../tensor/scope.js';
import { formatShape } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { cast } from '../elementwise/cast.js';
import { type Axes, type Folded, foldAxes, type ReduceOptions } from './fold.js';

/** int32 for integers (uint8 is widened), which are compared exactly. */
function foldSome(x: Tensor, axes: Axes, options: ReduceOptions, where: string): Folded {
  const folded = foldAxes(x, axes, options, where, 'any', x.dtype === 'float32' ? 'float32' : 'int32');
  if (folded.reduce === 0)
    throw new ShapeError(`no elements to choose from along the axes to reduce of shape ${formatShape(x.shape)}`, {
      where,
    });
  return folded;
}

function positions({ x, reduce, inner, outputs, shape }: Folded, kernel: typeof kernels.f32_argmax): Tensor {
  const index = empty(shape, 'int32');
  kernel(addressOf(index), addressOf(x), reduce, inner, 0, outputs);
  return index;
}

/** The extreme of one axis: the gradient goes to the one position taken. */
function alongAxis(name: string, folded: Folded, choose: typeof kernels.f32_argmax): Tensor {
  const { x, reduce, inner, outputs, shape } = folded;
  const index = positions(folded, choose);
  const y = empty(shape, x.dtype);
  kernels.x32_gather(addressOf(y), addressOf(x), addressOf(index), reduce, 1, inner, 0, outputs);
  return recordOp(
    name,
    y,
    [x],
    folded,
    (dy) => {
      const dx = zeros(x.shape);
      kernels.f32_gather_backward(addressOf(dx), addressOf(dy), addressOf(index), reduce, 1, inner, 0, outputs);
      return [dx];
    },
    [index],
  );
}

/** The extreme of integers over any axes, in their dtype: found by its position. */
function ofIntegers(
  name: string,
  x: Tensor,
  axes: Axes,
  options: ReduceOptions,
  choose: typeof kernels.i32_argmax,
): Tensor {
  return scope(() => cast(alongAxis(name, foldSome(x, axes, options, name), choose), x.dtype));
}

/** The extreme over all or several axes: ties share the gradient. */
function overAxes(name: string, folded: Folded, fold: typeof kernels.f32_max): Tensor {
  const { x, reduce, inner, outputs, rows, shape } = folded;
  const y = empty(shape);
  fold(addressOf(y), addressOf(x), reduce, inner, 0, outputs);
  return recordOp(name, y, [x], folded, (dy) => {
    const dx = empty(x.shape);
    const counts = empty(shape);
    kernels.f32_ties(addressOf(counts), addressOf(x), addressOf(y), reduce, inner, 0, outputs);
    kernels.f32_ties_backward(
      addressOf(dx),
      addressOf(dy),
      addressOf(x),
      addressOf(y),
      addressOf(counts),
      reduce,
      inner,
      0,
      rows,
    );
    return [dx];
  });
}

/**
 * The largest element over the named axes (all, when none is named); NaN where there is one.
 *
 * Shapes:   as `sum`; in the dtype of x
 * Backward: over one axis (a number), the gradient goes to the first largest, where {@link argmax} points, as
 *           torch.max(x, dim); over all or a list of axes, equal largest elements share it, as torch.max(x), torch.amax
 * @throws {ShapeError} when there is nothing to choose from
 */
export function max(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  checkArguments('max(x, axes?=-1|[0, 1], { keepDim: true })', x, axes, options);
  if (x.dtype !== 'float32') return ofIntegers('max', x, axes, options, kernels.i32_argmax);
  const folded = foldSome(x, axes, options, 'max');
  return typeof axes === 'number'
    ? alongAxis('max', folded, kernels.f32_argmax)
    : overAxes('max', folded, kernels.f32_max);
}

/** The smallest element over the named axes; otherwise as {@link max}. */
export function min(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  checkArguments('min(x, axes?=-1|[0, 1], { keepDim: true })', x, axes, options);
  if (x.dtype !== 'float32') return ofIntegers('min', x, axes, options, kernels.i32_argmin);
  const folded = foldSome(x, axes, options, 'min');
  return typeof axes === 'number'
    ? alongAxis('min', folded, kernels.f32_argmin)
    : overAxes('min', folded, kernels.f32_min);
}

function position(
  name: string,
  given: Tensor,
  axis: number | undefined,
  options: ReduceOptions,
  choose: typeof kernels.f32_argmax,
): Tensor {
  return scope(() => {
    const folded = foldSome(given, axis, options, name);
    return note(name, positions(folded, choose), [folded.x], folded);
  });
}

/**
 * The position (int32) of the first largest element along an axis, or in the flattened tensor when none is named.
 * NaN counts as largest.
 *
 * Shapes:   x [2,3,4], axis 1 → [2,4], or [2,1,4] with keepDim; no axis → a scalar
 * @throws {ShapeError} when there is nothing to choose from
 */
export function argmax(x: Tensor, axis?: number, options: ReduceOptions = {}): Tensor {
  checkArguments('argmax(x, axis?=-1, { keepDim: true })', x, axis, options);
  return position('argmax', x, axis, options, x.dtype === 'float32' ? kernels.f32_argmax : kernels.i32_argmax);
}

/** The position (int32) of the first smallest element; NaN counts as smallest. Otherwise as {@link argmax}. */
export function argmin(x: Tensor, axis?: number, options: ReduceOptions = {}): Tensor {
  checkArguments('argmin(x, axis?=-1, { keepDim: true })', x, axis, options);
  return position('argmin', x, axis, options, x.dtype === 'float32' ? kernels.f32_argmin : kernels.i32_argmin);
}
