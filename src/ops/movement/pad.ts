import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { empty, full } from '../../tensor/create.js';
import { formatShape, stridesOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { copyElements } from './copy.js';

/**
 * Surrounds `x` by a constant. `padding` holds pairs [before, after], of the last axis first, as in PyTorch:
 * [left, right, top, bottom] pads images.
 *
 * Shapes:   x [2,3], padding [1,2] → [2,6]
 * Backward: the part of dy that lies over x
 * @throws {ArgumentError} when a padding is negative (use `slice` to cut) or one of a pair is missing
 * @throws {ShapeError} when there are more pairs than axes
 */
export function pad(x: Tensor, padding: readonly number[], value = 0): Tensor {
  checkArguments('pad(x, padding=[1, 1], value?=0.5|NaN)', x, padding, value);
  if (padding.length % 2 !== 0)
    throw new ArgumentError(`padding [${padding.join(', ')}] is not made of pairs`, { where: 'pad' });
  if (padding.length > 2 * x.rank)
    throw new ShapeError(`padding [${padding.join(', ')}] has more pairs than shape ${formatShape(x.shape)} has axes`, {
      where: 'pad',
    });
  if (!padding.every((amount) => amount >= 0)) {
    throw new ArgumentError(`padding must be whole numbers ≥ 0, not [${padding.join(', ')}]`, {
      where: 'pad',
      hint: 'use slice() to cut off',
    });
  }
  const before = x.shape.map((_, axis) => padding[2 * (x.rank - 1 - axis)] ?? 0);
  const after = x.shape.map((_, axis) => padding[2 * (x.rank - 1 - axis) + 1] ?? 0);
  const y = full(
    x.shape.map((length, axis) => before[axis]! + length + after[axis]!),
    value,
    { dtype: x.dtype },
  );
  const strides = stridesOf(y.shape);
  const inside = { offset: before.reduce((sum, amount, axis) => sum + amount * strides[axis]!, 0), strides };
  const plain = stridesOf(x.shape);
  copyElements({ tensor: y, ...inside }, { tensor: x, strides: plain }, x.shape);
  return recordOp('pad', y, [x], { before, after, value }, (dy) => {
    const dx = empty(x.shape);
    copyElements({ tensor: dx, strides: plain }, { tensor: dy, ...inside }, x.shape);
    return [dx];
  });
}
