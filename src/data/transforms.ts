/**
 * What happens to the inputs of a batch while it is gathered. Whatever their order in the list, the random ones act on
 * the image first, `normalize` on the values at last.
 *
 * The random numbers of a sample depend on the seed, the epoch and the sample's index alone: not on the batch it comes
 * in, nor on what was drawn before, nor on the number of threads.
 *
 * @module transforms
 */
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError } from '../runtime/errors.js';
import { formatShape } from '../tensor/shape.js';

/** Made by `normalize`. */
export interface Normalize {
  readonly kind: 'normalize';
  readonly mean: readonly number[];
  readonly std: readonly number[];
}
/** Made by `randomCrop` and `randomShift`. */
export interface Cut {
  readonly kind: 'randomCrop' | 'randomShift';
  readonly size: readonly [number, number] | null;
  readonly reach: readonly [number, number];
}
/** Made by `horizontalFlip`. */
export interface Flip {
  readonly kind: 'horizontalFlip';
}

/** Made by `normalize`, `randomCrop`, `randomShift` and `horizontalFlip`. */
export type Transform = Normalize | Cut | Flip;

/** What is taken off the values, and what they are divided by. */
export interface NormalizeOptions {
  /** One for all channels, or one per channel. */
  readonly mean: number | readonly number[];
  /** Likewise. */
  readonly std: number | readonly number[];
}

/**
 * x = (x − mean)/std, channel by channel; for bytes, x is v/255 before.
 *
 * @throws {ArgumentError} when a number is not finite, or a std not above 0
 * @example
 * const { train, mean, std } = await loadMnist();
 * new DataLoader(train, { batchSize: 100, transforms: [transforms.normalize({ mean, std })] });
 */
export function normalize(options: NormalizeOptions): Transform {
  checkArguments('transforms.normalize({ mean!: 0.5|[0.5], std!: 0.5|[0.5] })', options);
  const { mean, std } = options;
  const means = (typeof mean === 'number' ? [mean] : [...mean]).map(Math.fround);
  const stds = (typeof std === 'number' ? [std] : [...std]).map(Math.fround);
  if (![...means, ...stds].every(Number.isFinite) || !stds.every((value) => value > 0)) {
    throw new ArgumentError(
      `means must be finite and stds finite and above 0, not ${formatShape(means)} and ${formatShape(stds)}`,
      { where: 'normalize' },
    );
  }
  return { kind: 'normalize', mean: means, std: stds };
}

/** What is cut out. */
export interface RandomCropOptions {
  /** Height and width of what is cut out; default: of the image. */
  readonly size?: number | readonly [number, number];
  /** Zeros (black) to put around the image first: above and below, left and right. Default: 0. */
  readonly padding?: number | readonly [number, number];
}

/**
 * Pads the image with zeros and cuts a piece out of it, at a random place, each equally likely. As torchvision's
 * RandomCrop.
 */
export function randomCrop(options: RandomCropOptions = {}): Transform {
  checkArguments('transforms.randomCrop({ padding: 4|0|[4, 4], size: 28|[28, 28] })', options);
  const { size, padding = 0 } = options;
  return {
    kind: 'randomCrop',
    size: size === undefined ? null : pair(size, 1, 'randomCrop: size'),
    reach: pair(padding, 0, 'randomCrop: padding'),
  };
}

/** How far images are shifted. */
export interface RandomShiftOptions {
  /** How far at most: up or down, left or right. */
  readonly pixels: number | readonly [number, number];
}

/** Shifts the image by a random number of whole pixels, each equally likely; zeros (black) come in from the side. */
export function randomShift(options: RandomShiftOptions): Transform {
  checkArguments('transforms.randomShift({ pixels!: 2|0|[2, 2] })', options);
  const { pixels } = options;
  return { kind: 'randomShift', size: null, reach: pair(pixels, 0, 'randomShift: pixels') };
}

/** Mirrors the image left to right, with probability ½. Not for digits and letters. */
export function horizontalFlip(): Transform {
  return { kind: 'horizontalFlip' };
}

/** Sizes beyond this are a mistake, and would only make arithmetic overflow. */
const LARGEST = 65_536;

function pair(value: number | readonly [number, number], least: number, where: string): readonly [number, number] {
  const [vertical, horizontal] = typeof value === 'number' ? [value, value] : value;
  for (const length of [vertical, horizontal]) {
    if (!Number.isInteger(length) || length < least || length > LARGEST)
      throw new ArgumentError(`must be whole numbers from ${least} to ${LARGEST}, not ${length}`, { where });
  }
  return [vertical, horizontal];
}
