/**
 * What is trained on each side of a race: the form's fields, their values in the address of the page, and the settings
 * that the library makes of them. The fields are those of the library's table; the page adds only what it shows
 * otherwise: a network and its batch normalisation apart, and one field for the widths of all networks.
 */

import {
  DATA_OPTIONS,
  type OptionSpec,
  type OptionTable,
  optimizerDefaults,
  parseOption,
  type RunSettings,
  resolveTrainSettings,
  SettingError,
  TRAIN_OPTIONS,
  wordSettings,
} from '../recipes/index.js';
import { ArgumentError } from '../slim/index.js';

export type Side = 'a' | 'b';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly kind: 'choice' | 'text' | 'flag';
  readonly choices?: readonly { readonly value: string; readonly title: string }[];
  /** Shown and left out of the address. */
  readonly value: string;
  readonly help: string;
  /** Shown where it is empty. */
  readonly placeholder?: string;
  /** Kind of on-screen keyboard. */
  readonly inputMode?: 'numeric' | 'decimal' | 'text';
  /** Whether it stands below "More settings". */
  readonly more: boolean;
}

const TABLE: OptionTable = TRAIN_OPTIONS;

// ---- Networks ----

const SUFFIX = '-bn';
const names: readonly string[] = TRAIN_OPTIONS.model.choices;
/** The networks: those that can be had with and without batch normalisation once. */
const MODELS = names.filter((name) => !name.endsWith(SUFFIX));
/** Those that always have it. */
const NORMALISED = ['mini-resnet'];

/** Whether the BatchNorm of a network can be chosen. */
export const batchNormOf = (model: string): 'choice' | 'always' | 'never' =>
  names.includes(model + SUFFIX) ? 'choice' : NORMALISED.includes(model) ? 'always' : 'never';

/** The setting that the widths of a network are; undefined where they are fixed. */
const widthOf = (model: string): 'hidden' | 'channels' | undefined =>
  (['hidden', 'channels'] as const).find((setting) => TABLE[setting]!.only!.among.includes(model));

export const hasWidths = (model: string): boolean => widthOf(model) !== undefined;

const WIDTHS = { hidden: '128,64', channels: String(TRAIN_OPTIONS.channels.default) };

/** The widths that a network is shown with when it is chosen; '' where they are fixed. */
export function usualWidths(model: string): string {
  const setting = widthOf(model);
  return setting === undefined ? '' : WIDTHS[setting];
}

/** The learning rate that an optimizer is used with, where nothing else is said. */
export function usualRate(optimizer: string): string {
  const known = TRAIN_OPTIONS.optimizer.choices.find((name) => name === optimizer);
  return known === undefined ? '' : String(optimizerDefaults(known).lr);
}

// ---- Fields ----

const labelOf = (setting: string): string =>
  setting === 'hidden' || setting === 'channels' ? 'Widths' : (TABLE[setting]?.label ?? setting);

const titlesOf = (spec: OptionSpec, values: readonly string[]) =>
  values.map((value) => ({ value, title: (spec.kind === 'choice' && spec.titles?.[value]) || value }));

/** What the page begins with, where that is not the library's default. */
const VALUES: Readonly<Record<string, string>> = { lr: usualRate('sgd'), weightDecay: '0', epochs: '3' };

function fieldFor(name: keyof typeof TRAIN_OPTIONS, more: boolean): Field {
  const spec = TABLE[name]!;
  const { label = name, defaultHelp } = spec;
  const empty = spec.default === null && defaultHelp !== undefined ? `; empty: ${defaultHelp}` : '';
  const common = { name, label, help: wordSettings(spec.help + empty, labelOf), more };
  if (spec.kind === 'flag') return { ...common, kind: 'flag', value: spec.default ? 'on' : 'off' };
  const value = VALUES[name] ?? String(spec.default ?? '');
  if (spec.kind === 'choice') return { ...common, kind: 'choice', value, choices: titlesOf(spec, spec.choices) };
  const inputMode = spec.kind === 'integer' ? 'numeric' : spec.kind === 'number' ? 'decimal' : 'text';
  const placeholder = defaultHelp !== undefined && defaultHelp.length <= 8 ? defaultHelp : 'default';
  return { ...common, kind: 'text', value, inputMode, placeholder };
}

/** Settings that are shown first; all others stand below "More settings". */
const FIRST = [
  'optimizer',
  'lr',
  'momentum',
  'weightDecay',
  'batchSize',
  'scheduler',
  'epochs',
  'limit',
  'seed',
] as const;
/**
 * Not made of the table: files and the data set, which a page has no use for, recipes, whose settings it shows all, and
 * what has fields of its own.
 */
const ELSEWHERE = ['recipe', ...Object.keys(DATA_OPTIONS), 'init', 'model', 'hidden', 'channels'];
const OTHERS = (Object.keys(TRAIN_OPTIONS) as (keyof typeof TRAIN_OPTIONS)[]).filter(
  (name) => !ELSEWHERE.includes(name) && !(FIRST as readonly string[]).includes(name),
);

export const FIELDS: readonly Field[] = [
  {
    ...fieldFor('model', false),
    value: 'mlp',
    help: 'the network',
    choices: titlesOf(TRAIN_OPTIONS.model, MODELS),
  },
  {
    name: 'width',
    label: labelOf('hidden'),
    kind: 'text',
    value: WIDTHS.hidden,
    inputMode: 'text',
    help: 'MLP: sizes of the hidden layers, separated by commas; CNN: kernels of each convolution; others: fixed',
    more: false,
  },
  {
    name: 'batchNorm',
    label: 'BatchNorm',
    kind: 'flag',
    value: 'on',
    help: 'batch normalisation after each hidden layer; LeNet-5 has none, mini-ResNet always',
    more: false,
  },
  ...FIRST.map((name) => fieldFor(name, false)),
  ...OTHERS.map((name) => fieldFor(name, true)),
];

/** The texts of one side's fields, by name. */
export type Values = Readonly<Record<string, string>>;

const plain: Values = Object.fromEntries(FIELDS.map(({ name, value }) => [name, value]));
/** The default race: batch normalisation against none. */
export const DEFAULTS: Readonly<Record<Side, Values>> = { a: plain, b: { ...plain, batchNorm: 'off' } };

/** The settings that do nothing beside the others. */
export function idleFields(values: Values): ReadonlySet<string> {
  return new Set(
    FIELDS.flatMap(({ name }) => {
      const only = TABLE[name]?.only;
      return only === undefined || only.among.includes(values[only.option]!) ? [] : [name];
    }),
  );
}

// ---- Recipes ----

/** All that the worker needs to build a model and train it. */
export interface Recipe {
  readonly settings: RunSettings;
  /** In a few words: `MLP 784-128-64-10, BatchNorm`. */
  readonly title: string;
}

/**
 * The settings that the texts stand for.
 *
 * @throws {ArgumentError} that begins with the label of the field that is wrong
 */
export function recipeOf(values: Values): Recipe {
  const kind = values.model!;
  if (!MODELS.includes(kind)) throw new ArgumentError(`there is no network ${kind}`, { where: labelOf('model') });
  const batchNorm = batchNormOf(kind) === 'choice' && values.batchNorm === 'on';
  const width = widthOf(kind);
  try {
    const settings = resolveTrainSettings({
      model: batchNorm ? kind + SUFFIX : kind,
      ...(width !== undefined && { [width]: parseOption(width, TABLE[width]!, values.width!.trim()) }),
      ...givenIn(values),
    });
    const { hidden, channels } = settings;
    const widths = width === 'hidden' ? ` ${hidden.join('-')}` : width === 'channels' ? ` ${channels}-${channels}` : '';
    const norm = batchNormOf(kind) !== 'choice' ? '' : batchNorm ? ', BatchNorm' : ', no BatchNorm';
    return { settings, title: `${TRAIN_OPTIONS.model.titles[kind]}${widths}${norm}` };
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    const { reason, hint } = error.words;
    throw new ArgumentError(wordSettings(reason, labelOf), {
      where: labelOf(error.setting),
      ...(hint !== undefined && { hint: wordSettings(hint, labelOf) }),
    });
  }
}

/** The settings of the fields that do something. */
function givenIn(values: Values): Record<string, unknown> {
  const idle = idleFields(values);
  const given: Record<string, unknown> = {};
  for (const name of [...FIRST, ...OTHERS]) {
    const spec = TABLE[name]!;
    const text = values[name]!.trim();
    if (idle.has(name) || (text === '' && spec.default === null)) continue;
    given[name] = spec.kind === 'flag' ? text === 'on' : parseOption(name, spec, text);
  }
  return given;
}

// ---- The address ----

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
