/** The images that are trained on. They stay outside of the page's own memory: blobs, which workers read. */
import { MNIST } from '../data/sets/mnist.js';
import type { Normalization } from '../recipes/index.js';
import { FileFormatError, MissingDataError } from '../slim/index.js';
import { WordedError, type Words } from './notices.js';

export interface ImageSet {
  /** A byte per pixel, image after image. */
  readonly images: Blob;
  /** A byte per image: its class. */
  readonly labels: Blob;
  readonly count: number;
}

export interface Digits {
  /** Where they come from, in a few words. */
  readonly source: string;
  readonly height: number;
  readonly width: number;
  readonly classes: readonly string[];
  readonly train: ImageSet;
  readonly test: ImageSet;
  /** Mean and deviation of the training images in general use; null: not known, so they are measured. */
  readonly normalization: Normalization | null;
  /** What the user should know about them. */
  readonly notes: readonly string[];
}

/** The same, while the training images may still be under way. */
export interface ArrivingDigits extends Omit<Digits, 'train'> {
  readonly train: Omit<ImageSet, 'images'> & { readonly images: Blob | Promise<Blob> };
}

/** One image with its class. */
export interface Digit {
  readonly pixels: Uint8Array;
  readonly label: number;
}

/** What the worker that reads files answers. */
export type FilesReply =
  | { readonly is: 'digits'; readonly digits: Digits }
  | { readonly is: 'picture'; readonly digit: Uint8Array }
  | ({ readonly is: 'error' } & Words);

/** Reads files in a worker of their own. @throws {Error} saying what is wrong with them */
export function readFiles(files: readonly File[]): Promise<Exclude<FilesReply, { is: 'error' }>> {
  const worker = new Worker(new URL('./files.worker.ts', import.meta.url), { type: 'module', name: 'files' });
  return new Promise<Exclude<FilesReply, { is: 'error' }>>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<FilesReply>) =>
      data.is === 'error' ? reject(new WordedError(data)) : resolve(data);
    worker.onerror = (event) =>
      reject(new Error(`the files cannot be read: ${event.message || 'their worker did not start'}`));
    worker.postMessage(files);
  }).finally(() => worker.terminate());
}

/** The image at a position of a set. */
export async function digitAt(
  { height, width }: ArrivingDigits,
  { images, labels }: ImageSet,
  index: number,
): Promise<Digit> {
  const size = height * width;
  const [pixels, label] = await Promise.all([bytesOf(images, index * size, size), bytesOf(labels, index, 1)]);
  return { pixels, label: label[0]! };
}

async function bytesOf(blob: Blob, begin: number, length: number): Promise<Uint8Array> {
  return new Uint8Array(await blob.slice(begin, begin + length).arrayBuffer());
}

// ---- From the server ----

interface About {
  readonly train: number;
  readonly test: number;
  readonly notes: readonly string[];
}

/**
 * MNIST, as `lanewise serve` hands it out below `base`. It resolves before the training images are there.
 *
 * @throws {MissingDataError} where the server has none
 * @throws {FileFormatError} when a file is not what it should be
 */
export async function fetchDigits(base: string): Promise<ArrivingDigits> {
  const about = (await (await get(`${base}about.json`)).json()) as About;
  if (about.train === 0) throw new MissingDataError(`the server has no digits: ${about.notes.join(' ')}`);
  const images = fetchIdx(base, 'train-images-idx3-ubyte', 3).then(({ data }) => data);
  images.catch(() => {}); // Whoever needs them is told.
  const [testImages, testLabels, labels] = await Promise.all([
    fetchIdx(base, 't10k-images-idx3-ubyte', 3),
    fetchIdx(base, 't10k-labels-idx1-ubyte', 1),
    fetchIdx(base, 'train-labels-idx1-ubyte', 1),
  ]);
  const [count, height, width] = testImages.shape as [number, number, number];
  return {
    source: 'MNIST',
    height,
    width,
    classes: Array.from({ length: 10 }, (_, i) => String(i)),
    notes: about.notes,
    normalization: { mean: MNIST.mean, std: MNIST.std },
    train: { images, labels: labels.data, count: labels.shape[0]! },
    test: { images: testImages.data, labels: testLabels.data, count },
  };
}

async function get(url: string): Promise<Response> {
  const hint = 'serve the page with npx lanewise serve, or use your own IDX or PNG files';
  const response = await fetch(url).catch((cause: unknown) => {
    throw new MissingDataError(`the server of this page does not answer: ${String(cause)}`, { hint, cause });
  });
  if (!response.ok) throw new MissingDataError(`this server has no ${url} (it says ${response.status})`, { hint });
  return response;
}

/** The lengths of the axes and the bytes of an IDX file, of which only the header is looked at here. */
async function fetchIdx(base: string, name: string, axes: number): Promise<{ shape: readonly number[]; data: Blob }> {
  const file = await (await get(base + name)).blob();
  const begin = 4 + 4 * axes;
  const header = new DataView((await bytesOf(file, 0, begin)).buffer as ArrayBuffer);
  if (header.byteLength < begin || header.getUint32(0) !== 0x0800 + axes)
    throw new FileFormatError(`this is no IDX file of bytes with ${axes} axes`, { file: name, offset: 0 });
  const shape = Array.from({ length: axes }, (_, axis) => header.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  if (file.size !== begin + size)
    throw new FileFormatError(`${begin + size} bytes should be there, but there are ${file.size}`, { file: name });
  return { shape, data: file.slice(begin) };
}
