import { checkArguments } from '../../runtime/arguments.js';
import type { Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { add, mul } from '../elementwise/arithmetic.js';
import { requireFloat } from '../elementwise/float.js';
import { rsqrt } from '../elementwise/sqrt.js';
import { square } from '../elementwise/square.js';
import { mean } from '../reduce/sum.js';
import { checkParts, lastAxes } from './normalisation.js';

/** What is learned, and what keeps the root from 0. */
export interface RmsNormOptions {
  /** Default: ones. */
  readonly weight?: Tensor | null;
  /** Added to the mean of the squares. Default: 2⁻²³, the spacing of float32 numbers at 1. */
  readonly eps?: number | null;
}

/**
 * Root mean square normalisation: the last axes of every sample, divided by the root of the mean of their squares.
 *
 * y = x / √(mean(x²) + eps) · weight, the mean over the last axes
 *
 * Shapes:   x […,D…] · normalizedShape D… (a number: one axis) · weight [D…] → as x
 * Backward: that of the operations that it consists of
 * @throws {ShapeError} when x does not end in normalizedShape, or weight has another shape than that
 * @throws {DTypeError} when a tensor is not float32
 * @see same as torch.nn.functional.rms_norm; Zhang and Sennrich, arXiv 1910.07467
 * @example
 * rmsNorm(tensor([3, 3, 3]), 3).toArray();   // [1, 1, 1]
 */
export function rmsNorm(x: Tensor, normalizedShape: number | Shape, options: RmsNormOptions = {}): Tensor {
  checkArguments(
    'rmsNorm(x, normalizedShape=10|[10], { weight: weight|null, eps: 1e-5|null })',
    x,
    normalizedShape,
    options,
  );
  const { weight, eps } = options;
  requireFloat('rmsNorm', { x });
  const shape = lastAxes('rmsNorm', x, normalizedShape);
  checkParts('rmsNorm', shape, x, { weight });
  const axes = shape.map((_, axis) => axis - shape.length);
  const squares = mean(square(x), axes, { keepDim: true });
  const y = mul(x, rsqrt(add(squares, eps ?? 2 ** -23)));
  return weight ? mul(y, weight) : y;
}
