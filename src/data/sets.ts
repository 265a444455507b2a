/** The data sets by name, and what they look like once they are read. To add one, add a line to `DATASETS`. */
import { FileFormatError } from '../runtime/errors.js';
import { empty } from '../tensor/create.js';
import { TensorDataset } from './dataset.js';
import type { DatasetFacts } from './facts.js';
import { parseIdx } from './idx.js';
import { CIFAR10 } from './sets/cifar10.js';
import { FASHION_MNIST } from './sets/fashionMnist.js';
import { MNIST, MNIST_SUBSET } from './sets/mnist.js';

/** The data sets by name. */
export const DATASETS = {
  mnist: MNIST,
  'mnist-subset': MNIST_SUBSET,
  'fashion-mnist': FASHION_MNIST,
  cifar10: CIFAR10,
};

/** The name of a data set. */
export type DatasetName = keyof typeof DATASETS;

/** A data set in memory. */
export interface LoadedData extends DatasetFacts<DatasetName> {
  /** uint8 images [N,C,H,W] and int32 classes [N]. */
  readonly train: TensorDataset;
  readonly test: TensorDataset;
  /** What the user should know about the files that were read: one line each. */
  readonly notes: readonly string[];
}

/** The four files of the MNIST family, without `.gz`. @internal */
export const MNIST_FILES = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
} as const;

/** A file that was read. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * A data set of the MNIST family out of its four files.
 *
 * @throws {FileFormatError} when a file is not what it should be
 * @internal
 */
export async function dataFromIdx(
  read: (name: string) => Promise<NamedBytes>,
  facts: DatasetFacts<DatasetName>,
): Promise<LoadedData> {
  const test = datasetFromIdx(await read(MNIST_FILES.testImages), await read(MNIST_FILES.testLabels), facts.classes);
  try {
    const train = datasetFromIdx(
      await read(MNIST_FILES.trainImages),
      await read(MNIST_FILES.trainLabels),
      facts.classes,
    );
    return { ...facts, train, test, notes: [] };
  } catch (error) {
    test.dispose();
    throw error;
  }
}

/**
 * Images [N,H,W] and labels [N] of two IDX files, as a dataset.
 *
 * @throws {FileFormatError} when one of them holds something else, or they differ in N, or a label has no class
 */
function datasetFromIdx(imageFile: NamedBytes, labelFile: NamedBytes, classes: readonly string[]): TensorDataset {
  const images = parseIdx(imageFile.bytes, imageFile.name);
  const labels = parseIdx(labelFile.bytes, labelFile.name);
  const [count, height, width] = images.shape;
  if (images.dtype !== 'uint8' || images.shape.length !== 3)
    throw new FileFormatError(`these are not images: ${images.dtype} [${images.shape}] instead of uint8 [N, H, W]`, {
      file: imageFile.name,
      offset: 0,
    });
  if (labels.dtype !== 'uint8' || labels.shape.length !== 1)
    throw new FileFormatError(`these are not labels: ${labels.dtype} [${labels.shape}] instead of uint8 [N]`, {
      file: labelFile.name,
      offset: 0,
    });
  if (labels.shape[0] !== count)
    throw new FileFormatError(`${labels.shape[0]} labels for the ${count} images of ${imageFile.name}`, {
      file: labelFile.name,
      offset: 4,
    });
  const wrong = (labels.data as Uint8Array).findIndex((label) => label >= classes.length);
  if (wrong >= 0) {
    throw new FileFormatError(
      `label ${labels.data[wrong]} of image ${wrong} is none of the ${classes.length} classes`,
      { file: labelFile.name, offset: labelFile.bytes.length - labels.data.length + wrong },
    );
  }
  const x = empty([count!, 1, height!, width!], 'uint8').assign(images.data);
  return new TensorDataset(x, empty([count!], 'int32').assign(labels.data), { classes });
}
