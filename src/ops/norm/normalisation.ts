/** What the normalising operations share. */
import { DTypeError, ShapeError } from '../../runtime/errors.js';
import { formatShape, type Shape, sameShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';

/** The learned part of a normalisation. */
export interface AffineOptions {
  /** Default: ones. */
  readonly weight?: Tensor | null;
  /** Default: zeros. */
  readonly bias?: Tensor | null;
  /** Added to the variance. Default: 1e-5. */
  readonly eps?: number;
}

/**
 * @throws {DTypeError} when one of the tensors is not float32
 * @throws {ShapeError} when one has another shape than `shape`
 */
export function checkParts(
  where: string,
  shape: Shape,
  x: Tensor,
  parts: Readonly<Record<string, Tensor | null | undefined>>,
): void {
  for (const name in parts) {
    const part = parts[name];
    if (part === null || part === undefined) continue;
    if (part.dtype !== 'float32') throw new DTypeError(`${name} is ${part.dtype}, not float32`, { where });
    if (!sameShape(part.shape, shape)) {
      throw new ShapeError(
        `${name} has shape ${formatShape(part.shape)}, but an input of ` +
          `shape ${formatShape(x.shape)} needs ${formatShape(shape)}`,
        { where },
      );
    }
  }
}

/** The axes to normalise. @throws {ShapeError} when x does not end in them */
export function lastAxes(where: string, x: Tensor, normalizedShape: number | Shape): Shape {
  const shape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
  if (shape.length === 0 || x.rank < shape.length || !sameShape(x.shape.slice(-shape.length), shape)) {
    throw new ShapeError(
      `the input of shape ${formatShape(x.shape)} does not end in the axes ${formatShape(shape)} to normalise`,
      { where },
    );
  }
  return shape;
}
