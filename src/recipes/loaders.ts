/** From settings and images to batches. */
import type { Dataset } from '../data/dataset.js';
import { DataLoader } from '../data/loader.js';
import { normalize, randomShift, type Transform } from '../data/transforms.js';
import { checkArguments } from '../runtime/arguments.js';
import type { RunSettings } from './resolve.js';
import { SettingError } from './table.js';

/**
 * Images per step of an evaluation: enough to keep the kernels busy, few enough that deep models need little memory.
 */
export const EVALUATION_BATCH = 200;

const LOADER =
  'buildLoader(settings={ batchSize!: 64, shuffle!: true, seed!: 0, dropLast!: false, ... }, dataset, ' +
  'transforms?=[transform])';
const TRANSFORMS =
  'buildTransforms(settings={ shift!: 0, normalize!: true, ... }, images={ mean!: [0.5], std!: [0.5], ... })';

/** The settings that the loader of the training images is made from. */
export type LoaderSettings = Pick<RunSettings, 'batchSize' | 'dropLast' | 'shuffle' | 'seed'>;

/**
 * The batches to train on.
 *
 * @throws {SettingError} when `dropLast` leaves no batch
 */
export function buildLoader(
  settings: LoaderSettings,
  images: Dataset,
  transforms: readonly Transform[] = [],
): DataLoader {
  checkArguments(LOADER, settings, images, transforms);
  const { batchSize, dropLast, shuffle, seed } = settings;
  const loader = new DataLoader(images, { batchSize, dropLast, shuffle, seed, transforms });
  if (dropLast && loader.length === 0) {
    throw new SettingError('dropLast', {
      reason: `${images.length} images do not fill a batch of ${batchSize}, and it is left out`,
      hint: `choose a {batchSize} of at most ${images.length}, or do without {dropLast}`,
    });
  }
  return loader;
}

/** Mean and deviation of each channel, of pixels scaled to [0, 1]. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * What is done to images on their way into a batch, after they are scaled to [0, 1]: those trained on, and those tested
 * with.
 */
export function buildTransforms(
  settings: Pick<RunSettings, 'shift' | 'normalize'>,
  images: Normalization,
): { train: Transform[]; test: Transform[] } {
  checkArguments(TRANSFORMS, settings, images);
  const { shift, normalize: standardise } = settings;
  const { mean, std } = images;
  const test = standardise ? [normalize({ mean, std })] : [];
  return { train: shift === 0 ? test : [randomShift({ pixels: shift }), ...test], test };
}
