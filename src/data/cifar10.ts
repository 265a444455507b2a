/**
 * The binary version of CIFAR-10: records of 3073 bytes, one for the class and 3·32·32 for the image, plane by plane
 * (red, green, blue), row by row.
 *
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 */
import { checkArguments } from '../runtime/arguments.js';
import { bytesOf } from '../runtime/bytes.js';
import { FileFormatError } from '../runtime/errors.js';

/** The names of the ten classes, in the order of the labels. */
export const CIFAR10_CLASSES = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

export const CIFAR10_SHAPE = [3, 32, 32] as const;
const IMAGE = 3 * 32 * 32;
const RECORD = 1 + IMAGE;

/** What a binary file of CIFAR-10 holds. */
export interface Cifar10Images {
  /** [N, 3, 32, 32], row-major. */
  readonly images: Uint8Array;
  /** Classes, by `CIFAR10_CLASSES`. */
  readonly labels: Int32Array;
}

/** Number of images in a file. @throws {FileFormatError} when it does not end with a record @internal */
export function countCifar10(bytes: Uint8Array, name: string): number {
  if (bytes.length === 0 || bytes.length % RECORD !== 0) {
    throw new FileFormatError(`CIFAR-10 records have ${RECORD} bytes, but ${bytes.length % RECORD} are left here`, {
      file: name,
      offset: bytes.length - (bytes.length % RECORD),
      hint: 'the file is truncated, or not the binary version of CIFAR-10',
    });
  }
  return bytes.length / RECORD;
}

/**
 * Takes the records of a file apart.
 *
 * @param name of the file, for messages
 * @throws {FileFormatError} when the last record is incomplete, or a class is above 9
 */
export function parseCifar10(file: Uint8Array, name = 'cifar10'): Cifar10Images {
  checkArguments('parseCifar10(file=bytes, name?="data_batch_1.bin")', file, name);
  const bytes = bytesOf(file, 'parseCifar10');
  const count = countCifar10(bytes, name);
  const [images, labels] = [new Uint8Array(count * IMAGE), new Int32Array(count)];
  copyCifar10(bytes, name, images, labels);
  return { images, labels };
}

/** As `parseCifar10`, into arrays of the right length. @internal */
export function copyCifar10(bytes: Uint8Array, name: string, images: Uint8Array, labels: Int32Array): void {
  for (let n = 0, at = 0; n < labels.length; n++, at += RECORD) {
    const label = bytes[at]!;
    if (label >= CIFAR10_CLASSES.length)
      throw new FileFormatError(`there is no class ${label} in CIFAR-10`, { file: name, offset: at });
    labels[n] = label;
    images.set(bytes.subarray(at + 1, at + RECORD), n * IMAGE);
  }
}
