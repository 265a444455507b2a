import type { Substitute } from '../experiments/wholeData.js';
import { mnistDirectory, SUBSET_NOTE } from '../node/index.js';

/** The digits that come with lanewise, in place of all of MNIST. */
export const carriedDigits = (): Substitute => ({
  dataset: 'mnist',
  by: 'mnist-subset',
  needed: mnistDirectory() === null,
  note: SUBSET_NOTE,
});
