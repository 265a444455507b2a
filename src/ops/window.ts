import { ArgumentError, ShapeError } from '../runtime/errors.js';
import { formatShape, type Shape } from '../tensor/shape.js';

/** One number for both axes of an image, or [vertical, horizontal]. */
export type Pair = number | readonly [number, number];

/** @throws {ArgumentError} when it is no whole number, or less than `least` */
export function pairOf(value: Pair, name: string, where: string, least: number): readonly [number, number] {
  const pair = typeof value === 'number' ? [value, value] as const : value;
  if (pair.length !== 2 || !pair.every((part) => Number.isInteger(part) && part >= least)) {
    throw new ArgumentError(`${name} must be a whole number ≥ ${least}, or two of them, not ${JSON.stringify(value)}`, { where });
  }
  return pair;
}

/** An image's axes. */
export interface ImageShape {
  /** Shape without the batch axis was given: [C,H,W]. */
  readonly single: boolean;
  readonly images: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Reads [N,C,H,W] or [C,H,W]. @throws {ShapeError} when it is neither */
export function imageShape(shape: Shape, where: string): ImageShape {
  if (shape.length !== 3 && shape.length !== 4) {
    throw new ShapeError(`the input must be [N, C, H, W] or [C, H, W], not ${formatShape(shape)}`, {
      where, hint: shape.length === 2 ? 'images that were flattened must be reshaped to [N, C, H, W] first' : 'reshape it',
    });
  }
  const single = shape.length === 3;
  const [channels, height, width] = shape.slice(-3) as [number, number, number];
  return { single, images: single ? 1 : shape[0]!, channels, height, width };
}

/** The shape of a result with the axes that the input had. */
export function imageResult(input: ImageShape, channels: number, height: number, width: number): number[] {
  return input.single ? [channels, height, width] : [input.images, channels, height, width];
}
