/** What a file of weights is for: the description of the model in its header, as a training writes it. */
import { DATASETS, type DatasetName } from '../data/sets.js';
import { normalize, type Transform } from '../data/transforms.js';
import type { Safetensors } from '../io/safetensors.js';
import type { Module } from '../nn/core/module.js';
import { checkArguments } from '../runtime/arguments.js';
import { CheckpointError } from '../runtime/errors.js';
import { isScaler } from '../tables/scalerCheck.js';
import { inputNames } from '../tables/scalerNames.js';
import type { TableScaler } from '../tables/types.js';
import type { Normalization } from './loaders.js';
import { anyOf, buildModel, MODELS } from './models.js';
import { OWN_DATA, type OwnData } from './own.js';
import { type RunSettings, resolveSettings } from './resolve.js';
import { TRAIN_OPTIONS } from './settings.js';

/** What a file of weights is for. */
export interface Task extends Pick<RunSettings, 'model' | 'hidden' | 'channels'> {
  readonly dataset: DatasetName | OwnData;
  /** Channels, height and width; of a table, the number of inputs. */
  readonly inputShape: readonly number[];
  /** None in a regression. */
  readonly classNames: readonly string[];
  /** How pixels are standardised; null: they are scaled to [0, 1]. */
  readonly normalization: Normalization | null;
  /** Of a folder of pictures: how these become images. */
  readonly picture?: PictureTask;
  /** Of a table: how its rows become inputs, and what is predicted. */
  readonly scaler?: TableScaler;
}

/** How pictures of a folder became images. */
export interface PictureTask {
  readonly fit: 'cover' | 'contain' | 'fill';
  readonly background: number;
  /** The share that was set aside to evaluate on. */
  readonly validation: number;
  /** Of the folder that was trained on. */
  readonly fingerprint: string;
}

/** What the network of a task gives: a score for each class, or one number. */
export const outputsOf = ({ classNames }: Pick<Task, 'classNames'>): number => Math.max(classNames.length, 1);

/** Settings that say what the header of a file of weights does not, or overrule it. */
export type GivenTask = Partial<Pick<RunSettings, 'model' | 'hidden' | 'channels' | 'dataset' | 'normalize'>>;

/** A file of weights that was read, with its name for messages. */
export interface NamedWeights extends Safetensors {
  readonly file: string;
}

/** A model with its weights, in evaluation mode, and what it is for. */
export interface LoadedModel {
  readonly model: Module;
  readonly task: Task;
  /** What is done to images on their way into the model, after they are scaled to [0, 1]. */
  readonly transforms: readonly Transform[];
}

const KEY = 'lanewise';
/** Of an image's side, and of its channels. */
const LARGEST_SIZE = 65_536;

/** The texts for the header of a file of weights. */
export function describeTask(task: Task): Record<string, string> {
  checkArguments(
    'describeTask(task={ model!: "mlp", hidden!: [128], channels!: 4, dataset!: "mnist", inputShape!: [1, 28, 28], ' +
      'classNames!: ["0"], normalization!: { mean!: [0.5], std!: [0.5], ... }|null, ... })',
    task,
  );
  return { [KEY]: JSON.stringify(task) };
}

/**
 * Loads weights into a model, strictly.
 *
 * @throws {CheckpointError} naming the file, when it does not fit
 */
export function loadWeights(model: Module, { file, tensors }: NamedWeights): void {
  try {
    model.loadStateDict(tensors);
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    throw new CheckpointError(error.reason, { where: file, hint: error.hint, cause: error });
  }
}

const CALL =
  'modelOf(stored={ file!: "best.safetensors", tensors!: settings, metadata!: settings, ... }, ' +
  `{ model: ${anyOf(MODELS)}, dataset: ${anyOf({ ...DATASETS, ...OWN_DATA })}, normalize: true, hidden: [128], ` +
  'channels: 4 })';

/**
 * The model of a file of weights.
 *
 * @throws {CheckpointError} when the file does not say what it is for, or does not fit the model
 */
export function modelOf(stored: NamedWeights, given: GivenTask = {}): LoadedModel {
  checkArguments(CALL, stored, given);
  const { file } = stored;
  const described = taskIn(stored);
  const name = given.model ?? described?.model;
  if (name === undefined) {
    throw new CheckpointError('its header does not say what model it is for', {
      where: file,
      hint: 'give the model (and hidden or channels), the dataset, and normalize where its pixels were standardised',
      options: ['model', 'hidden', 'channels', 'dataset', 'normalize'],
    });
  }
  const dataset = given.dataset ?? described?.dataset ?? TRAIN_OPTIONS.dataset.default;
  const facts = Object.hasOwn(DATASETS, dataset) ? DATASETS[dataset as DatasetName] : null;
  const { shape, classes } = {
    ...facts,
    ...(described && { shape: described.inputShape, classes: described.classNames }),
  };
  if (shape === undefined || classes === undefined || (given.normalize && facts === null))
    throw new CheckpointError(`its header does not say what the data set ${dataset} was like`, {
      where: file,
      hint: 'take the file that the training wrote',
    });
  const task: Task = {
    model: name,
    hidden: given.hidden ?? described?.hidden ?? TRAIN_OPTIONS.hidden.default,
    channels: given.channels ?? described?.channels ?? TRAIN_OPTIONS.channels.default,
    dataset,
    inputShape: shape,
    classNames: classes,
    normalization: given.normalize && facts ? { mean: facts.mean, std: facts.std } : (described?.normalization ?? null),
    ...(described?.picture && { picture: described.picture }),
    ...(described?.scaler && { scaler: described.scaler }),
  };
  const model = buildModel(task, { inputShape: task.inputShape, classes: outputsOf(task) });
  loadWeights(model, stored);
  const transforms = task.normalization === null ? [] : [normalize(task.normalization)];
  return { model: model.eval(), task, transforms };
}

/**
 * What the header of a file of weights says that they are for; null when it says nothing.
 *
 * @throws {CheckpointError} when it cannot be read
 */
export function taskIn(weights: Pick<NamedWeights, 'file' | 'metadata'>): Task | null {
  checkArguments('taskIn(weights={ file!: "best.safetensors", metadata!: settings, ... })', weights);
  const { file, metadata } = weights;
  const text = metadata[KEY];
  if (text === undefined) return null;
  try {
    const task = JSON.parse(text) as Task;
    const { model, hidden, channels, dataset } = resolveSettings(TRAIN_OPTIONS, {
      model: task.model,
      hidden: task.hidden,
      channels: task.channels,
      dataset: task.dataset,
    });
    if (isTask(task)) return { ...task, model, hidden, channels, dataset };
    throw new CheckpointError('its inputShape, classNames or normalization are not those of a data set', {
      where: KEY,
    });
  } catch (cause) {
    throw new CheckpointError('the description of the model in the header cannot be read', { where: file, cause });
  }
}

function isTask({ inputShape, classNames, normalization, picture, scaler }: Task): boolean {
  if (picture !== undefined && !isPictureTask(picture)) return false;
  if (scaler !== undefined) return isTableTask(inputShape, classNames, scaler);
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

function isPictureTask({ fit, background, validation, fingerprint }: PictureTask): boolean {
  const isBetween = (value: unknown, most: number) => typeof value === 'number' && value >= 0 && value <= most;
  return (
    ['cover', 'contain', 'fill'].includes(fit) &&
    isBetween(background, 255) &&
    isBetween(validation, 0.9) &&
    typeof fingerprint === 'string'
  );
}

/** Whether the parts of a task with a table fit together. */
function isTableTask(inputShape: readonly number[], classNames: readonly string[], scaler: unknown): boolean {
  return (
    isScaler(scaler) &&
    scaler.target !== null &&
    String(inputShape) === String([inputNames(scaler).length]) &&
    String(classNames) === String(scaler.target.kind === 'category' ? scaler.target.values : [])
  );
}
