import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { empty, full } from '../../tensor/create.js';
import { formatShape, stridesOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { broadcastTo } from '../elementwise/broadcast.js';
import { concat } from './concat.js';
import { copyElements } from './copy.js';
import { flip } from './flip.js';
import { reshape } from './reshape.js';
import { slice } from './slice.js';

/** What a border is filled with. */
export type PadMode = 'constant' | 'reflect' | 'replicate' | 'circular';

/** What a border is filled with, and the constant. */
export interface PadOptions {
  /**
   * Default 'constant'. 'reflect' mirrors at the first and last element, which are not repeated; 'replicate' repeats
   * them; 'circular' goes on at the other end.
   */
  readonly mode?: PadMode;
  /** The constant of mode 'constant'. Default: 0. */
  readonly value?: number;
}

const PAD_CALL =
  "pad(x, padding=[1, 1], options?={ mode: 'constant'|'reflect'|'replicate'|'circular', value: 0.5|NaN }|0.5|NaN)";

/**
 * Surrounds `x` by a border: a constant, or elements of x. `padding` holds pairs [before, after], of the last axis
 * first, as in PyTorch: [left, right, top, bottom] pads images.
 *
 * Shapes:   x [2,3], padding [1,2] → [2,6]
 * Backward: the part of dy that lies over x; other modes than 'constant' add dy of the border to the elements in it
 * @param options a number is the constant
 * @throws {ArgumentError} when a padding is negative (use `slice` to cut) or one of a pair is missing
 * @throws {ShapeError} when there are more pairs than axes, or the mode needs a longer axis
 * @see torch.nn.functional.pad
 * @example
 * pad(tensor([1, 2, 3]), [2, 1], { mode: 'reflect' }).toArray();   // [3, 2, 1, 2, 3, 2]
 */
export function pad(x: Tensor, padding: readonly number[], options: number | PadOptions = {}): Tensor {
  checkArguments(PAD_CALL, x, padding, options);
  const { mode = 'constant', value = 0 } = typeof options === 'number' ? { value: options } : options;
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
  if (mode !== 'constant')
    return before.reduce((y, amount, axis) => surround(y, axis, amount, after[axis]!, mode), reshape(x, x.shape));
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

/** One axis with elements of its own before and after. */
function surround(x: Tensor, axis: number, before: number, after: number, mode: PadMode): Tensor {
  const length = x.shape[axis]!;
  const room = mode === 'reflect' ? length - 1 : mode === 'circular' ? length : length * Infinity;
  const amount = Math.max(before, after);
  // (0·∞ is NaN.)
  if (amount === 0) return x;
  if (!(amount <= room)) {
    throw new ShapeError(`axis ${axis} of ${formatShape(x.shape)} is too short for a ${mode} padding of ${amount}`, {
      where: 'pad',
    });
  }
  const take = (start: number, count: number): Tensor => slice(x, start, start + count, { axis });
  const side = (count: number, isAfter: boolean): Tensor[] => {
    if (count === 0) return [];
    if (mode === 'circular') return [take(isAfter ? 0 : length - count, count)];
    if (mode === 'reflect') return [flip(take(isAfter ? length - 1 - count : 1, count), axis)];
    return [broadcastTo(take(isAfter ? length - 1 : 0, 1), x.shape.with(axis, count))];
  };
  return concat([...side(before, false), x, ...side(after, true)], axis);
}
