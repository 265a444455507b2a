import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { RangeIndexError, ShapeError } from '../../runtime/errors.js';
import { empty, zeros } from '../../tensor/create.js';
import { formatShape, resolveAxis, stridesOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { copyElements } from './copy.js';
import { reshape } from './reshape.js';

/** Along which axis, in which steps. */
export interface SliceOptions {
  /** Default: 0. */
  readonly axis?: number;
  /** Take every `step`-th; default 1. */
  readonly step?: number;
}

/**
 * The positions from `start` up to but without `end` of one axis, as `Array.prototype.slice`: negative ones count from
 * the end, and what lies outside is cut off.
 *
 * Shapes:   x [5,3], start 1, end 4 → [3,3]
 * Backward: dx is dy at the positions taken, 0 elsewhere
 * @throws {ArgumentError} when `step` is not a whole number ≥ 1 (use `flip` to go backwards)
 * @example
 * const x = tensor([[1, 2, 3, 4], [5, 6, 7, 8]]);
 * x.slice(0, 1).toArray();                   // [[1, 2, 3, 4]]
 * x.slice(1, -1, { axis: 1 }).toArray();     // [[2, 3], [6, 7]]
 */
export function slice(x: Tensor, start: number, end?: number, options: SliceOptions = {}): Tensor {
  checkArguments('slice(x, start=-3, end?=-1, { axis: -1, step: 1 })', x, start, end, options);
  const { axis = 0, step = 1 } = options;
  if (x.rank === 0) throw new ShapeError('a scalar has no axis to slice', { where: 'slice' });
  const at = resolveAxis(axis, x.rank, 'slice');
  const length = x.shape[at]!;
  const first = bound(start, length);
  const count = Math.max(Math.ceil((bound(end ?? length, length) - first) / step), 0);

  const shape = x.shape.with(at, count);
  const strides = stridesOf(x.shape);
  const taken = { offset: first * strides[at]!, strides: strides.with(at, step * strides[at]!) };
  const y = empty(shape, x.dtype);
  copyElements({ tensor: y, strides: stridesOf(shape) }, { tensor: x, ...taken }, shape);
  return recordOp('slice', y, [x], { axis: at, first, step }, (dy) => {
    const dx = zeros(x.shape);
    copyElements({ tensor: dx, ...taken }, { tensor: dy, strides: stridesOf(shape) }, shape);
    return [dx];
  });
}

function bound(position: number, length: number): number {
  return Math.min(Math.max(position < 0 ? position + length : position, 0), length);
}

/**
 * One position of one axis, which the result does not have any more.
 *
 * Shapes:   x [5,2,3], axis 1 → [5,3]
 * Backward: dx is dy at the position, 0 elsewhere
 * @throws {RangeIndexError} when the axis has no such position
 * @example
 * tensor([[1, 2], [3, 4]]).select(0, -1).toArray();   // [3, 4]
 */
export function select(x: Tensor, axis: number, index: number): Tensor {
  checkArguments('select(x, axis=-1, index=-1)', x, axis, index);
  if (x.rank === 0) throw new ShapeError('a scalar has no axis to select from', { where: 'select' });
  const at = resolveAxis(axis, x.rank, 'select');
  const length = x.shape[at]!;
  const position = index < 0 ? index + length : index;
  if (position < 0 || position >= length) {
    throw new RangeIndexError(
      `index ${index} is outside axis ${axis} of length ${length} of shape ${formatShape(x.shape)}`,
      { where: 'select' },
    );
  }
  return reshape(slice(x, position, position + 1, { axis: at }), x.shape.toSpliced(at, 1));
}

/**
 * Pieces of one axis: of `size` positions each (the last one may be shorter), or of the sizes given.
 *
 * Shapes:   x [5,3], size 2 → [2,3], [2,3], [1,3]
 * Backward: dx is dy at the positions of the piece, 0 elsewhere
 * @throws {ShapeError} when given sizes do not add up to the length of the axis
 */
export function split(x: Tensor, size: number | readonly number[], axis = 0): Tensor[] {
  checkArguments('split(x, size=2|[2, 3], axis?=-1)', x, size, axis);
  if (x.rank === 0) throw new ShapeError('a scalar has no axis to split', { where: 'split' });
  const at = resolveAxis(axis, x.rank, 'split');
  const length = x.shape[at]!;
  const pieces: Tensor[] = [];
  if (typeof size === 'number') {
    for (let start = 0; start < Math.max(length, 1); start += size)
      pieces.push(slice(x, start, Math.min(start + size, length), { axis: at }));
    return pieces;
  }
  const total = size.reduce((sum, piece) => sum + piece, 0);
  if (total !== length || !size.every((piece) => piece >= 0)) {
    throw new ShapeError(
      `pieces of [${size.join(', ')}] do not make up axis ${axis} of length ${length} of shape ${formatShape(x.shape)}`,
      { where: 'split' },
    );
  }
  let start = 0;
  for (const piece of size) {
    pieces.push(slice(x, start, start + piece, { axis: at }));
    start += piece;
  }
  return pieces;
}
