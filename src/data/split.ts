import { randomPermutation } from '../ops/random/random.js';
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError } from '../runtime/errors.js';
import { drawAt } from '../runtime/generator.js';
import { type Dataset, Subset } from './dataset.js';

/** How samples are set aside. */
export interface SplitOptions {
  /** How much to set aside: a share of the samples below 1, or a number of them. Default: 0.1. */
  readonly validation?: number;
  /** Decides who is set aside. Default: that of `manualSeed`. */
  readonly seed?: number;
}

/**
 * Sets samples aside, chosen at random, to validate with. Each sample is in exactly one part; both parts keep the order
 * of the dataset. The same seed chooses the same samples.
 *
 * @throws {ArgumentError} when `validation` is neither a share in [0, 1) nor a number of samples that there are
 */
export function trainValidationSplit(
  dataset: Dataset,
  options: SplitOptions = {},
): { train: Subset; validation: Subset } {
  checkArguments('trainValidationSplit(dataset, { validation: 0.1, seed: 0 })', dataset, options);
  const { validation = 0.1, seed } = options;
  const { length } = dataset;
  const count = validation < 1 ? Math.round(validation * length) : validation;
  if (!Number.isInteger(count) || count < 0 || count > length) {
    throw new ArgumentError(`cannot set aside ${validation} of ${length} samples`, {
      where: 'trainValidationSplit',
      hint: 'give a share below 1, or a whole number of samples',
    });
  }
  const order = randomPermutation(length, drawAt('split', 0, seed));
  return {
    train: new Subset(dataset, order.subarray(count).slice().sort()),
    validation: new Subset(dataset, order.subarray(0, count).slice().sort()),
  };
}
