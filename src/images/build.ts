/** From decoded pictures to the two data sets of a training. */
import { type Dataset, TensorDataset } from '../data/dataset.js';
import { Sha256 } from '../io/sha256.js';
import { randomPermutation } from '../ops/random/random.js';
import { FileFormatError } from '../runtime/errors.js';
import { drawAt } from '../runtime/generator.js';
import { viewU8 } from '../runtime/memory.js';
import { empty, tensor } from '../tensor/create.js';
import { addressOf, type Tensor } from '../tensor/tensor.js';
import type { ImageOptions } from './fit.js';
import type { PictureFile, PictureFiles } from './pictureFiles.js';

/** How a folder of pictures becomes images. */
export interface ImageFolderOptions extends ImageOptions {
  /** Share of each class to set aside to evaluate on, where there is no folder `test` or `val`. Default: 0.2. */
  readonly validation?: number | undefined;
  /** Names of the folders, in the order of their labels. Default: all that there are, sorted. */
  readonly classes?: readonly string[] | undefined;
  /** Decides which are set aside, and the order of the images. Default: 0. */
  readonly seed?: number | undefined;
  /** The most bytes of images in memory, one a pixel and channel. Default: 2³⁰. */
  readonly memory?: number | undefined;
  /** Threads that decode; 0: this one. Default: one a core, for more than 64 pictures. */
  readonly workers?: number | undefined;
  /** Called while pictures are decoded. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A picture that could not be decoded. */
export interface UnreadablePicture {
  readonly file: string;
  /** Why, in words. */
  readonly reason: string;
}

/** Images of a folder of pictures, and what is known of them. */
export interface ImageFolder {
  readonly name: 'images';
  /** The names of the folders, sorted. */
  readonly classes: readonly string[];
  /** Channels, height and width of an image. */
  readonly shape: readonly [number, number, number];
  /** Mean and deviation of the training images' values in [0, 1], per channel: what `normalize` takes. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** uint8 images [N,C,H,W] and int32 classes [N], in an order drawn by the seed: the first N are of all classes. */
  readonly train: Dataset;
  /** The images to evaluate on; undefined where none are set aside. */
  readonly test: Dataset | undefined;
  /** The paths of the images of both, in their order. */
  readonly files: { readonly train: readonly string[]; readonly test: readonly string[] };
  readonly unreadable: readonly UnreadablePicture[];
  /** SHA-256 of the paths and sizes of the pictures. */
  readonly fingerprint: string;
  /** What the user should know about the files that were read: one line each. */
  readonly notes: readonly string[];
}

/** The images that were decoded, by their place in the list of pictures. */
export interface ImageStore {
  /** Copies one to `into`. */
  read(picture: number, into: Uint8Array): void;
}

/** How many unreadable files the notes name. */
const NAMED = 5;

/** What the parts of a folder are put together from. */
export interface FolderParts {
  readonly found: PictureFiles;
  readonly store: ImageStore;
  /** By place in the list of pictures: why it could not be decoded. */
  readonly failures: ReadonlyMap<number, string>;
  readonly where: string;
  /** Bytes of each picture's file. */
  readonly sizes: readonly number[];
  /** Makes a data set of pictures by their places; default: in memory. */
  readonly make?: (places: readonly number[], labels: Int32Array, classes: readonly string[]) => Dataset;
}

/**
 * The data sets of a folder.
 *
 * @throws {FileFormatError} when no picture of it, or of a class, could be decoded
 */
export function buildFolder(parts: FolderParts, options: ImageFolderOptions): ImageFolder {
  const { found, store, failures, where } = parts;
  const { shape, validation = 0.2, seed = 0 } = options;
  const { classes, pictures } = found;
  const unreadable = [...failures].map(([place, reason]) => ({ file: pictures[place]!.path, reason }));
  const readable = pictures.map((_, place) => place).filter((place) => !failures.has(place));
  const order = randomPermutation(readable.length, drawAt('split', 0, seed));
  const shuffled = Array.from(order, (i) => readable[i]!);
  const held = found.hasParts
    ? new Set(shuffled.filter((place) => pictures[place]!.isTest))
    : setAside(shuffled, pictures, classes.length, validation);
  const train = shuffled.filter((place) => !held.has(place));
  const test = shuffled.filter((place) => held.has(place));
  const trained = new Set(train.map((place) => pictures[place]!.label));
  const missing = classes.findIndex((_, label) => !trained.has(label));
  if (train.length === 0 || (missing >= 0 && options.classes === undefined)) {
    const about = unreadable[0] === undefined ? '' : `; ${unreadable[0].file}: ${unreadable[0].reason}`;
    throw new FileFormatError(`no picture of the class ${classes[Math.max(missing, 0)]} can be trained on${about}`, {
      file: where,
    });
  }
  const size = shape.reduce((product, side) => product * side);
  const { mean, std } = statistics(store, train, shape[0], size);
  const make = parts.make ?? ((places, labels) => inMemory(store, places, labels, shape, classes));
  const labelsOf = (places: readonly number[]) => Int32Array.from(places, (place) => pictures[place]!.label);
  const pathsOf = (places: readonly number[]) => places.map((place) => pictures[place]!.path);
  const named = unreadable.slice(0, NAMED).map(({ file, reason }) => `${file} is not used: ${reason}`);
  const more = unreadable.length - named.length;
  return {
    name: 'images',
    classes,
    shape,
    mean,
    std,
    train: make(train, labelsOf(train), classes),
    test: test.length === 0 ? undefined : make(test, labelsOf(test), classes),
    files: { train: pathsOf(train), test: pathsOf(test) },
    unreadable,
    fingerprint: fingerprintOf(pictures, parts.sizes),
    notes: [...found.notes, ...named, ...(more > 0 ? [`${more} more pictures cannot be read`] : [])],
  };
}

function fingerprintOf(pictures: readonly PictureFile[], sizes: readonly number[]): string {
  const text = JSON.stringify(pictures.map(({ path }, i) => [path, sizes[i]]));
  return new Sha256().update(new TextEncoder().encode(text)).hex();
}

/** A share of each class, one at least and not all of them. */
function setAside(
  order: readonly number[],
  pictures: readonly PictureFile[],
  classes: number,
  share: number,
): Set<number> {
  const byClass: number[][] = Array.from({ length: classes }, () => []);
  for (const place of order) byClass[pictures[place]!.label]!.push(place);
  return new Set(
    byClass.flatMap((places) => {
      const { length } = places;
      const count = share === 0 || length < 2 ? 0 : Math.min(length - 1, Math.max(1, Math.round(share * length)));
      return places.slice(0, count);
    }),
  );
}

/** Mean and deviation of each channel, of values in [0, 1]. Sums of bytes and of their squares are exact. */
function statistics(store: ImageStore, places: readonly number[], channels: number, size: number) {
  const image = new Uint8Array(size);
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  const plane = size / channels;
  for (const place of places) {
    store.read(place, image);
    for (let c = 0, i = 0; c < channels; c++) {
      let [sum, square] = [0, 0];
      for (const end = (c + 1) * plane; i < end; i++) {
        sum += image[i]!;
        square += image[i]! * image[i]!;
      }
      sums[c]! += sum;
      squares[c]! += square;
    }
  }
  const count = places.length * plane;
  const mean = Array.from(sums, (sum) => sum / count / 255);
  const std = Array.from(squares, (square, c) => {
    const variance = square / count / 255 ** 2 - mean[c]! ** 2;
    // A channel that is the same everywhere is not scaled.
    return variance > 1e-9 ? Math.sqrt(variance) : 1;
  });
  return { mean, std };
}

function inMemory(
  store: ImageStore,
  places: readonly number[],
  labels: Int32Array,
  shape: readonly [number, number, number],
  classes: readonly string[],
): TensorDataset {
  const x = empty([places.length, ...shape], 'uint8');
  fill(x, store, places);
  return new TensorDataset(x, tensor(labels, { dtype: 'int32' }), { classes });
}

/** Reads images into the rows of a tensor. */
export function fill(x: Tensor, store: ImageStore, places: ArrayLike<number>): void {
  const size = x.size / places.length;
  const bytes = viewU8(addressOf(x), x.size);
  for (let i = 0; i < places.length; i++) store.read(places[i]!, bytes.subarray(i * size, (i + 1) * size));
}
