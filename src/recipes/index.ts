/**
 * Training runs told by settings, as the command line has them.
 *
 * @module lanewise/recipes
 */

export { checkLastBatch, type LastBatchOptions, type RunPlace } from '../train/rehearsal.js';
export {
  buildLoader,
  buildModel,
  buildOptimizer,
  buildScheduler,
  buildTransforms,
  EVALUATION_BATCH,
  type ImageTask,
  type LoaderSettings,
  type ModelSettings,
  type Normalization,
  type OptimizerSettings,
  type SchedulerSettings,
} from './build.js';
export {
  type ChoiceOption,
  checkOption,
  type FlagOption,
  flagName,
  type IntegerOption,
  idleSettings,
  type NumberOption,
  nearest,
  type OptionSpec,
  type OptionTable,
  parseOption,
  RUN_OPTIONS,
  type RunSettings,
  resolveSettings,
  resolveTrainSettings,
  type Settings,
  type SizesOption,
  type TextOption,
  TRAIN_OPTIONS,
  type TrainSettings,
  type ValueOf,
} from './settings.js';
