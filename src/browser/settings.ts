/**
 * What is trained on each side of a race: the form's fields, their values in the address of the page, and the settings
 * that the library makes of them.
 */

import {
  type OptionSpec,
  parseOption,
  type RunSettings,
  resolveTrainSettings,
  SettingError,
  TRAIN_OPTIONS,
} from '../recipes/index.js';
import { ArgumentError } from '../slim/index.js';

export type Side = 'a' | 'b';

/** The networks, and whether they can be had with and without batch normalisation. */
const MODELS = {
  mlp: { title: 'MLP', batchNorm: 'choice' },
  cnn: { title: 'CNN', batchNorm: 'choice' },
  lenet5: { title: 'LeNet-5', batchNorm: 'never' },
  'mini-resnet': { title: 'mini-ResNet', batchNorm: 'always' },
} as const;

type ModelName = keyof typeof MODELS;

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly kind: 'choice' | 'text' | 'flag';
  readonly choices?: readonly { readonly value: string; readonly title: string }[];
  /** Shown and left out of the address. */
  readonly value: string;
  readonly help: string;
  /** Kind of on-screen keyboard. */
  readonly inputMode?: 'numeric' | 'decimal' | 'text';
}

const choices = (list: readonly string[]) => list.map((value) => ({ value, title: value }));
const TITLES: Readonly<Record<string, string>> = {
  sgd: 'SGD',
  adam: 'Adam',
  adamw: 'AdamW',
  adagrad: 'Adagrad',
  rmsprop: 'RMSprop',
  none: 'constant',
  onecycle: 'one cycle',
};
const titled = (list: readonly string[]) =>
  choices(list).map(({ value, title }) => ({ value, title: TITLES[value] ?? title }));

export const FIELDS: readonly Field[] = [
  {
    name: 'model',
    label: 'Network',
    kind: 'choice',
    value: 'mlp',
    help: TRAIN_OPTIONS.model.help,
    choices: Object.entries(MODELS).map(([value, { title }]) => ({ value, title })),
  },
  {
    name: 'width',
    label: 'Widths',
    kind: 'text',
    value: '128,64',
    inputMode: 'text',
    help: 'MLP: sizes of the hidden layers, by commas; CNN: kernels of each convolution; the others have fixed widths',
  },
  {
    name: 'batchNorm',
    label: 'BatchNorm',
    kind: 'flag',
    value: 'on',
    help: 'batch normalisation after each hidden layer; LeNet-5 has none, mini-ResNet always',
  },
  {
    name: 'optimizer',
    label: 'Optimizer',
    kind: 'choice',
    value: 'sgd',
    help: TRAIN_OPTIONS.optimizer.help,
    choices: titled(TRAIN_OPTIONS.optimizer.choices),
  },
  { name: 'lr', label: 'Learning rate', kind: 'text', value: '0.1', inputMode: 'decimal', help: TRAIN_OPTIONS.lr.help },
  {
    name: 'momentum',
    label: 'Momentum',
    kind: 'text',
    value: '0',
    inputMode: 'decimal',
    help: TRAIN_OPTIONS.momentum.help,
  },
  {
    name: 'weightDecay',
    label: 'Weight decay',
    kind: 'text',
    value: '0',
    inputMode: 'decimal',
    help: TRAIN_OPTIONS.weightDecay.help,
  },
  {
    name: 'batchSize',
    label: 'Batch size',
    kind: 'text',
    value: '100',
    inputMode: 'numeric',
    help: TRAIN_OPTIONS.batchSize.help,
  },
  { name: 'dropLast', label: 'Drop last batch', kind: 'flag', value: 'off', help: TRAIN_OPTIONS.dropLast.help },
  {
    name: 'scheduler',
    label: 'Schedule',
    kind: 'choice',
    value: 'none',
    help: 'how the learning rate changes over the run',
    choices: titled(TRAIN_OPTIONS.scheduler.choices),
  },
  { name: 'epochs', label: 'Epochs', kind: 'text', value: '3', inputMode: 'numeric', help: TRAIN_OPTIONS.epochs.help },
  {
    name: 'steps',
    label: 'Steps at most',
    kind: 'text',
    value: '',
    inputMode: 'numeric',
    help: 'end after so many steps, even within an epoch; empty: no limit',
  },
  {
    name: 'limit',
    label: 'Images',
    kind: 'text',
    value: '',
    inputMode: 'numeric',
    help: 'use the first training images only; empty: all',
  },
  { name: 'seed', label: 'Seed', kind: 'text', value: '0', inputMode: 'numeric', help: TRAIN_OPTIONS.seed.help },
];

/** The texts of one side's fields, by name. */
export type Values = Readonly<Record<string, string>>;

const plain: Values = Object.fromEntries(FIELDS.map(({ name, value }) => [name, value]));
/** The default race: batch normalisation against none. */
export const DEFAULTS: Readonly<Record<Side, Values>> = { a: plain, b: { ...plain, batchNorm: 'off' } };

/** All that the worker needs to build a model and train it. */
export interface Recipe {
  readonly settings: RunSettings;
  /** In a few words: `MLP 784-128-64-10, BatchNorm`. */
  readonly title: string;
}

/** Whether the BatchNorm of a network can be chosen. */
export const batchNormOf = (model: string): 'choice' | 'always' | 'never' =>
  MODELS[model as ModelName]?.batchNorm ?? 'choice';

export const hasWidths = (model: string): boolean => model === 'mlp' || model === 'cnn';

/** The widths that a network is shown with when it is chosen; '' where they are fixed. */
export const usualWidths = (model: string): string => (model === 'mlp' ? '128,64' : model === 'cnn' ? '4' : '');

/** The learning rate that an optimizer is used with, where nothing else is said. */
export function usualRate(optimizer: string): string {
  const known = (TRAIN_OPTIONS.optimizer.choices as readonly string[]).includes(optimizer);
  return known ? String(resolveTrainSettings({ optimizer }).lr) : '';
}

/**
 * The settings that the texts stand for.
 *
 * @throws {ArgumentError} that begins with the label of the field that is wrong
 */
export function recipeOf(values: Values): Recipe {
  const read = <T>(field: string, name: string, spec: OptionSpec): T => {
    try {
      return parseOption(name, spec, values[field]!.trim()) as T;
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      throw new ArgumentError(error.reason, { where: FIELDS.find((one) => one.name === field)!.label });
    }
  };
  const option = (name: keyof typeof TRAIN_OPTIONS): unknown => read(name, name, TRAIN_OPTIONS[name]);
  const optional = (name: keyof typeof TRAIN_OPTIONS): unknown =>
    values[name]!.trim() === '' ? undefined : option(name);
  const kind = values.model as ModelName;
  if (!(kind in MODELS)) throw new ArgumentError(`there is no network ${kind}`, { where: 'Network' });
  const batchNorm = batchNormOf(kind) === 'choice' && values.batchNorm === 'on';
  const hidden = kind === 'mlp' ? read<readonly number[]>('width', 'hidden', TRAIN_OPTIONS.hidden) : undefined;
  const channels = kind === 'cnn' ? read<number>('width', 'channels', TRAIN_OPTIONS.channels) : undefined;
  const settings = resolveTrainSettings({
    model: batchNorm ? `${kind}-bn` : kind,
    hidden,
    channels,
    optimizer: option('optimizer'),
    lr: option('lr'),
    momentum: option('momentum'),
    weightDecay: option('weightDecay'),
    batchSize: option('batchSize'),
    dropLast: values.dropLast === 'on',
    scheduler: option('scheduler'),
    epochs: option('epochs'),
    steps: optional('steps'),
    limit: optional('limit'),
    seed: option('seed'),
  });
  const widths = hidden !== undefined ? ` ${hidden.join('-')}` : kind === 'cnn' ? ` ${channels}-${channels}` : '';
  const norm = batchNormOf(kind) !== 'choice' ? '' : batchNorm ? ', BatchNorm' : ', no BatchNorm';
  return { settings, title: `${MODELS[kind].title}${widths}${norm}` };
}

export interface Address {
  readonly race: boolean;
  readonly sides: Readonly<Record<Side, Values>>;
  /** Names in the address that mean nothing. */
  readonly unknown: readonly string[];
}

/** What the address of the page says: `?lr=0.05&b.lr=0.5&race=off`. */
export function readAddress(search: string): Address {
  const sides: Record<Side, Record<string, string>> = { a: { ...DEFAULTS.a }, b: { ...DEFAULTS.b } };
  const given: Record<Side, Record<string, string>> = { a: {}, b: {} };
  const unknown: string[] = [];
  let race = true;
  for (const [key, value] of new URLSearchParams(search)) {
    const [side, name] = key.startsWith('b.') ? (['b', key.slice(2)] as const) : (['a', key] as const);
    if (key === 'race') race = value !== 'off';
    else if (name in plain) given[side][name] = value;
    else unknown.push(key);
  }
  for (const side of ['a', 'b'] as const) {
    const { model, optimizer } = given[side];
    Object.assign(
      sides[side],
      model !== undefined && { width: usualWidths(model) },
      optimizer !== undefined && { lr: usualRate(optimizer) },
      given[side],
    );
  }
  return { race, sides, unknown };
}

/** The query that `readAddress` reads: only what differs from the defaults. */
export function writeAddress({ race, sides }: Omit<Address, 'unknown'>): string {
  const query = new URLSearchParams();
  if (!race) query.set('race', 'off');
  for (const side of ['a', 'b'] as const) {
    for (const { name } of FIELDS) {
      const value = sides[side][name]!;
      if (value !== DEFAULTS[side][name]) query.set(side === 'a' ? name : `b.${name}`, value);
    }
  }
  const text = query.toString().replaceAll('%2C', ',');
  return text === '' ? '' : `?${text}`;
}
