import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError } from '../runtime/errors.js';
import { buildFolder, type ImageFolder, type ImageFolderOptions } from './build.js';
import { decodeAll } from './decodeAll.js';
import { checkImageOptions } from './fit.js';
import { MOST_FILE_BYTES, pictureFilesOf } from './pictureFiles.js';

const CALL =
  'imagesFromFiles(files=[file], { shape!: [3, 32, 32], fit: "cover"|"contain"|"fill", background: 0, ' +
  'validation: 0.2|0, seed: 0, classes: ["cat"], memory: 1, workers: 0, onProgress: (done) => done })';

/**
 * As `loadImageFolder` of `lanewise/node`, of the files of a folder that was chosen on a page, with
 * `<input type="file" webkitdirectory>`. The images are the same, byte for byte.
 *
 * @throws {MissingDataError} when no folder in it has a picture
 * @throws {FileFormatError} when no picture of a class can be read
 * @throws {ArgumentError} when the images need more than `memory`
 * @example
 * const { train, test, classes } = await imagesFromFiles(Array.from(input.files), { shape: [3, 32, 32] });
 */
export async function imagesFromFiles(files: readonly File[], options: ImageFolderOptions): Promise<ImageFolder> {
  checkArguments(CALL, files, options);
  checkImageOptions(options, 'imagesFromFiles');
  const { shape, fit, background, memory = 2 ** 30, workers, onProgress } = options;
  const where = 'imagesFromFiles';
  const found = pictureFilesOf(files.map(pathOf), where, options.classes);
  const { pictures } = found;
  const size = shape.reduce((product, side) => product * side);
  if (pictures.length * size > memory)
    throw new ArgumentError(`${pictures.length} images of ${size} bytes are more than the ${memory} of memory`, {
      where,
      hint: 'choose a smaller shape or fewer pictures, or allow more memory',
    });
  const failures = new Map<number, string>();
  const images: Uint8Array[] = [];
  await decodeAll(
    pictures.map(({ index, path }) => ({ name: path, read: () => bytesOf(files[index]!) })),
    { image: { shape, fit, background }, workers, onProgress },
    (place, image, reason) => {
      if (image === null) failures.set(place, reason);
      else images[place] = image;
    },
  );
  const sorted = new Map([...failures].sort(([a], [b]) => a - b));
  const store = { read: (place: number, into: Uint8Array) => into.set(images[place]!) };
  const sizes = pictures.map(({ index }) => files[index]!.size);
  return buildFolder({ found, store, failures: sorted, where, sizes }, options);
}

/** Below the folder that was chosen. */
function pathOf({ name, webkitRelativePath }: File): string {
  return webkitRelativePath ? webkitRelativePath.slice(webkitRelativePath.indexOf('/') + 1) : name;
}

async function bytesOf(file: File): Promise<Uint8Array> {
  if (file.size > MOST_FILE_BYTES) throw new Error(`it has ${file.size} bytes, more than ${MOST_FILE_BYTES}`);
  return new Uint8Array(await file.arrayBuffer());
}
