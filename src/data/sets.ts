/** The known data sets: their classes and figures, and what they look like once they are read. */
import { FileFormatError } from '../runtime/errors.js';
import { empty } from '../tensor/create.js';
import { CIFAR10_CLASSES } from './cifar10.js';
import { TensorDataset } from './dataset.js';
import { parseIdx } from './idx.js';

/** The data sets that are known by name. */
export type DatasetName = 'mnist' | 'mnist-subset' | 'fashion-mnist' | 'cifar10';

/** What is known of a data set before it is read. */
export interface DatasetFacts {
  readonly name: DatasetName;
  readonly classes: readonly string[];
  /**
   * Mean and standard deviation of the training images' values in [0, 1], per channel: what `normalize` takes. The
   * figures in general use, which are those of the data to four digits.
   */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** A data set in memory. */
export interface LoadedData extends DatasetFacts {
  /** uint8 images [N,C,H,W] and int32 classes [N]. */
  readonly train: TensorDataset;
  readonly test: TensorDataset;
  /** What the user should know about the files that were read: one line each. */
  readonly notes: readonly string[];
}

/**
 * Handwritten digits, 60,000 and 10,000 of 28×28, by Y. LeCun, C. Cortes and C. Burges. Licence: CC BY-SA 3.0.
 * @see http://yann.lecun.com/exdb/mnist/
 */
export const MNIST: DatasetFacts = {
  name: 'mnist',
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  mean: [0.1307],
  std: [0.3081],
};

/** The part of MNIST that comes with lanewise: 600 training and 100 test digits of each class, with the figures of the whole. */
export const MNIST_SUBSET: DatasetFacts = { ...MNIST, name: 'mnist-subset' };

/**
 * Zalando's article images, 60,000 and 10,000 of 28×28. Licence: MIT.
 * @see https://github.com/zalandoresearch/fashion-mnist
 */
export const FASHION_MNIST: DatasetFacts = {
  name: 'fashion-mnist',
  classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  mean: [0.286],
  std: [0.353],
};

/**
 * Colour photographs, 50,000 and 10,000 of 32×32, by A. Krizhevsky, V. Nair and G. Hinton.
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 */
export const CIFAR10: DatasetFacts = {
  name: 'cifar10',
  classes: CIFAR10_CLASSES,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
};

/** The four files of the MNIST family, without `.gz`. @internal */
export const MNIST_FILES = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
} as const;

/** A file that was read. @internal */
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
  facts: DatasetFacts,
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
    throw new FileFormatError(`these are no images: ${images.dtype} [${images.shape}] instead of uint8 [N, H, W]`, {
      file: imageFile.name,
      offset: 0,
    });
  if (labels.dtype !== 'uint8' || labels.shape.length !== 1)
    throw new FileFormatError(`these are no labels: ${labels.dtype} [${labels.shape}] instead of uint8 [N]`, {
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
