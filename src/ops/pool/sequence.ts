/** Sequences as images of one row, for what windows slide over. */
import { ShapeError } from '../../runtime/errors.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { unsqueeze } from '../movement/reshape.js';

/** @throws {ShapeError} when `x` does not have three axes (or, with `orLess`, two) */
export function checkRank(where: string, name: string, x: Tensor, axes: string, orLess = false): void {
  if (x.rank === 3 || (orLess && x.rank === 2)) return;
  throw new ShapeError(`${name} must be ${axes}, not ${formatShape(x.shape)}`, { where });
}

/** [N,C,L] as [N,C,1,L], [C,L] as [C,1,L]. */
export function asRow(where: string, x: Tensor): Tensor {
  checkRank(where, 'the input', x, '[N, C, L] or [C, L]', true);
  return unsqueeze(x, -2);
}
