import { refusal } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { formatShape } from '../../tensor/shape.js';

/** The images that a network takes, and the classes that it tells apart. */
export interface ImageModelOptions {
  /** Channels, height and width of the images. Default: [1, 28, 28]. */
  readonly inputShape?: readonly number[];
  /** Default: 10. */
  readonly classes?: number;
}

/**
 * Channels, height and width of an image shape.
 *
 * @param least the smallest height and width that the model can take
 * @throws {ArgumentError} when it is none, or too small
 */
export function imageSizes(
  inputShape: readonly number[],
  least: number,
  where: string,
): readonly [channels: number, height: number, width: number] {
  const [channels = 0, height = 0, width = 0] = inputShape;
  if (inputShape.length !== 3)
    throw new ArgumentError(`inputShape must be [channels, height, width], not ${formatShape(inputShape)}`, { where });
  if (channels < 1) throw refusal(where, 'inputShape', 'sizes ≥ 1', inputShape);
  if (Math.min(height, width) < least)
    throw new ArgumentError(`images must be at least ${least}×${least}, not ${height}×${width}`, { where });
  return [channels, height, width];
}
