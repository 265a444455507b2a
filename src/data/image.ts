/**
 * From a picture, as a PNG reader or a canvas gives it, to what a model was trained on. Plain arithmetic on arrays, so a
 * page and the command line see the same digit.
 */
import { ArgumentError } from '../runtime/errors.js';

/** A picture: the pixels row by row, the channels of a pixel side by side. A canvas's `ImageData` is one. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
  /** 1: grey, 2: grey and alpha, 3: red, green, blue, 4: with alpha. Default: 4. */
  readonly channels?: number;
  /** Bits per channel, 8 or 16. Default: 8. */
  readonly depth?: number;
}

/** A plane of numbers from 0 to 255, row by row. */
interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array;
}

/** Brightness of red, green and blue (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114] as const;

/** More pixels than any drawing has; it bounds what a hostile header can ask for. */
const MOST_PIXELS = 2 ** 24;

/** Longest side of a digit of MNIST, and the side and the place of the centre of mass of the image around it. */
const DIGIT_BOX = 20;
const MNIST_SIDE = 28;
const MNIST_CENTRE = 14;

/**
 * A drawn digit as MNIST would have it: 28×28 bytes, white on black.
 *
 * The picture becomes grey (transparent parts take the background that the rest stands out from); the background is the
 * median of its border, and what differs from it in the direction of the ink counts, stretched to 0 … 255. The digit's
 * bounding box is scaled to 20 pixels on its longer side, each new pixel the mean of the area it covers, and laid so
 * that the centre of mass falls on pixel (14, 14): as MNIST was made.
 *
 * A picture of 28×28 is taken to be ready: it is only inverted where its border is light. An empty one gives zeros.
 *
 * @throws {ArgumentError} when the picture is not what it says
 * @see http://yann.lecun.com/exdb/mnist/ and, for the (14, 14), the data: the mean of the centres of mass is (14.0, 14.0)
 */
export function toMnistInput(picture: Picture): Uint8Array {
  const grey = greyPlane(picture);
  const { ink, noise } = inkOf(grey);
  if (grey.width === MNIST_SIDE && grey.height === MNIST_SIDE) {
    return bytes(borderMedian(grey) > 127.5 ? grey.values.map((value) => 255 - value) : grey.values);
  }
  const digit = cropToInk(ink, noise);
  if (digit === null) return new Uint8Array(MNIST_SIDE * MNIST_SIDE);
  const scale = DIGIT_BOX / Math.max(digit.width, digit.height);
  const sized = resize(digit, Math.max(1, Math.round(digit.width * scale)), Math.max(1, Math.round(digit.height * scale)));
  return bytes(centre(sized).values);
}

/**
 * A picture as the bytes [C, H, W] that a model for other images takes: scaled to the size (each new pixel the mean of
 * the area it covers, proportions not kept), grey where C = 1, on white where it is transparent.
 *
 * @throws {ArgumentError} when the picture is not what it says, or C is neither 1 nor 3
 */
export function toImageInput(picture: Picture, [channels, height, width]: readonly [number, number, number]): Uint8Array {
  if (channels !== 1 && channels !== 3) throw new ArgumentError(`a picture has 1 or 3 channels, not ${channels}`, { where: 'toImageInput' });
  const planes = channels === 1 ? [greyPlane(picture)] : colourPlanes(picture, 255);
  const result = new Uint8Array(channels * height * width);
  planes.forEach((plane, c) => result.set(bytes(resize(plane, width, height).values), c * height * width));
  return result;
}

/** Red, green and blue, 0 to 255, with `behind` showing through where the picture is transparent. */
function colourPlanes({ width, height, data, channels = 4, depth = 8 }: Picture, behind: number): [Plane, Plane, Plane] {
  const refuse = (problem: string): never => { throw new ArgumentError(problem, { where: 'picture' }); };
  if (![1, 2, 3, 4].includes(channels)) refuse(`pixels have 1 to 4 channels, not ${channels}`);
  if (depth !== 8 && depth !== 16) refuse(`channels have 8 or 16 bits, not ${depth}`);
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0 && width * height <= MOST_PIXELS)) {
    refuse(`a picture has 1 to ${MOST_PIXELS} pixels, not ${width}×${height}`);
  }
  if (data.length !== width * height * channels) refuse(`${width}×${height} pixels of ${channels} channels are ${width * height * channels} values, not ${data.length}`);
  const unit = depth === 16 ? 257 : 1;
  const colours = channels < 3 ? [0, 0, 0] : [0, 1, 2];
  const alpha = channels % 2 === 0 ? channels - 1 : null;
  const plane = (colour: number): Plane => {
    const values = new Float64Array(width * height);
    for (let i = 0; i < values.length; i++) {
      const value = data[i * channels + colour]! / unit;
      const opacity = alpha === null ? 1 : data[i * channels + alpha]! / unit / 255;
      values[i] = value * opacity + behind * (1 - opacity);
    }
    return { width, height, values };
  };
  return [plane(colours[0]!), plane(colours[1]!), plane(colours[2]!)];
}

/** Brightness, 0 to 255. Transparent parts are white where the rest is dark, and black where it is light. */
function greyPlane(picture: Picture): Plane {
  const onWhite = brightness(colourPlanes(picture, 255));
  const onBlack = brightness(colourPlanes(picture, 0));
  // What differs between the two is not there; the sums weigh the rest.
  const light = onBlack.values.reduce((sum, value) => sum + value, 0);
  const opaque = onBlack.values.reduce((sum, value, i) => sum + 255 - (onWhite.values[i]! - value), 0);
  const seeThrough = opaque < 255 * onBlack.values.length;
  return seeThrough && light > opaque / 2 ? onBlack : onWhite;
}

function brightness([red, green, blue]: readonly [Plane, Plane, Plane]): Plane {
  // Grey stays exactly what it is, whatever the weights' sum rounds to.
  const values = red.values.map((r, i) => {
    const [g, b] = [green.values[i]!, blue.values[i]!];
    return r === g && g === b ? r : LUMA[0] * r + LUMA[1] * g + LUMA[2] * b;
  });
  return { ...red, values };
}

function border({ width, height, values }: Plane): Float64Array {
  return values.filter((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x === 0 || y === 0 || x === width - 1 || y === height - 1;
  });
}

function borderMedian(plane: Plane): number {
  const values = border(plane).sort();
  return values[values.length >> 1]!;
}

/** How far each pixel differs from the background, in the direction of the ink, and how far the background itself does. */
function inkOf(grey: Plane): { ink: Plane; noise: number } {
  const background = borderMedian(grey);
  const sign = background > 127.5 ? -1 : 1;
  const values = grey.values.map((value) => Math.max(0, sign * (value - background)));
  const most = values.reduce((largest, value) => Math.max(largest, value), 0);
  const stretch = most === 0 ? 0 : 255 / most;
  const ink = { ...grey, values: values.map((value) => value * stretch) };
  // Where the digit itself crosses the border, it must not pass for noise.
  const noise = border(ink).reduce((largest, value) => Math.max(largest, value), 0);
  return { ink, noise: noise > 0.3 * 255 ? 0.1 * 255 : noise };
}

/** The smallest part with all the ink above `noise`; null where there is none. */
function cropToInk({ width, height, values }: Plane, noise: number): Plane | null {
  let [left, right, top, bottom] = [width, -1, height, -1];
  values.forEach((value, i) => {
    if (value <= noise) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  });
  if (right < 0) return null;
  const [columns, rows] = [right - left + 1, bottom - top + 1];
  const cut = Float64Array.from({ length: columns * rows }, (_, i) => {
    const value = values[(top + Math.floor(i / columns)) * width + left + (i % columns)]!;
    return value > noise ? value : 0;
  });
  return { width: columns, height: rows, values: cut };
}

/** Scaled: each pixel is the mean of the area that it covers, first along the rows, then along the columns. */
function resize(plane: Plane, width: number, height: number): Plane {
  return turn(resizeRows(turn(resizeRows(plane, width)), height));
}

function resizeRows({ width, height, values }: Plane, columns: number): Plane {
  if (columns === width) return { width, height, values };
  const step = width / columns;
  const result = new Float64Array(columns * height);
  for (let c = 0; c < columns; c++) {
    const [from, to] = [c * step, Math.min((c + 1) * step, width)];
    for (let x = Math.floor(from); x < to; x++) {
      const share = (Math.min(x + 1, to) - Math.max(x, from)) / step;
      for (let y = 0; y < height; y++) result[y * columns + c]! += share * values[y * width + x]!;
    }
  }
  return { width: columns, height, values: result };
}

/** Rows and columns exchanged. */
function turn({ width, height, values }: Plane): Plane {
  const result = new Float64Array(values.length);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) result[x * height + y] = values[y * width + x]!;
  return { width: height, height: width, values: result };
}

/** Laid on 28×28 zeros, by whole pixels, with the centre of mass nearest to (14, 14). */
function centre({ width, values }: Plane): Plane {
  let [mass, across, down] = [0, 0, 0];
  values.forEach((value, i) => {
    mass += value;
    across += value * (i % width);
    down += value * Math.floor(i / width);
  });
  const [left, top] = [Math.round(MNIST_CENTRE - across / mass), Math.round(MNIST_CENTRE - down / mass)];
  const result = new Float64Array(MNIST_SIDE * MNIST_SIDE);
  values.forEach((value, i) => {
    const [x, y] = [left + (i % width), top + Math.floor(i / width)];
    if (x >= 0 && x < MNIST_SIDE && y >= 0 && y < MNIST_SIDE) result[y * MNIST_SIDE + x] = value;
  });
  return { width: MNIST_SIDE, height: MNIST_SIDE, values: result };
}

function bytes(values: Float64Array): Uint8Array {
  return Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.round(value))));
}
