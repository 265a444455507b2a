// Training runs told by settings, as the command line has them: re-exports, nothing else.
export {
  TRAIN_OPTIONS, RUN_OPTIONS, resolveTrainSettings, resolveSettings, idleSettings, parseOption, checkOption, flagName, nearest,
  type OptionSpec, type OptionTable, type Settings, type TrainSettings, type RunSettings,
} from './train/options.js';
export { buildModel, buildOptimizer, buildScheduler, EVALUATION_BATCH, type ImageTask } from './train/recipe.js';
