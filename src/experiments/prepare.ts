/** From settings and images to what `fit` takes. */
import {
  DataLoader,
  type FitOptions,
  type LoadedData,
  limit,
  manualSeed,
  type nn,
  trainValidationSplit,
} from '../index.js';
import {
  buildLoader,
  buildModel,
  buildOptimizer,
  buildScheduler,
  buildTransforms,
  EVALUATION_BATCH,
  type RunSettings,
} from '../recipes/index.js';
import { shapeOf } from './images.js';
import { describeTask, loadInto, readWeights } from './weights.js';

export interface PreparedTraining {
  readonly model: nn.Module;
  readonly loader: DataLoader;
  /** Of the test images, or of those set aside to validate with. */
  readonly testLoader: DataLoader;
  /** How many numbers are trained. */
  readonly parameters: number;
  readonly fitOptions: FitOptions;
  /** Frees the model and what the optimizer remembers. */
  dispose(): void;
}

/**
 * The model, as the seed makes it, and all else that the settings decide.
 *
 * @param validation the share of the training images to set aside and evaluate on, instead of the test images
 * @throws {CheckpointError} when the weights to begin with do not fit
 */
export function prepareTraining(settings: RunSettings, images: LoadedData, validation = 0): PreparedTraining {
  const inputShape = shapeOf(images);
  const transforms = buildTransforms(settings, images);
  const [trainImages, testImages] = parts(settings, images, validation);

  manualSeed(settings.seed);
  const model = buildModel(settings, { inputShape, classes: images.classes.length });
  if (settings.init !== null) loadInto(model, settings.init, readWeights(settings.init));
  const loader = buildLoader(settings, trainImages, transforms.train);
  const testLoader = new DataLoader(testImages, { batchSize: EVALUATION_BATCH, transforms: transforms.test });
  const optimizer = buildOptimizer(settings, model.parameters());
  const scheduler = buildScheduler(settings, optimizer, loader.length);
  return {
    model,
    loader,
    testLoader,
    parameters: model.parameters().reduce((sum, { size }) => sum + size, 0),
    fitOptions: {
      optimizer,
      loader,
      testLoader,
      ...(scheduler !== undefined && { scheduler }),
      epochs: settings.epochs ?? Infinity,
      steps: settings.steps ?? Infinity,
      ...(settings.clipGradNorm !== null && { clipGradNorm: settings.clipGradNorm }),
      settings: lastingSettings(settings, validation),
      metadata: describeTask({
        model: settings.model,
        hidden: settings.hidden,
        dataset: settings.dataset,
        inputShape,
        classNames: images.classes,
        normalization: settings.normalize ? { mean: images.mean, std: images.std } : null,
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
  const { data: _, ...rest } = settings;
  return { ...rest, validation };
}

/** Who is set aside to validate with does not depend on the run's seed, so that all runs of a search are judged by the same images. */
const SPLIT_SEED = 0;

function parts({ limit: count, testLimit }: RunSettings, { train, test }: LoadedData, validation: number) {
  const first = count === null ? train : limit(train, count);
  if (validation === 0) return [first, testLimit === null ? test : limit(test, testLimit)] as const;
  const split = trainValidationSplit(first, { validation, seed: SPLIT_SEED });
  return [split.train, split.validation] as const;
}
