/** Folders of pictures as the data of a run. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Dataset } from '../data/dataset.js';
import type { ImageFolder } from '../images/build.js';
import { type LoadImageFolderOptions, loadImageFolder } from '../images/imageFolder.node.js';
import { OWN_DATA } from '../recipes/own.js';
import type { SampleDataset, TrainingImages } from '../recipes/prepare.js';
import type { RunSettings } from '../recipes/resolve.js';
import { SettingError } from '../recipes/table.js';
import type { Task } from '../recipes/task.js';
import { checkArguments } from '../runtime/arguments.js';
import { FileWriteError } from '../runtime/errors.js';

/** What is behind transparent parts of pictures, and around contained ones. */
const BACKGROUND = 255;

/** Images in the data of a run. */
export interface RunImages extends TrainingImages {
  readonly name: 'images';
  readonly test: SampleDataset;
  readonly notes: readonly string[];
}

/**
 * The images of a folder, by the settings of a run.
 *
 * @throws {SettingError} when the size is none
 */
export async function loadRunImages(
  directory: string,
  settings: Pick<RunSettings, 'validation' | 'imageSize' | 'imageFit' | 'grey'>,
): Promise<RunImages> {
  const [height, width] = sizeOf(settings.imageSize ?? '32');
  const validation = settings.validation ?? OWN_DATA.images.validation;
  const shape = [settings.grey ? 1 : 3, height, width] as const;
  const folder = await loadCached(directory, { shape, fit: settings.imageFit, background: BACKGROUND, validation });
  const { train, test, classes, mean, std, fingerprint, notes } = folder;
  const unread = test === undefined ? ['no images are set aside: the training images are evaluated on'] : [];
  return {
    name: 'images',
    train: train as SampleDataset,
    test: (test ?? train) as SampleDataset,
    ...{ classes, mean, std },
    picture: { fit: settings.imageFit, background: BACKGROUND, validation, fingerprint },
    notes: [`classes: ${classes.slice(0, 20).join(', ')}${classes.length > 20 ? ', …' : ''}`, ...notes, ...unread],
  };
}

/** Height and width of `32x48`, or of `32`. */
function sizeOf(text: string): [number, number] {
  const [, height, width = height] = /^(\d{1,4})(?:x(\d{1,4}))?$/.exec(text) ?? [];
  const sides = [Number(height), Number(width)] as [number, number];
  if (sides.every((side) => side >= 1 && side <= 4096)) return sides;
  throw new SettingError('imageSize', {
    reason: `must be a height and a width, sides of 1 to 4096, not ${JSON.stringify(text)}`,
    hint: 'write 32x48, or 32 for both',
  });
}

/** What a model of pictures is evaluated on. */
export interface EvaluationImages {
  readonly test: Dataset;
  readonly notes: readonly string[];
}

/**
 * The images to evaluate a model on: of the folder that it was trained on, those that were set aside; of another with a
 * folder `test` or `val`, those in it; of any other, all.
 */
export async function loadEvaluationImages(
  directory: string,
  task: Pick<Task, 'inputShape' | 'classNames' | 'picture'>,
): Promise<EvaluationImages> {
  checkArguments(
    'loadEvaluationImages(directory="./photos", task={ inputShape!: [3, 32, 32], classNames!: ["cat"], ... })',
    directory,
    task,
  );
  const { inputShape, classNames, picture } = task;
  const { fit = 'cover', background = BACKGROUND, validation = 0, fingerprint } = picture ?? {};
  const shape = inputShape as readonly [number, number, number];
  const load = (share: number) =>
    loadCached(directory, { shape, fit, background, validation: share, classes: classNames });
  const all = await load(0);
  if (all.test !== undefined) return { test: all.test, notes: all.notes };
  if (all.fingerprint !== fingerprint || validation === 0) {
    return { test: all.train, notes: [...all.notes, `all ${all.train.length} images are evaluated on`] };
  }
  const { test, train, notes } = await load(validation);
  return { test: test ?? train, notes };
}

/** Kept beside the runs, by the place of the folder and the options; where that cannot be written, not at all. */
async function loadCached(directory: string, options: LoadImageFolderOptions): Promise<ImageFolder> {
  const { shape, fit, background } = options;
  const key = JSON.stringify([path.resolve(directory), shape, fit, background]);
  const name = `images-${createHash('sha256').update(key).digest('hex').slice(0, 16)}.cache`;
  try {
    return await loadImageFolder(directory, { ...options, cache: path.join('runs', '.cache', name) });
  } catch (error) {
    if (!(error instanceof FileWriteError)) throw error;
    return loadImageFolder(directory, options);
  }
}
