/** Reads files away from the page: IDX (also .gz) and pictures. */

import { LONGEST_SIDE, MOST_PIXELS, PICTURE_LIMITS } from '../data/pictureLimits.js';
import {
  FileFormatError,
  gunzip,
  type IdxArray,
  isGzip,
  LanewiseError,
  MissingDataError,
  parseIdx,
  toMnistInput,
} from '../slim/index.js';
import type { Digits, FilesReply, ImageSet } from './digits.js';

/** The most that a file may hold once it is decompressed. */
const LIMIT = 2 ** 30;
const SIDE = 28;
/** Of pictures and of files without test images: every so-manieth is kept for testing. */
const TEST_EVERY = 6;

onmessage = async ({ data }: MessageEvent<readonly File[]>) => {
  postMessage(await answer(data));
};

async function answer(files: readonly File[]): Promise<FilesReply> {
  try {
    const pictures = files.filter(isPicture);
    if (pictures.length > 0 && pictures.length < files.length)
      throw new MissingDataError('drop either pictures or IDX files, not both at once');
    const [only] = pictures;
    if (only !== undefined && pictures.length === 1) return { is: 'picture', digit: await readPicture(only) };
    return { is: 'digits', digits: await (pictures.length > 0 ? digitsOfPictures(pictures) : digitsOfIdx(files)) };
  } catch (error) {
    return error instanceof LanewiseError
      ? { is: 'error', message: error.summary, hint: error.hint }
      : { is: 'error', message: `the files cannot be read: ${String(error)}` };
  }
}

// ---- IDX ----

type NamedArray = IdxArray & { readonly name: string };

async function digitsOfIdx(files: readonly File[]): Promise<Digits> {
  const arrays: NamedArray[] = [];
  for (const file of files) {
    let bytes: Uint8Array = new Uint8Array(await file.arrayBuffer());
    if (isGzip(bytes)) bytes = await gunzip(bytes, { name: file.name, limit: LIMIT });
    arrays.push({ name: file.name, ...parseIdx(bytes, file.name) });
  }
  const images = arrays.filter(({ shape }) => shape.length === 3);
  const labels = arrays.filter(({ shape }) => shape.length === 1);
  const other = arrays.find(({ shape }) => shape.length !== 3 && shape.length !== 1);
  if (other !== undefined)
    throw new FileFormatError(
      `these are neither images [N, height, width] nor labels [N], but [${other.shape.join(', ')}]`,
      { file: other.name, offset: 0 },
    );
  const pairs = images.map((image): Pair => {
    const fitting = labels.filter(({ shape }) => shape[0] === image.shape[0]);
    const label = fitting.find(({ name }) => isTest(name) === isTest(image.name)) ?? fitting[0];
    if (label === undefined) {
      throw new MissingDataError(
        `${image.name} has ${image.shape[0]} images, and there is no file with as many labels`,
        { hint: 'drop the files of images and of labels together' },
      );
    }
    return [image, label];
  });
  const test = pairs.length === 1 ? undefined : pairs.find(([{ name }]) => isTest(name));
  const [train, ...more] = pairs.filter((pair) => pair !== test);
  if (train === undefined)
    throw new MissingDataError('there are no images among these files', {
      hint: 'drop the files of images and of labels together',
    });
  if (more.length > 0)
    throw new MissingDataError('these are more than one set of training images and one of test images', {
      hint: 'names with "t10k" or "test" are taken for test images',
    });
  return fromPairs(files.length === 1 ? files[0]!.name : 'your files', train, test);
}

const isTest = (name: string): boolean => /t10k|test/i.test(name);

type Pair = readonly [images: NamedArray, labels: NamedArray];

function fromPairs(source: string, train: Pair, test: Pair | undefined): Digits {
  for (const [images, labels] of test === undefined ? [train] : [train, test]) {
    if (images.dtype !== 'uint8')
      throw new FileFormatError(`pixels must be bytes, not ${images.dtype}`, { file: images.name, offset: 2 });
    if (labels.dtype !== 'uint8')
      throw new FileFormatError(`labels must be bytes, not ${labels.dtype}`, { file: labels.name, offset: 2 });
    if (labels.shape[0] !== images.shape[0])
      throw new FileFormatError(`${labels.shape[0]} labels for the ${images.shape[0]} images of ${images.name}`, {
        file: labels.name,
        offset: 4,
      });
    if (images.data.length === 0)
      throw new FileFormatError('there are no images in it', { file: images.name, offset: 4 });
  }
  const [, height, width] = train[0].shape as [number, number, number];
  const [, testHeight = height, testWidth = width] = test?.[0].shape ?? [];
  if (testHeight !== height || testWidth !== width)
    throw new FileFormatError(`test images of ${testHeight}×${testWidth}, training images of ${height}×${width}`, {
      file: test![0].name,
      offset: 8,
    });
  const bytes = ([images, labels]: Pair): Bytes => ({
    images: images.data as Uint8Array,
    labels: labels.data as Uint8Array,
  });
  return test === undefined
    ? splitUp(source, bytes(train), height, width)
    : describe(source, bytes(train), bytes(test), height, width, []);
}

// ---- Pictures ----

const isPicture = ({ name, type }: File): boolean =>
  type.startsWith('image/') || /\.(png|jpe?g|webp|gif|bmp)$/i.test(name);

/** What a PNG file begins with, up to the width and height of the picture at bytes 16 and 20. */
const PNG_BEGIN = [0x8950_4e47, 0x0d0a_1a0a, 13, 0x4948_4452];

/** @throws {FileFormatError} when a picture is larger than `toMnistInput` takes: its pixels are not even asked for */
function checkSize(width: number, height: number, file: string): void {
  if (width * height <= MOST_PIXELS && Math.max(width, height) <= LONGEST_SIDE) return;
  throw new FileFormatError(`a picture of ${width}×${height} is not read (${PICTURE_LIMITS})`, {
    file,
    hint: 'scale it down',
  });
}

/** The size that a PNG file states, before the browser decodes what may be gigabytes. Other files are left to it. */
async function checkPngHeader(file: File): Promise<void> {
  const begin = new DataView(await file.slice(0, 24).arrayBuffer());
  if (begin.byteLength < 24 || PNG_BEGIN.some((word, i) => begin.getUint32(4 * i) !== word)) return;
  checkSize(begin.getUint32(16), begin.getUint32(20), file.name);
}

async function readPicture(file: File): Promise<Uint8Array> {
  await checkPngHeader(file);
  const bitmap = await createImageBitmap(file).catch((cause: unknown) => {
    throw new FileFormatError('this browser cannot read it as a picture', {
      file: file.name,
      hint: 'is the file whole, and a PNG?',
      cause,
    });
  });
  checkSize(bitmap.width, bitmap.height, file.name);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return toMnistInput(context.getImageData(0, 0, canvas.width, canvas.height));
}

/**
 * Pictures whose names begin with their class (`7.png`, `7-a.png`) or have it behind an underscore or a hyphen
 * (`digit_7.png`).
 */
async function digitsOfPictures(files: readonly File[]): Promise<Digits> {
  const images = new Uint8Array(files.length * SIDE * SIDE);
  const labels = new Uint8Array(files.length);
  for (const [i, file] of files.entries()) {
    const label = /^(\d)(?!\d)/.exec(file.name)?.[1] ?? /[_-](\d)(?!\d)/.exec(file.name)?.[1];
    if (label === undefined)
      throw new FileFormatError('its name does not say which digit it is', {
        file: file.name,
        hint: 'begin the names of pictures with their digit, as in 7-a.png; a single picture needs none',
      });
    labels[i] = Number(label);
    images.set(await readPicture(file), i * SIDE * SIDE);
  }
  return splitUp(`${files.length} pictures`, { images, labels }, SIDE, SIDE);
}

// ---- Common to all ----

interface Bytes {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** Every sixth image is for testing. */
function splitUp(source: string, { images, labels }: Bytes, height: number, width: number): Digits {
  if (labels.length < 2) throw new MissingDataError('one image is too few to train on and to test');
  const size = height * width;
  const part = (wanted: (i: number) => boolean): Bytes => {
    const indices = [...labels.keys()].filter(wanted);
    const picked = { images: new Uint8Array(indices.length * size), labels: new Uint8Array(indices.length) };
    indices.forEach((from, to) => {
      picked.images.set(images.subarray(from * size, (from + 1) * size), to * size);
      picked.labels[to] = labels[from]!;
    });
    return picked;
  };
  const forTest = (i: number): boolean => i % TEST_EVERY === Math.min(TEST_EVERY, labels.length) - 1;
  return describe(
    source,
    part((i) => !forTest(i)),
    part(forTest),
    height,
    width,
    ['there were no test images among them: every sixth image is kept for testing'],
  );
}

function describe(
  source: string,
  train: Bytes,
  test: Bytes,
  height: number,
  width: number,
  notes: readonly string[],
): Digits {
  const most = [train, test].reduce(
    (highest, { labels }) => labels.reduce((high, label) => Math.max(high, label), highest),
    9,
  );
  const set = ({ images, labels }: Bytes): ImageSet => ({
    images: blobOf(images),
    labels: blobOf(labels),
    count: labels.length,
  });
  return {
    source,
    height,
    width,
    classes: Array.from({ length: most + 1 }, (_, i) => String(i)),
    train: set(train),
    test: set(test),
    normalization: null,
    notes,
  };
}

const blobOf = (bytes: Uint8Array): Blob => new Blob([bytes as Uint8Array<ArrayBuffer>]);
