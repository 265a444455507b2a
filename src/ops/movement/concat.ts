import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, DTypeError, ShapeError } from '../../runtime/errors.js';
import { empty } from '../../tensor/create.js';
import { formatShape, resolveAxis, sameShape, stridesOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { copyElements } from './copy.js';
import { unsqueeze } from './reshape.js';

/**
 * Tensors one after another along an axis that they have; all other axes agree.
 *
 * Shapes:   [2,3] and [4,3], axis 0 → [6,3]
 * Backward: each gets its part of dy
 * @throws {ShapeError} naming the axis that disagrees
 * @throws {DTypeError} when dtypes differ
 */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  checkArguments('concat(tensors=[a, b], axis?=-1)', tensors, axis);
  const [first] = tensors;
  if (first === undefined) throw new ArgumentError('there are no tensors to join', { where: 'concat' });
  if (first.rank === 0) throw new ShapeError('scalars have no axis to join', { where: 'concat', hint: 'use stack()' });
  const at = resolveAxis(axis, first.rank, 'concat');
  for (const x of tensors) checkJoins(first, x, at);

  const shape = first.shape.with(
    at,
    tensors.reduce((sum, x) => sum + x.shape[at]!, 0),
  );
  const strides = stridesOf(shape);
  let start = 0;
  const offsets = tensors.map((x) => {
    const offset = start * strides[at]!;
    start += x.shape[at]!;
    return offset;
  });
  const y = empty(shape, first.dtype);
  tensors.forEach((x, i) =>
    copyElements({ tensor: y, offset: offsets[i]!, strides }, { tensor: x, strides: stridesOf(x.shape) }, x.shape),
  );
  return recordOp('concat', y, tensors, { axis: at }, (dy) =>
    tensors.map((x, i) => {
      if (!x.requiresGrad) return null;
      const dx = empty(x.shape);
      copyElements({ tensor: dx, strides: stridesOf(x.shape) }, { tensor: dy, offset: offsets[i]!, strides }, x.shape);
      return dx;
    }),
  );
}

function checkJoins(first: Tensor, x: Tensor, at: number): void {
  if (x.dtype !== first.dtype) throw new DTypeError(`cannot join ${first.dtype} and ${x.dtype}`, { where: 'concat' });
  const wrong = first.shape.findIndex((length, axis) => axis !== at && length !== x.shape[axis]);
  if (x.rank !== first.rank || wrong >= 0) {
    const detail =
      x.rank !== first.rank
        ? 'they have different numbers of axes'
        : `axis ${wrong} has ${first.shape[wrong]} and ${x.shape[wrong]}`;
    throw new ShapeError(
      `shapes ${formatShape(first.shape)} and ${formatShape(x.shape)} cannot be joined along axis ${at}: ${detail}`,
      { where: 'concat' },
    );
  }
}

/**
 * Tensors of one shape side by side along a new axis.
 *
 * Shapes:   n tensors [2,3], axis 0 → [n,2,3]; axis 2 → [2,3,n]
 * Backward: each gets its part of dy
 * @throws {ShapeError} when shapes differ
 */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  checkArguments('stack(tensors=[a, b], axis?=-1)', tensors, axis);
  const [first] = tensors;
  if (first === undefined) throw new ArgumentError('there are no tensors to stack', { where: 'stack' });
  const other = tensors.find((x) => !sameShape(x.shape, first.shape));
  if (other !== undefined)
    throw new ShapeError(`shapes ${formatShape(first.shape)} and ${formatShape(other.shape)} differ`, {
      where: 'stack',
    });
  return concat(
    tensors.map((x) => unsqueeze(x, axis)),
    axis,
  );
}
