/** Folders of pictures as data sets. */
import fs from 'node:fs';
import path from 'node:path';
import type { Dataset } from '../data/dataset.js';
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError, MissingDataError } from '../runtime/errors.js';
import { readRegularFile } from '../runtime/readFile.node.js';
import { buildFolder, type ImageFolder, type ImageFolderOptions, type ImageStore } from './build.js';
import { cacheKey, openCache, writeCache } from './cache.node.js';
import { checkImageOptions } from './fit.js';
import { MOST_FILE_BYTES, pictureFilesOf } from './pictureFiles.js';
import { StoredImages } from './storedImages.js';

/** How a folder of pictures is read. */
export interface LoadImageFolderOptions extends ImageFolderOptions {
  /**
   * A file to keep the images in: it is read where the pictures and the options are the same as when it was written.
   * Images that `memory` has no room for stay in it, and are read batch by batch. Default: none.
   */
  readonly cache?: string | undefined;
}

const CALL =
  'loadImageFolder(directory="./photos", { shape!: [3, 32, 32], fit: "cover"|"contain"|"fill", background: 0, ' +
  'validation: 0.2|0, seed: 0, classes: ["cat"], cache: "./photos.cache", memory: 1, workers: 0, ' +
  'onProgress: (done) => done })';

/** The largest share that is set aside. */
const MOST_ASIDE = 0.9;

/** Folders in folders. */
const DEEPEST = 32;

/**
 * Images out of a folder of pictures (PNG, JPEG, WebP), in which each class has a folder. A folder with the folders
 * `train` and `test` (or `val`), each with those of the classes, is split already; of others a share of each class is
 * set aside. What cannot be read is listed in `notes` and `unreadable`; the others are used. Pictures become bytes as
 * `fitImage` of `lanewise/images` makes them, decoded on several threads.
 *
 * @throws {MissingDataError} when there is no such folder, or no picture in one of its folders
 * @throws {FileFormatError} when no picture of a class can be read
 * @throws {ArgumentError} when the images need more than `memory`, and no `cache` is given
 * @throws {FileWriteError} when the cache cannot be written
 * @example
 * const { train, test, classes, mean, std } = await loadImageFolder('photos', { shape: [3, 32, 32] });
 */
export async function loadImageFolder(directory: string, options: LoadImageFolderOptions): Promise<ImageFolder> {
  checkArguments(CALL, directory, options);
  checkImageOptions(options, 'loadImageFolder');
  const { shape, fit = 'cover', background = 255, validation = 0.2, memory = 2 ** 30, cache } = options;
  if (validation > MOST_ASIDE)
    throw new ArgumentError(`validation is a share from 0 to ${MOST_ASIDE}, not ${validation}`, {
      where: 'loadImageFolder',
    });
  const own = cache === undefined ? null : path.resolve(cache);
  const files = filesBelow(directory).filter(({ name }) => path.resolve(directory, name) !== own);
  const found = pictureFilesOf(
    files.map(({ name }) => name),
    directory,
    options.classes,
  );
  const pictures = found.pictures.map(({ index }) => files[index]!);
  const size = shape.reduce((product, side) => product * side);
  const isLarge = pictures.length * size > memory;
  if (isLarge && cache === undefined)
    throw new ArgumentError(`${pictures.length} images of ${size} bytes are more than the ${memory} of memory`, {
      where: 'loadImageFolder',
      hint: 'name a file to keep them in: { cache: "./images.cache" }, or allow more memory',
    });
  const key = cacheKey([shape, fit, background, pictures.map(({ name, bytes, changed }) => [name, bytes, changed])]);
  const kept = cache === undefined ? null : openCache(cache, key, pictures.length, size);
  const images = kept ?? (await decodePictures(directory, pictures, key, size, options));
  const make = (places: readonly number[], labels: Int32Array, classes: readonly string[]): Dataset =>
    new StoredImages(images, places, labels, shape, classes);
  const folder = buildFolder(
    {
      ...{ found, store: images, failures: images.failures, where: directory },
      sizes: pictures.map(({ bytes }) => bytes),
      ...(isLarge && { make }),
    },
    options,
  );
  if (!isLarge) images.close();
  return folder;
}

/** Images that were decoded, in memory or in a file. */
interface DecodedImages extends ImageStore {
  readonly failures: ReadonlyMap<number, string>;
  close(): void;
}

async function decodePictures(
  directory: string,
  pictures: readonly FoundFile[],
  key: string,
  size: number,
  { shape, fit, background, cache, workers, onProgress }: LoadImageFolderOptions,
): Promise<DecodedImages> {
  // The decoders are in a part of their own, which programs without pictures never load.
  const { decodeAll } = await import('./decodeAll.js');
  const failures = new Map<number, string>();
  const images: Uint8Array[] = [];
  const writer = cache === undefined ? null : writeCache(cache, key, pictures.length, size);
  try {
    await decodeAll(
      pictures.map(({ name }) => {
        const file = path.join(directory, name);
        return { name: file, read: () => readRegularFile(file, { limit: MOST_FILE_BYTES }) };
      }),
      { image: { shape, fit, background }, workers, onProgress },
      (place, image, reason) => {
        if (image === null) failures.set(place, reason);
        else if (writer === null) images[place] = image;
        else writer.write(place, image);
      },
    );
    const sorted = new Map([...failures].sort(([a], [b]) => a - b));
    if (writer !== null) return writer.finish(sorted);
    return { failures: sorted, read: (place, into) => into.set(images[place]!), close: () => {} };
  } catch (error) {
    writer?.abandon();
    throw error;
  }
}

interface FoundFile {
  /** Below the folder, with `/` between folders. */
  readonly name: string;
  readonly bytes: number;
  /** When it was last changed, in milliseconds. */
  readonly changed: number;
}

/** All regular files below a folder, and those that links in it lead to. */
function filesBelow(directory: string): FoundFile[] {
  const files: FoundFile[] = [];
  const walk = (below: string, depth: number): void => {
    if (depth > DEEPEST) return;
    for (const name of fs.readdirSync(path.join(directory, below))) {
      if (name.startsWith('.')) continue;
      const inner = below === '' ? name : `${below}/${name}`;
      const stats = fs.statSync(path.join(directory, inner), { throwIfNoEntry: false });
      if (stats?.isDirectory()) walk(inner, depth + 1);
      else if (stats?.isFile()) files.push({ name: inner, bytes: stats.size, changed: stats.mtimeMs });
    }
  };
  try {
    walk('', 0);
  } catch (cause) {
    throw new MissingDataError(`cannot be read: ${(cause as Error).message}`, {
      where: directory,
      hint: 'give a directory with a folder for each class',
      cause,
    });
  }
  return files;
}
