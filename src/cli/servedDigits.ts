/** MNIST as `lanewise serve` hands it out: the four IDX files, whatever they were read from. */
import { LanewiseError, type TensorDataset } from '../index.js';
import { loadMnist } from '../node/index.js';
import type { Resource } from './server.js';

/** What the page learns of the digits, at /data/mnist/about.json. */
export interface DigitsAbout {
  /** Numbers of images; 0 where there are none. */
  readonly train: number;
  readonly test: number;
  /** What the user should know about them: one line each. */
  readonly notes: readonly string[];
}

export interface ServedDigits {
  readonly about: DigitsAbout;
  /** By the path that they are served at. */
  readonly files: ReadonlyMap<string, Resource>;
}

const FOLDER = '/data/mnist/';

/**
 * Reads MNIST as `lanewise train` does. Where it is not to be had, `about` says so: the page takes other digits too.
 *
 * @param directory of its files; null: where they usually are
 * @throws {LanewiseError} when a directory is given and has no MNIST
 */
export async function readDigits(directory: string | null): Promise<ServedDigits> {
  const files = new Map<string, Resource>();
  const add = (name: string, type: string, body: Uint8Array): void => {
    files.set(FOLDER + name, { type, body, lasting: false });
  };
  let about: DigitsAbout;
  try {
    const { train, test, notes } = await loadMnist(directory === null ? {} : { data: directory });
    for (const [part, dataset] of [
      ['train', train],
      ['t10k', test],
    ] as const) {
      add(`${part}-images-idx3-ubyte`, 'application/octet-stream', imagesAsIdx(dataset));
      add(`${part}-labels-idx1-ubyte`, 'application/octet-stream', labelsAsIdx(dataset));
    }
    about = { train: train.length, test: test.length, notes };
    train.dispose();
    test.dispose();
  } catch (error) {
    if (directory !== null || !(error instanceof LanewiseError)) throw error;
    about = { train: 0, test: 0, notes: [`${error.summary}; hint: ${error.hint ?? 'see the documentation'}`] };
  }
  add('about.json', 'application/json', new TextEncoder().encode(JSON.stringify(about)));
  return { about, files };
}

function imagesAsIdx({ x }: TensorDataset): Uint8Array {
  const [count = 0, , height = 0, width = 0] = x.shape;
  return idx([count, height, width], x.data() as Uint8Array);
}

function labelsAsIdx({ y }: TensorDataset): Uint8Array {
  return idx([y.size], Uint8Array.from(y.data()));
}

/** An IDX file of bytes: the magic number with the number of axes, their lengths, the elements. */
function idx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const begin = 4 + 4 * shape.length;
  const file = new Uint8Array(begin + data.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x0800 + shape.length);
  shape.forEach((length, axis) => view.setUint32(4 + 4 * axis, length));
  file.set(data, begin);
  return file;
}
