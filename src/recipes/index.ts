/**
 * Training runs told by settings, as the command line has them.
 *
 * @module lanewise/recipes
 */
export {
  TRAIN_OPTIONS, RUN_OPTIONS, resolveTrainSettings, resolveSettings, idleSettings, parseOption, checkOption, flagName, nearest,
  type OptionSpec, type ChoiceOption, type IntegerOption, type NumberOption, type SizesOption, type FlagOption, type TextOption, type OptionTable, type ValueOf, type Settings, type TrainSettings, type RunSettings,
} from './settings.js';
export {
  buildLoader, buildModel, buildOptimizer, buildScheduler, buildTransforms, EVALUATION_BATCH,
  type ImageTask, type LoaderSettings, type ModelSettings, type Normalization, type OptimizerSettings,
  type SchedulerSettings,
} from './build.js';
export { checkLastBatch, type LastBatchOptions, type RunPlace } from '../train/rehearsal.js';
