/** The recipes of the setting `recipe`: settings that were found to go well together. To add one, add an entry. */

interface Entry {
  readonly title: string;
  /** What it reaches, for the help. */
  readonly help: string;
  /** What it sets in place of the defaults; what is given beside it goes before. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** One cycle of the learning rate, within one epoch of MNIST. */
const ONE_CYCLE = {
  model: 'fast-cnn-bn',
  dataset: 'mnist',
  normalize: true,
  epochs: 1,
  batchSize: 256,
  labelSmoothing: 0.1,
  optimizer: 'adam',
  lr: 0.01,
  beta1: 0.7,
  beta2: 0.9,
  scheduler: 'onecycle',
  cycleMomentum: false,
} as const;

/**
 * The recipes by name. Those for MNIST were chosen by the accuracy on 10,000 training digits that were set aside;
 * docs/results.md has what they reach on the test digits.
 */
export const RECIPES = {
  mnist98: {
    title: 'MNIST, 98 %',
    help: '98 % of the test digits of MNIST from 15,360 training digits',
    settings: { ...ONE_CYCLE, limit: 60 * ONE_CYCLE.batchSize },
  },
  mnist99: {
    title: 'MNIST, 99 %',
    help: '99 % of the test digits of MNIST in one epoch',
    settings: ONE_CYCLE,
  },
} as const satisfies Readonly<Record<string, Entry>>;

/** The settings of a recipe; none for `none`. */
export const settingsOfRecipe = (name: unknown): Readonly<Record<string, unknown>> =>
  Object.hasOwn(RECIPES, name as string) ? RECIPES[name as keyof typeof RECIPES].settings : {};
