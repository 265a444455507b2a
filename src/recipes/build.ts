/** From settings to what `fit` takes: the model, the optimizer, the scheduler, what is done to images. */
import type { Dataset } from '../data/dataset.js';
import { DataLoader } from '../data/loader.js';
import { normalize, randomShift, type Transform } from '../data/transforms.js';
import type { Module } from '../nn/core/module.js';
import { normal, zeros } from '../nn/init.js';
import { Conv2d } from '../nn/layers/conv2d.js';
import { Linear } from '../nn/layers/linear.js';
import * as models from '../nn/models/index.js';
import {
  Adagrad,
  Adam,
  AdamW,
  CosineAnnealingLR,
  ExponentialLR,
  OneCycleLR,
  type Optimizer,
  ReduceLROnPlateau,
  RMSprop,
  type Scheduler,
  SGD,
  StepLR,
} from '../optim/index.js';
import { ArgumentError } from '../runtime/errors.js';
import type { Tensor } from '../tensor/tensor.js';
import type { RunSettings } from './settings.js';

/** Images per step of an evaluation: enough to keep the kernels busy, few enough that deep models need little memory. */
export const EVALUATION_BATCH = 200;

/** What the images and labels of a data set are like. */
export interface ImageTask {
  /** Channels, height and width. */
  readonly inputShape: readonly number[];
  readonly classes: number;
}

/** What decides the network. */
export type ModelSettings = Pick<RunSettings, 'model' | 'hidden'> & Partial<Pick<RunSettings, 'initStd'>>;

/** The network that `model` (and `hidden`) name, with fresh weights from the current seed. */
export function buildModel({ initStd = null, ...settings }: ModelSettings, task: ImageTask): Module {
  const model = namedModel(settings, task);
  if (initStd !== null) drawNormal(model, initStd);
  return model;
}

/** Weights of linear layers and convolutions ~ N(0, std²), their biases 0; normalisations are left as they are. */
function drawNormal(model: Module, std: number): void {
  for (const module of model.modules()) {
    if (!(module instanceof Linear || module instanceof Conv2d)) continue;
    normal(module.weight, 0, std);
    if (module.bias !== null) zeros(module.bias);
  }
}

function namedModel({ model, hidden }: Pick<RunSettings, 'model' | 'hidden'>, task: ImageTask): Module {
  switch (model) {
    case 'mlp':
      return models.mlp({ ...task, hidden });
    case 'mlp-bn':
      return models.mlp({ ...task, hidden, batchNorm: true });
    case 'cnn':
      return models.cnn(task);
    case 'cnn-bn':
      return models.cnn({ ...task, batchNorm: true });
    case 'lenet5':
      return models.lenet5(task);
    case 'mini-resnet':
      return models.miniResNet(task);
  }
}

/** The settings that the loader of the training images is made from. */
export type LoaderSettings = Pick<RunSettings, 'batchSize' | 'dropLast' | 'shuffle' | 'seed'>;

/**
 * The batches to train on.
 *
 * @throws {ArgumentError} when `dropLast` leaves no batch
 */
export function buildLoader(
  { batchSize, dropLast, shuffle, seed }: LoaderSettings,
  images: Dataset,
  transforms: readonly Transform[] = [],
): DataLoader {
  const loader = new DataLoader(images, { batchSize, dropLast, shuffle, seed, transforms });
  if (dropLast && loader.length === 0) {
    throw new ArgumentError(`${images.length} images do not fill a batch of ${batchSize}, and it is left out`, {
      where: '--drop-last',
      hint: `choose a --batch-size of at most ${images.length}, or do without --drop-last`,
    });
  }
  return loader;
}

/** The settings that an optimizer is made from. */
export type OptimizerSettings = Pick<RunSettings, 'optimizer' | 'lr' | 'momentum' | 'nesterov' | 'weightDecay'>;

/** The optimizer that the settings name; those that it has no use for are left out. */
export function buildOptimizer(
  { optimizer, lr, momentum, nesterov, weightDecay }: OptimizerSettings,
  parameters: Iterable<Tensor>,
): Optimizer {
  switch (optimizer) {
    case 'sgd':
      return new SGD(parameters, { lr, momentum, nesterov, weightDecay });
    case 'adam':
      return new Adam(parameters, { lr, weightDecay });
    case 'adamw':
      return new AdamW(parameters, { lr, weightDecay });
    case 'adagrad':
      return new Adagrad(parameters, { lr, weightDecay });
    case 'rmsprop':
      return new RMSprop(parameters, { lr, momentum, weightDecay });
  }
}

/** The settings that a scheduler is made from. */
export type SchedulerSettings = Pick<
  RunSettings,
  'scheduler' | 'lr' | 'epochs' | 'steps' | 'stepSize' | 'gamma' | 'patience' | 'optimizer' | 'momentum'
>;

/**
 * The scheduler that the settings name, laid out over the length of the run; undefined for `none`.
 *
 * @param batches in an epoch
 */
export function buildScheduler(
  settings: SchedulerSettings,
  optimizer: Optimizer,
  batches: number,
): Scheduler | undefined {
  const { scheduler, lr, gamma, patience } = settings;
  const totalSteps = Math.max(1, Math.min(settings.steps ?? Infinity, (settings.epochs ?? Infinity) * batches));
  const epochs = Math.max(1, Math.ceil(totalSteps / batches));
  switch (scheduler) {
    case 'none':
      return undefined;
    case 'step':
      return new StepLR(optimizer, { stepSize: settings.stepSize ?? Math.ceil(epochs / 3), gamma });
    case 'exponential':
      return new ExponentialLR(optimizer, { gamma });
    case 'cosine':
      return new CosineAnnealingLR(optimizer, { tMax: epochs });
    case 'onecycle': {
      // As in PyTorch, momentum goes down while the rate goes up; but one that was left at 0 stays there.
      const cycleMomentum = settings.optimizer.startsWith('adam') || settings.momentum > 0;
      return new OneCycleLR(optimizer, { maxLr: lr, totalSteps, cycleMomentum });
    }
    case 'plateau':
      return new ReduceLROnPlateau(optimizer, { factor: gamma, patience });
  }
}

/** Mean and deviation of each channel, of pixels scaled to [0, 1]. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** What is done to images on their way into a batch, after they are scaled to [0, 1]: those trained on, and those tested with. */
export function buildTransforms(
  { shift, normalize: standardise }: Pick<RunSettings, 'shift' | 'normalize'>,
  { mean, std }: Normalization,
): { train: Transform[]; test: Transform[] } {
  const test = standardise ? [normalize({ mean, std })] : [];
  return { train: shift === 0 ? test : [randomShift({ pixels: shift }), ...test], test };
}
