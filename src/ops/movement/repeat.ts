import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { checkShape, formatShape, type Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { broadcastTo } from '../elementwise/broadcast.js';
import { reshape } from './reshape.js';

/**
 * `x` laid out `counts[i]` times along axis i; further counts before the first make new axes.
 *
 * Shapes:   [2,3], counts [4,1,2] → [4,2,6]
 * Backward: sums over the repeats
 * @throws {ShapeError} when there are fewer counts than axes
 * @see torch.Tensor.repeat
 */
export function repeat(x: Tensor, counts: readonly number[]): Tensor {
  checkArguments('repeat(x, counts=[2, 1])', x, counts);
  if (!counts.every((count) => count >= 0))
    throw new ArgumentError(`counts must be whole numbers ≥ 0, not [${counts.join(', ')}]`, { where: 'repeat' });
  const lead = counts.length - x.rank;
  if (lead < 0)
    throw new ShapeError(`${counts.length} counts for the ${x.rank} axes of shape ${formatShape(x.shape)}`, {
      where: 'repeat',
      hint: 'give one count for each axis; 1 leaves it as it is',
    });
  const sizes = counts.map((_, i) => (i < lead ? 1 : x.shape[i - lead]!));
  const laidOut = broadcastTo(
    reshape(
      x,
      sizes.flatMap((size) => [1, size]),
    ),
    sizes.flatMap((size, i) => [counts[i]!, size]),
  );
  return reshape(
    laidOut,
    sizes.map((size, i) => counts[i]! * size),
  );
}

/**
 * `x` repeated along new leading axes and axes of size 1; −1 leaves an axis as it is. (A copy, unlike PyTorch's.)
 *
 * Shapes:   [3,1], shape [2,-1,4] → [2,3,4]
 * Backward: sums over the repeats
 * @throws {ShapeError} when a size of `x` is neither 1 nor that of `shape`
 * @throws {ArgumentError} when a new axis is −1, or a size no whole number ≥ 0
 * @see torch.Tensor.expand
 */
export function expand(x: Tensor, shape: Shape): Tensor {
  checkArguments('expand(x, shape=[2, -1])', x, shape);
  const lead = shape.length - x.rank;
  const sizes = shape.map((size, i) => (size === -1 && i >= lead ? x.shape[i - lead]! : size));
  checkShape(sizes, 'expand');
  return broadcastTo(x, sizes);
}
