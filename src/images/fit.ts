/** From a picture of any kind and size to the bytes that a model takes. */
import { checkPicture, type Picture } from '../data/image.js';
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError } from '../runtime/errors.js';
import { type Pixels, resample } from './resample.js';

/** How a picture becomes one of another size. */
export const FITS = ['cover', 'contain', 'fill'] as const;
/** One of them: cover all of it, be contained in it, or be stretched to fill it. */
export type ImageFit = (typeof FITS)[number];

/** What images are made of pictures. */
export interface ImageOptions {
  /** Channels (1: grey, 3: red, green, blue), height and width. */
  readonly shape: readonly [number, number, number];
  /**
   * `cover`: scaled to cover the size, the middle is kept; `contain`: scaled to fit into it, the rest is background;
   * `fill`: both sides scaled, proportions not kept. Default: `cover`.
   */
  readonly fit?: ImageFit | undefined;
  /** What is behind transparent parts, and around a picture that is contained: from 0 (black) to 255. Default: 255. */
  readonly background?: number | undefined;
}

/** The largest side of an image. */
const LARGEST_SIDE = 4096;

const CALL = 'fitImage(picture, { shape!: [3, 32, 32], fit: "cover"|"contain"|"fill", background: 0 })';

/** @throws {ArgumentError} when they are not what they must be */
export function checkImageOptions({ shape, background = 255 }: ImageOptions, where: string): void {
  const [channels, ...sides] = shape;
  const isSide = (side: number): boolean => Number.isInteger(side) && side >= 1 && side <= LARGEST_SIDE;
  if (shape.length !== 3 || !isSide(channels) || !sides.every(isSide)) {
    throw new ArgumentError(`shape must be [channels, height, width], sides up to ${LARGEST_SIDE}, not [${shape}]`, {
      where,
    });
  }
  if (channels !== 1 && channels !== 3)
    throw new ArgumentError(`images have 1 or 3 channels, not ${channels}`, { where });
  if (background > 255) throw new ArgumentError(`background is from 0 to 255, not ${background}`, { where });
}

/**
 * A picture as the bytes [C, H, W] that a model takes. On the background where it is transparent, grey where C = 1
 * (0.299 R + 0.587 G + 0.114 B, ITU-R BT.601), 16 bits rounded to 8, then scaled with an antialiased bilinear filter.
 * All in integers: the bytes are the same on every machine, and those that Pillow gives with `ImageOps.fit`,
 * `ImageOps.pad` and `Image.resize` and its bilinear filter.
 *
 * @throws {ArgumentError} when the picture is not what it says, or an option not what it may be
 * @example
 * const picture = { width: 2, height: 2, data: Uint8Array.of(0, 85, 170, 255), channels: 1 };
 * fitImage(picture, { shape: [1, 1, 1] }); // Uint8Array [128]
 */
export function fitImage(picture: Picture, options: ImageOptions): Uint8Array {
  checkArguments(CALL, picture, options);
  checkImageOptions(options, 'fitImage');
  checkPicture(picture, 'fitImage');
  const { shape, fit = 'cover', background = 255 } = options;
  const [channels, height, width] = shape;
  const source = pixelsOf(picture, channels, background);
  const image = new Uint8Array(channels * height * width);
  const all = { left: 0, top: 0, width: source.width, height: source.height };
  if (fit === 'contain') {
    const [w, h] = containedIn(source, width, height);
    image.fill(background);
    const part = resample(source, all, w, h);
    return lay(part, image, width, height, half(width - w), half(height - h));
  }
  const box = fit === 'fill' ? all : centreOf(source, width / height);
  return lay(resample(source, box, width, height), image, width, height, 0, 0);
}

/** Half of it: of two equally near integers, the even one. */
function half(length: number): number {
  const below = Math.floor(length / 2);
  return length % 2 === 0 || below % 2 === 0 ? below : below + 1;
}

/** The largest part with these proportions in the middle. */
function centreOf({ width, height }: Pixels, ratio: number) {
  const [w, h] = width / height >= ratio ? [ratio * height, height] : [width, width / ratio];
  return { left: (width - w) / 2, top: (height - h) / 2, width: w, height: h };
}

/** The largest size with the picture's proportions in another. */
function containedIn(picture: Pixels, width: number, height: number): [number, number] {
  const [ratio, wanted] = [picture.width / picture.height, width / height];
  if (ratio > wanted) return [width, Math.max(1, Math.round((picture.height / picture.width) * width))];
  return ratio < wanted ? [Math.max(1, Math.round(ratio * height)), height] : [width, height];
}

/** Writes pixels into an image [C, H, W] at a place. */
function lay(part: Pixels, image: Uint8Array, width: number, height: number, left: number, top: number): Uint8Array {
  const { channels, data } = part;
  for (let c = 0; c < channels; c++) {
    for (let y = 0, at = c; y < part.height; y++) {
      const to = (c * height + top + y) * width + left;
      for (let x = 0; x < part.width; x++, at += channels) image[to + x] = data[at]!;
    }
  }
  return image;
}

/** The picture as 8 bits, grey or colour, without alpha. */
function pixelsOf(picture: Picture, wanted: number, background: number): Pixels {
  const { width, height, data, channels = 4, depth = 8 } = picture;
  if (channels === wanted && depth === 8 && data instanceof Uint8Array) return { width, height, channels, data };
  const result = new Uint8Array(width * height * wanted);
  const colours = channels < 3 ? 1 : 3;
  const hasAlpha = channels % 2 === 0;
  const value = depth === 8 ? (at: number) => data[at]! : (at: number) => Math.round(data[at]! / 257);
  const colour = [0, 0, 0];
  for (let at = 0, to = 0; to < result.length; at += channels) {
    for (let c = 0; c < colours; c++) colour[c] = value(at + c);
    if (hasAlpha) {
      const alpha = value(at + colours);
      for (let c = 0; c < colours; c++) colour[c] = Math.round((colour[c]! * alpha + background * (255 - alpha)) / 255);
    }
    if (colours === 1) colour[1] = colour[2] = colour[0]!;
    const [r, g, b] = colour as [number, number, number];
    if (wanted === 1) {
      // Weights in 1/65536. Grey stays what it is: they sum up to 1.
      result[to++] = (19_595 * r + 38_470 * g + 7471 * b + 32_768) >> 16;
    } else {
      result[to++] = r;
      result[to++] = g;
      result[to++] = b;
    }
  }
  return { width, height, channels: wanted, data: result };
}
