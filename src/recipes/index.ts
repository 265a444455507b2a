/**
 * Training runs described by settings, as the command line and the page have them.
 *
 * @module lanewise/recipes
 */

export { checkLastBatch, type LastBatchOptions, type RunPlace } from '../train/rehearsal.js';
export { DATA_OPTIONS } from './dataSettings.js';
export {
  buildLoader,
  buildTransforms,
  EVALUATION_BATCH,
  type LoaderSettings,
  type Normalization,
} from './loaders.js';
export { buildModel, type ImageTask, type ModelName, type ModelSettings } from './models.js';
export { nearest } from './nearest.js';
export { buildOptimizer, type OptimizerName, type OptimizerSettings, optimizerDefaults } from './optimizers.js';
export { OWN_DATA, type OwnData, ownData, sampleName } from './own.js';
export {
  lastingSettings,
  measuresOf,
  type PreparedTraining,
  type PrepareOptions,
  prepareTraining,
  type SampleDataset,
  type TrainingImages,
} from './prepare.js';
export { type IdleSetting, idleSettings, type RunSettings, resolveSettings, resolveTrainSettings } from './resolve.js';
export { buildScheduler, type SchedulerName, type SchedulerSettings } from './schedulers.js';
export { TRAIN_OPTIONS, type TrainSettings } from './settings.js';
export {
  type ChoiceOption,
  checkOption,
  type FlagOption,
  type IntegerOption,
  type NumberOption,
  type OptionSpec,
  type OptionTable,
  parseOption,
  SettingError,
  type Settings,
  type SettingWords,
  type SizesOption,
  type TextOption,
  type ValueOf,
  wordSettings,
} from './table.js';
export {
  describeTask,
  type GivenTask,
  type LoadedModel,
  modelOf,
  type NamedWeights,
  type Task,
  taskIn,
} from './task.js';
