import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { pad } from './pad.js';
import { reshape } from './reshape.js';
import { slice } from './slice.js';

/**
 * The diagonal of a matrix, or the matrix with a vector on its diagonal and zeros elsewhere. `diagonal` chooses which:
 * 0 the main one, 1 the one above it, −1 the one below.
 *
 * Shapes:   x [N,M] → [min(N,M)], less beside the main diagonal; x [N], diagonal k → [N+|k|,N+|k|]
 * Backward: of a matrix, dy on the diagonal, 0 elsewhere; of a vector, the diagonal of dy
 * @throws {ShapeError} when x is neither a vector nor a matrix
 * @see torch.diag
 * @example
 * tensor([[1, 2], [3, 4]]).diag().toArray();      // [1, 4]
 * tensor([1, 2]).diag(1).toArray();               // [[0, 1, 0], [0, 0, 2], [0, 0, 0]]
 */
export function diag(x: Tensor, diagonal = 0): Tensor {
  checkArguments('diag(x, diagonal?=-1)', x, diagonal);
  const [rows, columns] = x.shape as [number, number?];
  const [down, right] = [Math.max(-diagonal, 0), Math.max(diagonal, 0)];
  if (x.rank === 1) {
    // A row of the element and as many zeros as the matrix has columns: written one after another, each begins one
    // column further right than the last one.
    const side = rows + down + right;
    const flat = reshape(pad(reshape(x, [rows, 1]), [0, side]), [-1]);
    const start = down * side + right;
    return reshape(slice(pad(flat, [start, side * side]), 0, side * side), [side, side]);
  }
  if (x.rank !== 2)
    throw new ShapeError(`x must be a vector or a matrix, not of shape ${formatShape(x.shape)}`, { where: 'diag' });
  const count = Math.max(Math.min(rows - down, columns! - right), 0);
  const start = down * columns! + right;
  const step = columns! + 1;
  return slice(reshape(x, [-1]), start, count && start + (count - 1) * step + 1, { step });
}
