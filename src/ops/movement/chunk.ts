import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { resolveAxis } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { select, split } from './slice.js';

/**
 * Pieces of one axis, `chunks` of them where its length allows: all of ⌈length / chunks⌉ positions, the last one
 * shorter where that does not divide the length.
 *
 * Shapes:   x [5,3], chunks 2 → [3,3], [2,3]
 * Backward: as {@link split}
 * @throws {ShapeError} when x is a scalar
 * @see torch.chunk
 * @example
 * arange(5).chunk(3).map((piece) => piece.toArray());   // [[0, 1], [2, 3], [4]]
 */
export function chunk(x: Tensor, chunks: number, axis = 0): Tensor[] {
  checkArguments('chunk(x, chunks=2, axis?=-1)', x, chunks, axis);
  const length = lengthOf(x, axis, 'chunk');
  return split(x, length === 0 ? new Array<number>(chunks).fill(0) : Math.ceil(length / chunks), axis);
}

/**
 * The parts of `x` at each position of an axis, which they do not have any more.
 *
 * Shapes:   x [2,3], axis 0 → [3], [3]
 * Backward: as {@link select}
 * @throws {ShapeError} when x is a scalar
 * @see torch.unbind
 * @example
 * const [a, b] = tensor([[1, 2], [3, 4]]).unbind();
 * b!.toArray();   // [3, 4]
 */
export function unbind(x: Tensor, axis = 0): Tensor[] {
  checkArguments('unbind(x, axis?=-1)', x, axis);
  return Array.from({ length: lengthOf(x, axis, 'unbind') }, (_, index) => select(x, axis, index));
}

function lengthOf(x: Tensor, axis: number, where: string): number {
  if (x.rank === 0) throw new ShapeError('a scalar has no axis', { where });
  return x.shape[resolveAxis(axis, x.rank, where)]!;
}
