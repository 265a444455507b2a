import { noGrad } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { arange } from '../../tensor/create.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { ge, le } from '../elementwise/compare.js';
import { where } from '../elementwise/where.js';
import { reshape } from './reshape.js';

/** Where a triangle ends. */
export interface TriangleOptions {
  /** The last diagonal that is kept: 0 is the main one, above it are positive ones. Default: 0. */
  readonly diagonal?: number;
}

function triangle(name: string, x: Tensor, options: TriangleOptions, keeps: typeof le): Tensor {
  checkArguments(`${name}(x, { diagonal: -1 })`, x, options);
  const { diagonal = 0 } = options;
  const [rows, columns] = x.shape.slice(-2);
  if (columns === undefined)
    throw new ShapeError(`needs at least two axes, not the shape ${formatShape(x.shape)}`, { where: name });
  const mask = noGrad(() => keeps(arange(columns), reshape(arange(diagonal, diagonal + rows!), [rows!, 1])));
  return where(mask, x, 0);
}

/**
 * The lower triangle of matrices: elements above the diagonal become 0.
 *
 * y[…,i,j] = x[…,i,j] where j ≤ i + diagonal, else 0
 *
 * Shapes:   [.., M, N] → the same; integers give int32
 * Backward: dx = dy in the triangle, else 0
 * @throws {ShapeError} with fewer than two axes
 * @see torch.tril
 * @example
 * tril(ones([2, 2])).toArray();                    // [[1, 0], [1, 1]]
 * tril(ones([2, 2]), { diagonal: -1 }).toArray();  // [[0, 0], [1, 0]]
 */
export function tril(x: Tensor, options: TriangleOptions = {}): Tensor {
  return triangle('tril', x, options, le);
}

/** The upper triangle: x[…,i,j] where j ≥ i + diagonal, else 0. Otherwise as {@link tril}. @see torch.triu */
export function triu(x: Tensor, options: TriangleOptions = {}): Tensor {
  return triangle('triu', x, options, ge);
}
