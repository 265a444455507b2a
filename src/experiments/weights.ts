/** Files of weights, with the description of the model that `lanewise train` puts into their headers. */
import { CheckpointError, type DatasetName, decodeSafetensors, type nn, type Safetensors } from '../index.js';
import { readRegularFile } from '../node/index.js';
import {
  buildModel,
  type Normalization,
  type OptionTable,
  type RunSettings,
  resolveSettings,
  TRAIN_OPTIONS,
} from '../recipes/index.js';
import { DATASETS } from './images.js';

/** What a file of weights is for. */
export interface Task {
  readonly model: RunSettings['model'];
  readonly hidden: readonly number[];
  readonly dataset: DatasetName;
  /** Channels, height and width. */
  readonly inputShape: readonly number[];
  readonly classNames: readonly string[];
  /** How pixels are standardised; null: they are scaled to [0, 1]. */
  readonly normalization: Normalization | null;
}

const KEY = 'lanewise';
/** Of an image's side, and of its channels. */
const LARGEST_SIZE = 65_536;

/** The texts for the header of a file of weights. */
export function describeTask(task: Task): Record<string, string> {
  return { [KEY]: JSON.stringify(task) };
}

/**
 * Reads a file of weights.
 *
 * @throws {CheckpointError} when it cannot be read, or is the state of a run
 * @throws {FileFormatError} when it is no safetensors file
 */
export function readWeights(file: string): Safetensors {
  const bytes = readRegularFile(file, {
    error: CheckpointError,
    hint: 'weights are in best.safetensors and last.safetensors of a run',
  });
  const stored = decodeSafetensors(bytes, file);
  if ('lanewiseRun' in stored.metadata)
    throw new CheckpointError('this is the state of a run, not weights alone', {
      where: file,
      hint: 'its weights are in last.safetensors beside it',
    });
  return stored;
}

/**
 * Loads a file of weights into a model, strictly.
 *
 * @throws {CheckpointError} naming the file, when it does not fit
 */
export function loadInto(model: nn.Module, file: string, { tensors }: Safetensors): void {
  try {
    model.loadStateDict(tensors);
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    throw new CheckpointError(error.message, { where: file, cause: error });
  }
}

/** What the header of a file of weights says that they are for; null when it says nothing. @throws {CheckpointError} when it cannot be read */
function taskIn({ metadata }: Safetensors, file: string): Task | null {
  const text = metadata[KEY];
  if (text === undefined) return null;
  try {
    const task = JSON.parse(text) as Task;
    const { model, hidden, dataset } = resolveSettings(TRAIN_OPTIONS, {
      model: task.model,
      hidden: task.hidden,
      dataset: task.dataset,
    });
    if (isTask(task)) return { ...task, model, hidden, dataset };
    throw new CheckpointError('its inputShape, classNames or normalization are not those of images', { where: KEY });
  } catch (cause) {
    throw new CheckpointError('the description of the model in the header cannot be read', { where: file, cause });
  }
}

function isTask({ inputShape, classNames, normalization }: Task): boolean {
  const isListOf = (value: unknown, length: number, allowed: (item: unknown) => boolean): boolean =>
    Array.isArray(value) && value.length === length && value.every(allowed);
  const [channels] = isListOf(
    inputShape,
    3,
    (size) => Number.isInteger(size) && (size as number) >= 1 && (size as number) <= LARGEST_SIZE,
  )
    ? inputShape
    : [];
  return (
    channels !== undefined &&
    classNames.length >= 1 &&
    isListOf(classNames, classNames.length, (name) => typeof name === 'string') &&
    (normalization === null ||
      (isListOf(normalization.mean, channels, Number.isFinite) &&
        isListOf(normalization.std, channels, (std) => Number.isFinite(std) && (std as number) > 0)))
  );
}

/** Options that tell of a file of weights what its header does not, or overrule it. */
export const TASK_OPTIONS = {
  model: { ...TRAIN_OPTIONS.model, defaultHelp: 'what the file says' },
  hidden: { ...TRAIN_OPTIONS.hidden, defaultHelp: 'what the file says' },
  dataset: { ...TRAIN_OPTIONS.dataset, help: 'the data set that it was trained on', defaultHelp: 'what the file says' },
  normalize: {
    ...TRAIN_OPTIONS.normalize,
    help: "standardise pixels with the data set's mean and deviation, for files that do not say so",
  },
} as const satisfies OptionTable;

type GivenTask = Partial<Pick<RunSettings, 'model' | 'hidden' | 'dataset' | 'normalize'>>;

/**
 * The model of a file of weights, with its weights, and what it is for.
 *
 * @param given the options of `TASK_OPTIONS` that were given
 * @throws {CheckpointError} when the file cannot be read, does not say what it is for, or does not fit the model
 */
export function loadCheckpoint(file: string, given: GivenTask): { model: nn.Module; task: Task } {
  const stored = readWeights(file);
  const described = taskIn(stored, file);
  const name = given.model ?? described?.model;
  if (name === undefined) {
    throw new CheckpointError('its header does not say what model it is for', {
      where: file,
      hint: 'say it: --model, --hidden for mlp and mlp-bn, --dataset, --normalize',
    });
  }
  const dataset = given.dataset ?? described?.dataset ?? TRAIN_OPTIONS.dataset.default;
  const { facts, inputShape } = DATASETS[dataset];
  const task: Task = {
    model: name,
    hidden: given.hidden ?? described?.hidden ?? TRAIN_OPTIONS.hidden.default,
    dataset,
    inputShape: described?.inputShape ?? inputShape,
    classNames: described?.classNames ?? facts.classes,
    normalization: given.normalize ? { mean: facts.mean, std: facts.std } : (described?.normalization ?? null),
  };
  const model = buildModel(task, { inputShape: task.inputShape, classes: task.classNames.length });
  loadInto(model, file, stored);
  return { model: model.eval(), task };
}
