import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import type { RecordOf } from '../../runtime/records.js';
import { formatShape, type Shape } from '../../tensor/shape.js';

/** One number for both axes of an image, or [vertical, horizontal]. */
export type Pair = number | readonly [number, number];

/** @throws {ArgumentError} when it is not a whole number, or less than `least` */
export function pairOf(value: Pair, name: string, where: string, least: number): readonly [number, number] {
  const pair = typeof value === 'number' ? ([value, value] as const) : value;
  const holds = (part: number) => Number.isInteger(part) && part >= least;
  if (pair.length !== 2 || !holds(pair[0]) || !holds(pair[1])) {
    throw new ArgumentError(`${name} must be a whole number ≥ ${least}, or two of them, not ${JSON.stringify(value)}`, {
      where,
    });
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
      where,
      hint: shape.length === 2 ? 'images that were flattened must be reshaped to [N, C, H, W] first' : 'reshape it',
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

/** A window that slides over images, resolved against them. */
export type PoolShape = RecordOf<'PoolShape'>;

/** How the windows of a pool lie. */
export interface SlidingOptions {
  /** Default: the kernel's size, so that windows lie side by side. */
  readonly stride?: Pair;
  /** Rows and columns around the image that windows may reach into; at most half the kernel. Default 0. */
  readonly padding?: Pair;
  /** Let the last windows hang over the end instead of leaving out what does not fill one. Default: false. */
  readonly ceilMode?: boolean;
}

/**
 * Resolves a pooling window.
 *
 * @throws {ShapeError} when the window is larger than the padded input
 * @throws {ArgumentError} when an option is out of its range
 */
export function sliding(
  input: ImageShape,
  kernelSize: Pair,
  options: SlidingOptions & { readonly dilation?: Pair },
  where: string,
): PoolShape {
  const kernel = pairOf(kernelSize, 'kernelSize', where, 1);
  const stride = options.stride === undefined ? kernel : pairOf(options.stride, 'stride', where, 1);
  const padding = pairOf(options.padding ?? 0, 'padding', where, 0);
  const dilation = pairOf(options.dilation ?? 1, 'dilation', where, 1);
  const [outHeight, outWidth] = [input.height, input.width].map((length, axis) => {
    if (2 * padding[axis]! > kernel[axis]!) {
      throw new ArgumentError(`padding ${padding[axis]} is more than half of the kernel's ${kernel[axis]}`, {
        where,
        hint: 'pad the input itself with pad()',
      });
    }
    const span = dilation[axis]! * (kernel[axis]! - 1) + 1;
    const room = length + 2 * padding[axis]! - span;
    let count = (options.ceilMode === true ? Math.ceil : Math.floor)(room / stride[axis]!) + 1;
    // A window that would begin beyond the image and the padding before it is left out.
    if (options.ceilMode === true && (count - 1) * stride[axis]! >= length + padding[axis]!) count--;
    if (count < 1) {
      throw new ShapeError(
        `the window (${span}) is larger than the padded input (${length + 2 * padding[axis]!}) ` +
          `along the ${axis === 0 ? 'height' : 'width'}` +
          ` of ${formatShape(imageResult(input, input.channels, input.height, input.width))}`,
        { where, hint: 'use fewer or smaller poolings, or larger images' },
      );
    }
    return count;
  }) as [number, number];
  return {
    height: input.height,
    width: input.width,
    outHeight,
    outWidth,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    top: padding[0],
    left: padding[1],
    dilationY: dilation[0],
    dilationX: dilation[1],
  };
}
