/** The optimizers of the setting `optimizer`. To add one, add a line to `OPTIMIZERS`. */
import { Adadelta, Adagrad, Adam, AdamW, NAdam, type Optimizer, RAdam, RMSprop, SGD } from '../optim/index.js';
import { checkArguments } from '../runtime/arguments.js';
import type { Tensor } from '../tensor/tensor.js';
import { anyOf } from './models.js';

/** The settings that some optimizers are made from, by the names of their options. */
interface OptimizerOptions {
  readonly lr: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly betas: readonly [number, number];
  readonly weightDecay: number;
}

interface Entry {
  readonly title: string;
  /** Its static `defaults` say which of the settings it has, and its default learning rate and weight decay. */
  readonly optimizer: {
    readonly defaults: Pick<OptimizerOptions, 'lr' | 'weightDecay'> & Partial<OptimizerOptions>;
    new (parameters: Iterable<Tensor>, options: OptimizerOptions): Optimizer;
  };
  /** The learning rate to begin with, where PyTorch has no default. */
  readonly lr?: number;
}

/** The optimizers by name. */
export const OPTIMIZERS = {
  sgd: { title: 'SGD', optimizer: SGD, lr: 0.1 },
  adam: { title: 'Adam', optimizer: Adam },
  adamw: { title: 'AdamW', optimizer: AdamW },
  adagrad: { title: 'Adagrad', optimizer: Adagrad },
  adadelta: { title: 'Adadelta', optimizer: Adadelta },
  nadam: { title: 'NAdam', optimizer: NAdam },
  radam: { title: 'RAdam', optimizer: RAdam },
  rmsprop: { title: 'RMSprop', optimizer: RMSprop },
} as const satisfies Readonly<Record<string, Entry>>;

/** The name of an optimizer. */
export type OptimizerName = keyof typeof OPTIMIZERS;

/** The settings that an optimizer is made from. */
export interface OptimizerSettings extends Omit<OptimizerOptions, 'betas'> {
  readonly optimizer: OptimizerName;
  /** Default: 0.9. */
  readonly beta1?: number;
  /** Default: 0.999. */
  readonly beta2?: number;
}

const entries: Readonly<Record<OptimizerName, Entry>> = OPTIMIZERS;
const names = Object.keys(OPTIMIZERS) as OptimizerName[];

/** The learning rate and weight decay of an optimizer where nothing else is said. */
export function optimizerDefaults(name: OptimizerName): Pick<OptimizerOptions, 'lr' | 'weightDecay'> {
  checkArguments(`optimizerDefaults(name=${anyOf(OPTIMIZERS)})`, name);
  const { optimizer, lr = optimizer.defaults.lr } = entries[name];
  return { lr, weightDecay: optimizer.defaults.weightDecay };
}

/** The optimizers that a setting does something with. */
export function optimizersWith(setting: keyof OptimizerOptions): OptimizerName[] {
  return names.filter((name) => setting in entries[name].optimizer.defaults);
}

const CALL =
  `buildOptimizer(settings={ optimizer!: ${anyOf(OPTIMIZERS)}, lr!: 0.1, momentum: 0.9, nesterov: true, ` +
  'beta1: 0.9, beta2: 0.999, weightDecay: 0.0, ... }, parameters=model.parameters())';

/** The optimizer that the settings name; those that it has no use for are left out. */
export function buildOptimizer(settings: OptimizerSettings, parameters: Iterable<Tensor>): Optimizer {
  checkArguments(CALL, settings, parameters);
  const { optimizer: name, lr, momentum, nesterov, beta1 = 0.9, beta2 = 0.999, weightDecay } = settings;
  const { optimizer: Chosen } = entries[name];
  const given = Object.entries({ lr, momentum, nesterov, betas: [beta1, beta2], weightDecay }).filter(
    ([option]) => option in Chosen.defaults,
  );
  return new Chosen(parameters, Object.fromEntries(given) as unknown as OptimizerOptions);
}

/** Defaults in words: `sgd 0.1, adam 0.001, …`, with those that share one together. */
export function defaultsInWords(setting: 'lr' | 'weightDecay'): string {
  const byValue = new Map<number, string[]>();
  for (const name of names) {
    const value = optimizerDefaults(name)[setting];
    byValue.set(value, [...(byValue.get(value) ?? []), name]);
  }
  return [...byValue].map(([value, some]) => `${some.join(' and ')} ${value}`).join(', ');
}
