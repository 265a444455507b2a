import { recordOp } from '../../autograd/tape.js';
import { note } from '../../autograd/trace.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { empty, zeros } from '../../tensor/create.js';
import { formatShape } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { checkIndices } from './indices.js';

/** Which row of the table stays as it is. */
export interface EmbeddingOptions {
  /** A row of `weight` that receives no gradient; negative ones count from the end. */
  readonly paddingIdx?: number;
}

/**
 * Rows of a table, by index.
 *
 * y[…, :] = weight[indices[…], :]
 *
 * Shapes:   indices int32 [any…] · weight [V,D] → [any…, D]
 * Backward: dWeight[indices[k], :] += dy[k, :], k by k; nothing for paddingIdx
 * @throws {ShapeError} when weight is not a table
 * @throws {RangeIndexError} naming the first index that is out of range, and its place
 * @see torch.nn.functional.embedding
 */
export function embedding(indices: Tensor, weight: Tensor, options: EmbeddingOptions = {}): Tensor {
  checkArguments('embedding(indices, weight, { paddingIdx: -1 })', indices, weight, options);
  const { paddingIdx } = options;
  requireFloat('embedding', { weight });
  if (weight.rank !== 2)
    throw new ShapeError(`weight must have shape [rows, width], not ${formatShape(weight.shape)}`, {
      where: 'embedding',
    });
  const [rows, width] = weight.shape as [number, number];
  if (paddingIdx !== undefined && !(paddingIdx >= -rows && paddingIdx < rows)) {
    throw new ArgumentError(`paddingIdx ${paddingIdx} is not a row of a weight of ${rows} rows`, {
      where: 'embedding',
    });
  }
  checkIndices(indices, rows, 'embedding', 'index');
  const padding = paddingIdx === undefined ? -1 : paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
  const y = empty([...indices.shape, width]);
  kernels.f32_embedding_forward(addressOf(y), addressOf(weight), addressOf(indices), width, 0, indices.size);
  return recordOp('embedding', y, [weight], { indices }, (dy) => {
    const dWeight = zeros(weight.shape);
    kernels.f32_embedding_backward(
      addressOf(dWeight),
      addressOf(dy),
      addressOf(indices),
      indices.size,
      width,
      padding,
      0,
      width,
    );
    return [dWeight];
  });
}

/**
 * Float32 rows with a 1 at each index, 0 elsewhere.
 *
 * Shapes:   indices int32 [any…] → [any…, classes]
 * Backward: none
 * @throws {RangeIndexError} naming the first index that is out of range, and its place
 */
export function oneHot(indices: Tensor, classes: number): Tensor {
  checkArguments('oneHot(indices, classes=10)', indices, classes);
  checkIndices(indices, classes, 'oneHot', 'index');
  const y = empty([...indices.shape, classes]);
  kernels.f32_one_hot(addressOf(y), addressOf(indices), classes, 0, indices.size);
  return note('oneHot', y, [indices]);
}
