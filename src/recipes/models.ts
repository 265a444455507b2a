/** The networks of the setting `model`. To add one, add a line to `MODELS`. */
import type { Module } from '../nn/core/module.js';
import { normal, zeros } from '../nn/init.js';
import { Conv2d } from '../nn/layers/conv2d.js';
import { Linear } from '../nn/layers/linear.js';
import { cnn, fastCnn, lenet5, miniResNet, mlp } from '../nn/models/index.js';
import { checkArguments } from '../runtime/arguments.js';

/** What the images and labels of a data set are like. */
export interface ImageTask {
  /** Channels, height and width. */
  readonly inputShape: readonly number[];
  readonly classes: number;
}

/** The settings that some networks are made from. */
interface Sizes {
  readonly hidden: readonly number[];
  readonly channels: number;
}

interface Entry {
  readonly title: string;
  /** The settings that do something with it. */
  readonly uses: readonly (keyof Sizes)[];
  readonly build: (task: ImageTask, sizes: Sizes) => Module;
}

/** The networks by name. */
export const MODELS = {
  mlp: { title: 'MLP', uses: ['hidden'], build: (task, { hidden }) => mlp({ ...task, hidden }) },
  'mlp-bn': {
    title: 'MLP, BatchNorm',
    uses: ['hidden'],
    build: (task, { hidden }) => mlp({ ...task, hidden, batchNorm: true }),
  },
  cnn: { title: 'CNN', uses: ['channels'], build: (task, { channels }) => cnn({ ...task, channels }) },
  'cnn-bn': {
    title: 'CNN, BatchNorm',
    uses: ['channels'],
    build: (task, { channels }) => cnn({ ...task, channels, batchNorm: true }),
  },
  'fast-cnn': { title: 'CNN, fast', uses: [], build: (task) => fastCnn(task) },
  'fast-cnn-bn': { title: 'CNN, fast, BatchNorm', uses: [], build: (task) => fastCnn({ ...task, batchNorm: true }) },
  lenet5: { title: 'LeNet-5', uses: [], build: (task) => lenet5(task) },
  'mini-resnet': { title: 'mini-ResNet', uses: [], build: (task) => miniResNet(task) },
} as const satisfies Readonly<Record<string, Entry>>;

/** The name of a network. */
export type ModelName = keyof typeof MODELS;

/** The settings that a network is made from. */
export interface ModelSettings {
  readonly model: ModelName;
  /** Sizes of the hidden layers of `mlp` and `mlp-bn`. */
  readonly hidden: readonly number[];
  /** Kernels of each convolution of `cnn` and `cnn-bn`. Default: 4. */
  readonly channels?: number;
  /** Deviation of the initial weights. Default: null, PyTorch's initialisation. */
  readonly initStd?: number | null;
}

/** Kernels of each convolution of `cnn` where nothing else is said. */
export const DEFAULT_CHANNELS = 4;

/** The names of a table as an example of a call has them: `'mlp'|'cnn'`. */
export const anyOf = (table: object): string =>
  Object.keys(table)
    .map((name) => `'${name}'`)
    .join('|');

const CALL =
  `buildModel(settings={ model!: ${anyOf(MODELS)}, hidden!: [128], channels: 4, initStd: 0.05|null, ... }, ` +
  'task={ inputShape!: [1, 28, 28], classes!: 10 })';

/** The network that `model` names, with fresh weights from the current seed. */
export function buildModel(settings: ModelSettings, task: ImageTask): Module {
  checkArguments(CALL, settings, task);
  const { model: name, hidden, channels = DEFAULT_CHANNELS, initStd = null } = settings;
  const model = MODELS[name].build(task, { hidden, channels });
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
