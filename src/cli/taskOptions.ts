import { type OptionTable, TRAIN_OPTIONS } from '../recipes/index.js';
import type { GivenModel } from './pictureModel.js';

/** Options that tell of a file of weights what its header does not, or overrule it. */
export const TASK_OPTIONS = {
  model: { ...TRAIN_OPTIONS.model, defaultHelp: 'what the file says' },
  hidden: { ...TRAIN_OPTIONS.hidden, defaultHelp: 'what the file says' },
  channels: { ...TRAIN_OPTIONS.channels, defaultHelp: 'what the file says' },
  dataset: { ...TRAIN_OPTIONS.dataset, help: 'the data set that it was trained on', defaultHelp: 'what the file says' },
  labels: {
    kind: 'text',
    default: null,
    value: 'NAMES',
    help: 'names of the classes, with commas between them, or a file with one in each line',
    defaultHelp: 'those of the file or the data set',
  },
  normalize: {
    ...TRAIN_OPTIONS.normalize,
    help: "standardise pixels with the data set's mean and deviation, for files that do not say so",
  },
} as const satisfies OptionTable;

/** Those of the options given that are about the task. */
export function taskOf(given: Readonly<Record<string, unknown>>): GivenModel {
  return Object.fromEntries(Object.entries(given).filter(([name]) => name in TASK_OPTIONS));
}
