/**
 * The settings of a training run: names, kinds, ranges, defaults and help, each written once. The command line and the
 * page make their options and forms of this table, recipes build from the values, `config.json` keeps them.
 */
import { DEFAULT_EPOCHS } from '../train/options.js';
import { DATA_OPTIONS } from './dataSettings.js';
import { DEFAULT_CHANNELS, MODELS, type ModelName } from './models.js';
import { RECIPES } from './named.js';
import { defaultsInWords, OPTIMIZERS, optimizersWith } from './optimizers.js';
import { SCHEDULERS, schedulersWith } from './schedulers.js';
import type { OptionTable, Settings } from './table.js';

/** Betas are smaller than 1. */
const LARGEST_BETA = 0.999999;

type Registry = Readonly<Record<string, { readonly title: string }>>;

const namesOf = <R extends Registry>(registry: R) => Object.keys(registry) as (keyof R & string)[];

const titlesOf = (registry: Registry): Record<string, string> =>
  Object.fromEntries(Object.entries(registry).map(([name, { title }]) => [name, title]));

const modelsWith = (setting: string): ModelName[] =>
  namesOf(MODELS).filter((name) => (MODELS[name].uses as readonly string[]).includes(setting));

const recipesInWords = (): string =>
  Object.entries(RECIPES)
    .map(([name, { help }]) => `${name} (${help})`)
    .join(', ');

const schedulersInWords = (): string =>
  Object.entries(SCHEDULERS)
    .map(([name, { help }]) => `${name} (${help})`)
    .join(', ');

/** What decides the weights that a run ends on. */
export const TRAIN_OPTIONS = {
  recipe: {
    kind: 'choice',
    choices: ['none', ...namesOf(RECIPES)],
    default: 'none',
    help: `other defaults, found to go well together: ${recipesInWords()}`,
    label: 'Recipe',
    titles: { none: 'none', ...titlesOf(RECIPES) },
  },
  model: {
    kind: 'choice',
    choices: namesOf(MODELS),
    default: 'mlp-bn',
    help: 'the network; -bn: with batch normalisation',
    label: 'Network',
    titles: titlesOf(MODELS),
  },
  hidden: {
    kind: 'sizes',
    maximum: 65_536,
    default: [1024, 512],
    value: 'SIZES',
    only: { option: 'model', among: modelsWith('hidden') },
    help: 'sizes of the hidden layers of mlp and mlp-bn, separated by commas',
    label: 'Hidden sizes',
  },
  channels: {
    kind: 'integer',
    minimum: 1,
    maximum: 65_536,
    default: DEFAULT_CHANNELS,
    value: 'N',
    only: { option: 'model', among: modelsWith('channels') },
    help: 'kernels of each convolution of cnn and cnn-bn',
    label: 'Channels',
  },
  init: {
    kind: 'text',
    default: null,
    value: 'FILE',
    help: 'begin with the weights in this .safetensors file, which must fit the model exactly',
    label: 'Initial weights',
  },
  initStd: {
    kind: 'number',
    minimum: 0,
    maximum: 1e6,
    default: null,
    value: 'X',
    help:
      'draw the weight matrices and kernels from a normal distribution of mean ' +
      '0 and deviation X, and let biases begin at 0',
    defaultHelp: "PyTorch's initialisation",
    label: 'Initial deviation',
  },
  ...DATA_OPTIONS,
  limit: {
    kind: 'integer',
    minimum: 1,
    maximum: 2 ** 31 - 1,
    default: null,
    value: 'N',
    help: 'use the first N training images only',
    defaultHelp: 'all',
    label: 'Train images',
  },
  testLimit: {
    kind: 'integer',
    minimum: 1,
    maximum: 2 ** 31 - 1,
    default: null,
    value: 'N',
    help: 'evaluate on the first N test images only',
    defaultHelp: 'all',
    label: 'Test images',
  },
  shift: {
    kind: 'integer',
    minimum: 0,
    maximum: 65_536,
    default: 0,
    value: 'N',
    help: 'move each training image by up to N pixels up or down, left or right, differently in every epoch',
    label: 'Shift',
  },
  normalize: {
    kind: 'flag',
    default: false,
    help: "standardise pixels with the data set's mean and deviation, instead of scaling them to [0, 1]",
    label: 'Standardise',
  },
  shuffle: {
    kind: 'flag',
    default: true,
    help: 'draw a new order of the training images for every epoch',
    label: 'Shuffle',
    offHelp: 'take the training images in the order of the file in every epoch',
  },
  epochs: {
    kind: 'integer',
    minimum: 0,
    maximum: 1_000_000,
    default: null,
    value: 'N',
    help: 'passes over the training images',
    defaultHelp: `${DEFAULT_EPOCHS}; with {steps}: as many as that takes`,
    label: 'Epochs',
  },
  steps: {
    kind: 'integer',
    minimum: 0,
    maximum: 2 ** 31 - 1,
    default: null,
    value: 'N',
    help: 'stop after N steps (batches), even within an epoch; 0 writes the initial checkpoint and ends',
    defaultHelp: 'no limit',
    label: 'Steps at most',
  },
  batchSize: {
    kind: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    default: 100,
    value: 'N',
    help: 'images per step; the last batch of an epoch may be smaller',
    label: 'Batch size',
  },
  dropLast: {
    kind: 'flag',
    default: false,
    help: 'leave out the last batch of an epoch where it is smaller than the others',
    label: 'Drop last batch',
  },
  labelSmoothing: {
    kind: 'number',
    minimum: 0,
    maximum: 1,
    default: 0,
    value: 'X',
    help: 'share of the target that is spread evenly over all classes',
    label: 'Label smoothing',
  },
  optimizer: {
    kind: 'choice',
    choices: namesOf(OPTIMIZERS),
    default: 'sgd',
    help: "the update rule, with PyTorch's formulas and defaults",
    label: 'Optimizer',
    titles: titlesOf(OPTIMIZERS),
  },
  lr: {
    kind: 'number',
    minimum: 0,
    maximum: 1e6,
    default: null,
    value: 'X',
    help: 'learning rate',
    defaultHelp: defaultsInWords('lr'),
    label: 'Learning rate',
  },
  momentum: {
    kind: 'number',
    minimum: 0,
    maximum: 1,
    default: 0,
    value: 'X',
    only: { option: 'optimizer', among: optimizersWith('momentum') },
    help: `momentum of ${optimizersWith('momentum').join(' and ')}`,
    label: 'Momentum',
  },
  nesterov: {
    kind: 'flag',
    default: false,
    only: { option: 'optimizer', among: optimizersWith('nesterov') },
    help: `Nesterov momentum (${optimizersWith('nesterov').join(', ')})`,
    label: 'Nesterov',
  },
  beta1: {
    kind: 'number',
    minimum: 0,
    maximum: LARGEST_BETA,
    default: 0.9,
    value: 'X',
    only: { option: 'optimizer', among: optimizersWith('betas') },
    help: `decay of the mean of the gradients in ${optimizersWith('betas').join(' and ')}`,
    label: 'Beta 1',
  },
  beta2: {
    kind: 'number',
    minimum: 0,
    maximum: LARGEST_BETA,
    default: 0.999,
    value: 'X',
    only: { option: 'optimizer', among: optimizersWith('betas') },
    help: `decay of the mean of their squares in ${optimizersWith('betas').join(' and ')}`,
    label: 'Beta 2',
  },
  weightDecay: {
    kind: 'number',
    minimum: 0,
    maximum: 1e6,
    default: null,
    value: 'X',
    help: 'weight decay: L2 penalty, decoupled in adamw',
    defaultHelp: defaultsInWords('weightDecay'),
    label: 'Weight decay',
  },
  clipGradNorm: {
    kind: 'number',
    minimum: 0,
    maximum: 1e6,
    default: null,
    value: 'X',
    help: 'scale the gradients down to this norm where theirs is larger',
    defaultHelp: 'no limit',
    label: 'Clip norm to',
  },
  scheduler: {
    kind: 'choice',
    choices: ['none', ...namesOf(SCHEDULERS)],
    default: 'none',
    help: `how {lr} changes: ${schedulersInWords()}`,
    label: 'Schedule',
    titles: { none: 'constant', ...titlesOf(SCHEDULERS) },
  },
  cycleMomentum: {
    kind: 'flag',
    default: true,
    only: { option: 'scheduler', among: ['onecycle'] },
    help: 'let the momentum, of adam {beta1}, fall from 0.95 to 0.85 while the rate rises, and rise again',
    label: 'Cycle momentum',
    offHelp: 'keep the momentum, of adam {beta1}, as it is in a cycle of the scheduler onecycle',
  },
  stepSize: {
    kind: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    default: null,
    value: 'N',
    only: { option: 'scheduler', among: schedulersWith('stepSize') },
    help: 'epochs between the drops of the scheduler step',
    defaultHelp: 'a third of the epochs',
    label: 'Step size',
  },
  gamma: {
    kind: 'number',
    minimum: 0,
    maximum: 1,
    default: 0.1,
    value: 'X',
    only: { option: 'scheduler', among: schedulersWith('gamma') },
    help: `factor of each drop of the schedulers ${schedulersWith('gamma').join(', ')}`,
    label: 'Gamma',
  },
  patience: {
    kind: 'integer',
    minimum: 0,
    maximum: 1_000_000,
    default: 10,
    value: 'N',
    only: { option: 'scheduler', among: schedulersWith('patience') },
    help: 'epochs without a better test loss that the scheduler plateau lets pass',
    label: 'Patience',
  },
  earlyStopping: {
    kind: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    default: null,
    value: 'N',
    help: 'end the run after N epochs in a row without a better test accuracy',
    label: 'Early stopping',
  },
  seed: {
    kind: 'integer',
    minimum: 0,
    maximum: 0xffff_ffff,
    default: 0,
    value: 'N',
    help: 'decides every random number: the same seed gives the same weights, bit for bit',
    label: 'Seed',
  },
} as const satisfies OptionTable;

/** All settings of a training run, defaults filled in. */
export type TrainSettings = Settings<typeof TRAIN_OPTIONS>;
