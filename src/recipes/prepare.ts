/** From settings and images to what `fit` takes: the one place where a training is put together. */
import { type Dataset, limit, type TensorDataset } from '../data/dataset.js';
import { DataLoader } from '../data/loader.js';
import { trainValidationSplit } from '../data/split.js';
import type { Transform } from '../data/transforms.js';
import type { Module } from '../nn/core/module.js';
import { crossEntropy, l1Loss, mseLoss } from '../ops/index.js';
import { checkArguments, refusal } from '../runtime/arguments.js';
import { manualSeed } from '../runtime/generator.js';
import type { TableScaler } from '../tables/types.js';
import type { FitOptions } from '../train/options.js';
import { buildLoader, buildTransforms, EVALUATION_BATCH, type Normalization } from './loaders.js';
import { anyOf, buildModel, MODELS } from './models.js';
import { buildOptimizer } from './optimizers.js';
import type { RunSettings } from './resolve.js';
import { buildScheduler } from './schedulers.js';
import { SettingError } from './table.js';
import { describeTask, loadWeights, type NamedWeights, outputsOf, type PictureTask } from './task.js';

/** Samples in memory, or wherever they are stored: then with the shape of one. */
export type SampleDataset = TensorDataset | (Dataset & { readonly shape: readonly number[] });

/** The shape of a sample. */
export const sampleShape = (dataset: SampleDataset): readonly number[] =>
  'x' in dataset ? dataset.x.shape.slice(1) : dataset.shape;

/** The images, or rows of a table, of a training; what the loaders of data sets return is that. */
export interface TrainingImages extends Normalization {
  /** uint8 images [N,C,H,W] with their classes. */
  readonly train: SampleDataset;
  readonly test?: SampleDataset | undefined;
  /** Names of the classes, in the order of the labels; none in a regression. */
  readonly classes: readonly string[];
  /** Of a folder of pictures: how these became images. */
  readonly picture?: PictureTask | undefined;
  /** Of a table: how its rows became inputs and targets. */
  readonly scaler?: TableScaler | undefined;
}

/** What a training is put together from besides its settings. */
export interface PrepareOptions {
  /** The share of the training images to set aside and evaluate on, instead of the test images. Default: 0. */
  readonly validation?: number;
  /** Weights to begin with: those of the file that the setting `init` names. */
  readonly weights?: NamedWeights | undefined;
}

/** A training that is ready for `fit(model, fitOptions)`. */
export interface PreparedTraining {
  readonly model: Module;
  readonly loader: DataLoader;
  /** Of the test images, or of those set aside to validate with; undefined where there are none. */
  readonly testLoader: DataLoader | undefined;
  /** How many numbers are trained. */
  readonly parameters: number;
  readonly fitOptions: FitOptions;
  /** What is done to images on their way into the model, after they are scaled to [0, 1], outside of training. */
  readonly transforms: readonly Transform[];
  /** Frees the model and what the optimizer remembers. */
  dispose(): void;
}

const CALL =
  `prepareTraining(settings={ model!: ${anyOf(MODELS)}, seed!: 0, ... }, images={ train!: dataset, ` +
  'test: dataset, classes!: ["0"], mean!: [0.5], std!: [0.5], ... }, { validation: 0.1, weights: state })';

/**
 * The model, as the seed makes it, and all else that the settings decide.
 *
 * @throws {SettingError} when the settings do not fit the images
 * @throws {CheckpointError} when the weights to begin with do not fit the model
 */
export function prepareTraining(
  settings: RunSettings,
  images: TrainingImages & { readonly test: SampleDataset },
  options?: PrepareOptions,
): PreparedTraining & { readonly testLoader: DataLoader };
export function prepareTraining(
  settings: RunSettings,
  images: TrainingImages,
  options?: PrepareOptions,
): PreparedTraining;
export function prepareTraining(
  settings: RunSettings,
  images: TrainingImages,
  options: PrepareOptions = {},
): PreparedTraining {
  checkArguments(CALL, settings, images, options);
  if (!('x' in images.train || 'shape' in images.train))
    throw refusal('prepareTraining', 'images.train', 'a TensorDataset', images.train);
  const { validation = 0, weights } = options;
  const { mean, std, classes: classNames, picture, scaler } = images;
  if (scaler !== undefined && settings.shift > 0)
    throw new SettingError('shift', { reason: 'rows of a table cannot be shifted' });
  if (settings.normalize && mean.length === 0) {
    throw new SettingError('normalize', {
      reason: 'the mean and the deviation of the images are not known',
      hint: 'give mean and std with the data',
    });
  }
  const inputShape = sampleShape(images.train);
  const transforms = buildTransforms(settings, images);
  const [trainImages, testImages] = parts(settings, images, validation);

  manualSeed(settings.seed);
  const model = buildModel(settings, { inputShape, classes: outputsOf({ classNames }) });
  if (weights !== undefined) loadWeights(model, weights);
  const loader = buildLoader(settings, trainImages, transforms.train);
  const testLoader =
    testImages && new DataLoader(testImages, { batchSize: EVALUATION_BATCH, transforms: transforms.test });
  const optimizer = buildOptimizer(settings, model.parameters());
  const { model: name, hidden, channels, dataset, labelSmoothing, earlyStopping: patience } = settings;
  if (patience !== null && testLoader === undefined) {
    throw new SettingError('earlyStopping', { reason: 'there are no images to evaluate on', hint: 'give test images' });
  }
  const normalization = settings.normalize ? { mean, std } : null;
  return {
    model,
    loader,
    testLoader,
    parameters: model.parameters().reduce((sum, { size }) => sum + size, 0),
    transforms: transforms.test,
    fitOptions: {
      optimizer,
      loader,
      testLoader,
      scheduler: buildScheduler(settings, optimizer, loader.length),
      epochs: settings.epochs ?? Infinity,
      steps: settings.steps ?? Infinity,
      clipGradNorm: settings.clipGradNorm ?? undefined,
      ...(labelSmoothing > 0 && { lossFn: (logits, y) => crossEntropy(logits, y, { labelSmoothing }) }),
      ...(scaler !== undefined && measuresOf(scaler)),
      ...(patience !== null && {
        earlyStopping: { patience, monitor: classNames.length === 0 ? 'testLoss' : 'testAccuracy' },
      }),
      settings: lastingSettings(settings, validation),
      metadata: describeTask({
        ...{ model: name, hidden, channels, dataset, inputShape, classNames, normalization },
        ...(picture !== undefined && { picture }),
        ...(scaler !== undefined && { scaler }),
      }),
    },
    dispose: () => {
      model.dispose();
      optimizer.dispose();
    },
  };
}

/** The settings that a run must be continued with: all but where the files of its data are. */
export function lastingSettings(settings: RunSettings, validation = 0): Readonly<Record<string, unknown>> {
  checkArguments('lastingSettings(settings, validation?=0.1)', settings, validation);
  const { data: _, ...rest } = settings;
  return { ...rest, validation: validation || (settings.validation ?? 0) };
}

/** What a training on a table is judged by: the error in the units of the target, or the share that is right. */
export function measuresOf(scaler: TableScaler): Pick<FitOptions, 'lossFn' | 'metrics'> {
  checkArguments('measuresOf(scaler={ target!: settings, ... })', scaler);
  const { target } = scaler;
  if (target?.kind !== 'number') return { metrics: ['accuracy', 'f1'] };
  return { lossFn: mseLoss, metrics: { r2: 'r2', mae: (output, y) => target.std * l1Loss(output, y).item() } };
}

/**
 * Which images are set aside to validate with does not depend on the run's seed, so that all runs of a search are
 * judged by the same images.
 */
const SPLIT_SEED = 0;

function parts({ limit: count, testLimit }: RunSettings, { train, test }: TrainingImages, validation: number) {
  const first = (images: Dataset, most: number | null): Dataset => (most === null ? images : limit(images, most));
  const kept = first(train, count);
  if (validation === 0) return [kept, test && first(test, testLimit)] as const;
  const split = trainValidationSplit(kept, { validation, seed: SPLIT_SEED });
  return [split.train, split.validation] as const;
}
