/**
 * From a picture, as a PNG reader or a canvas gives it, to what a model was trained on. Plain arithmetic on arrays, so
 * a page and the command line see the same digit.
 */
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError } from '../runtime/errors.js';
import { LONGEST_SIDE, MOST_PIXELS, PICTURE_LIMITS } from './pictureLimits.js';

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

/** Numbers from 0 to 255, computed as they are read: a large picture needs no further large array. */
interface Plane {
  readonly width: number;
  readonly height: number;
  /** Writes the values of row `y` from column `from` on into `line`, as many as it holds. */
  read(y: number, from: number, line: Float64Array): void;
}

/** Brightness of red, green and blue (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114] as const;

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
 * @see http://yann.lecun.com/exdb/mnist/ and, for the (14, 14), the data: the mean of the centres of mass is (14.0,
 *   14.0)
 */
export function toMnistInput(picture: Picture): Uint8Array {
  checkArguments('toMnistInput(picture)', picture);
  checkPicture(picture, 'toMnistInput');
  const grey = greyPlane(picture);
  const { border, least, most } = survey(grey);
  const background = border[border.length >> 1]!;
  const sign = background > 127.5 ? -1 : 1;
  if (grey.width === MNIST_SIDE && grey.height === MNIST_SIDE) {
    const values = resize(grey, MNIST_SIDE, MNIST_SIDE);
    return bytes(sign < 0 ? values.map((value) => 255 - value) : values);
  }
  const strongest = sign < 0 ? least : most;
  const reach = strongest.reduce((largest, value) => Math.max(largest, sign * (value - background)), 0);
  const stretch = reach === 0 ? 0 : 255 / reach;
  const inkOf = (value: number): number => Math.max(0, sign * (value - background)) * stretch;
  const ofBorder = inkOf(sign < 0 ? border[0]! : border.at(-1)!);
  // Where the digit itself crosses the border, it must not pass for noise.
  const noise = ofBorder > 0.3 * 255 ? 0.1 * 255 : ofBorder;
  const digit = cropToInk(grey, strongest, (value) => {
    const ink = inkOf(value);
    return ink > noise ? ink : 0;
  });
  if (digit === null) return new Uint8Array(MNIST_SIDE * MNIST_SIDE);
  const scale = DIGIT_BOX / Math.max(digit.width, digit.height);
  const scaled = (side: number): number => Math.max(1, Math.round(side * scale));
  return bytes(centre(resize(digit, scaled(digit.width), scaled(digit.height)), scaled(digit.width)));
}

/**
 * A picture as the bytes [C, H, W] that a model for other images takes: scaled to the size (each new pixel the mean of
 * the area it covers, proportions not kept), grey where C = 1, on white where it is transparent.
 *
 * @throws {ArgumentError} when the picture is not what it says, or C is neither 1 nor 3
 */
export function toImageInput(picture: Picture, size: readonly [number, number, number]): Uint8Array {
  checkArguments('toImageInput(picture, size=[3, 32, 32])', picture, size);
  const [channels, height, width] = size;
  if (channels !== 1 && channels !== 3)
    throw new ArgumentError(`a picture has 1 or 3 channels, not ${channels}`, { where: 'toImageInput' });
  checkPicture(picture, 'toImageInput');
  const planes = channels === 1 ? [greyPlane(picture)] : [0, 1, 2].map((colour) => colourPlane(picture, colour, 255));
  const result = new Uint8Array(channels * height * width);
  planes.forEach((plane, c) => result.set(bytes(resize(plane, width, height)), c * height * width));
  return result;
}

export function checkPicture({ width, height, data, channels = 4, depth = 8 }: Picture, where: string): void {
  const refuse = (problem: string): never => {
    throw new ArgumentError(problem, { where });
  };
  if (![1, 2, 3, 4].includes(channels)) refuse(`pixels have 1 to 4 channels, not ${channels}`);
  if (depth !== 8 && depth !== 16) refuse(`channels have 8 or 16 bits, not ${depth}`);
  const possible = [width, height].every((side) => Number.isInteger(side) && side > 0 && side <= LONGEST_SIDE);
  if (!possible || width * height > MOST_PIXELS) {
    refuse(`a picture of ${width}×${height} cannot be taken (${PICTURE_LIMITS})`);
  }
  const values = width * height * channels;
  if (data?.length !== values) {
    refuse(`${width}×${height} pixels of ${channels} channels are ${values} values, not ${data?.length}`);
  }
}

/** One of red, green and blue (of grey, always the same), with `behind` where the picture is transparent. */
function colourPlane({ width, height, data, channels = 4, depth = 8 }: Picture, colour: number, behind: number): Plane {
  const unit = depth === 16 ? 257 : 1;
  const first = channels < 3 ? 0 : colour;
  const alpha = channels % 2 === 0 ? channels - 1 : null;
  return {
    width,
    height,
    read(y, from, line) {
      let at = (y * width + from) * channels;
      for (let x = 0; x < line.length; x++, at += channels) {
        const value = unit === 1 ? data[at + first]! : data[at + first]! / unit;
        if (alpha === null) {
          line[x] = value;
        } else {
          const opacity = data[at + alpha]! / unit / 255;
          line[x] = value * opacity + behind * (1 - opacity);
        }
      }
    },
  };
}

/** Brightness, 0 to 255. Transparent parts are white where the rest is dark, and black where it is light. */
function greyPlane(picture: Picture): Plane {
  const onWhite = brightness(picture, 255);
  const { width, height, channels = 4 } = picture;
  if (channels % 2 === 1) return onWhite;
  const onBlack = brightness(picture, 0);
  const [white, black] = [new Float64Array(width), new Float64Array(width)];
  // What differs between the two is not there; the sums weigh the rest.
  let [light, opaque] = [0, 0];
  for (let y = 0; y < height; y++) {
    onWhite.read(y, 0, white);
    onBlack.read(y, 0, black);
    for (let x = 0; x < width; x++) {
      light += black[x]!;
      opaque += 255 - (white[x]! - black[x]!);
    }
  }
  const seeThrough = opaque < 255 * width * height;
  return seeThrough && light > opaque / 2 ? onBlack : onWhite;
}

function brightness(picture: Picture, behind: number): Plane {
  const { width, height, data, channels = 4, depth = 8 } = picture;
  if (channels < 3) return colourPlane(picture, 0, behind);
  const unit = depth === 16 ? 257 : 1;
  return {
    width,
    height,
    read(y, from, line) {
      let at = (y * width + from) * channels;
      for (let x = 0; x < line.length; x++, at += channels) {
        let r = data[at]! / unit;
        let g = data[at + 1]! / unit;
        let b = data[at + 2]! / unit;
        if (channels === 4) {
          const opacity = data[at + 3]! / unit / 255;
          const through = behind * (1 - opacity);
          r = r * opacity + through;
          g = g * opacity + through;
          b = b * opacity + through;
        }
        // Grey stays exactly what it is, whatever the weights' sum rounds to.
        line[x] = r === g && g === b ? r : LUMA[0] * r + LUMA[1] * g + LUMA[2] * b;
      }
    },
  };
}

interface Survey {
  /** The values along the border, in rising order. */
  readonly border: Float64Array;
  /** The least and the largest value of each row. */
  readonly least: Float64Array;
  readonly most: Float64Array;
}

function survey({ width, height, read }: Plane): Survey {
  const border = new Float64Array(width * height - Math.max(0, width - 2) * Math.max(0, height - 2));
  const [least, most, line] = [new Float64Array(height), new Float64Array(height), new Float64Array(width)];
  let at = 0;
  for (let y = 0; y < height; y++) {
    read(y, 0, line);
    let [low, high] = [line[0]!, line[0]!];
    for (let x = 1; x < width; x++) {
      if (line[x]! < low) low = line[x]!;
      if (line[x]! > high) high = line[x]!;
    }
    [least[y], most[y]] = [low, high];
    const inner = y > 0 && y < height - 1;
    for (let x = 0; x < width; x += inner && x === 0 ? Math.max(1, width - 1) : 1) border[at++] = line[x]!;
  }
  return { border: border.sort(), least, most };
}

/**
 * The smallest part with all the ink, as ink; null where there is none.
 *
 * @param strongest the values of each row with the most ink
 * @param inkOf the ink of a value; 0 where it is background
 */
function cropToInk(grey: Plane, strongest: Float64Array, inkOf: (value: number) => number): Plane | null {
  const { width, height, read } = grey;
  let [left, right, top, bottom] = [width, -1, height, -1];
  const line = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    if (inkOf(strongest[y]!) === 0) continue;
    read(y, 0, line);
    let [first, last] = [0, width - 1];
    while (first < left && inkOf(line[first]!) === 0) first++;
    while (last > right && inkOf(line[last]!) === 0) last--;
    [left, right] = [first, last];
    [top, bottom] = [Math.min(top, y), y];
  }
  if (right < 0) return null;
  return {
    width: right - left + 1,
    height: bottom - top + 1,
    read(y, from, into) {
      read(top + y, left + from, into);
      for (let x = 0; x < into.length; x++) into[x] = inkOf(into[x]!);
    },
  };
}

/** Scaled: each pixel is the mean of the area that it covers, first along the rows, then along the columns. */
function resize(plane: Plane, width: number, height: number): Float64Array {
  const [line, row] = [new Float64Array(plane.width), new Float64Array(width)];
  const result = new Float64Array(width * height);
  const step = plane.height / height;
  let held = -1;
  for (let r = 0; r < height; r++) {
    const [from, to] = [r * step, Math.min((r + 1) * step, plane.height)];
    for (let y = Math.floor(from); y < to; y++) {
      // Neighbouring rows of the result can share one of the picture.
      if (y !== held) {
        plane.read(y, 0, line);
        resizeLine(line, row);
        held = y;
      }
      const share = (Math.min(y + 1, to) - Math.max(y, from)) / step;
      for (let c = 0; c < width; c++) result[r * width + c]! += share * row[c]!;
    }
  }
  return result;
}

function resizeLine(line: Float64Array, row: Float64Array): void {
  const step = line.length / row.length;
  for (let c = 0; c < row.length; c++) {
    const [from, to] = [c * step, Math.min((c + 1) * step, line.length)];
    let sum = 0;
    for (let x = Math.floor(from); x < to; x++) sum += ((Math.min(x + 1, to) - Math.max(x, from)) / step) * line[x]!;
    row[c] = sum;
  }
}

/** Laid on 28×28 zeros, by whole pixels, with the centre of mass nearest to (14, 14). */
function centre(values: Float64Array, width: number): Float64Array {
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
  return result;
}

function bytes(values: Float64Array): Uint8Array {
  return Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.round(value))));
}
