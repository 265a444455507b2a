import { mnistDirectory, SUBSET_NOTE } from '../data/mnist.node.js';
import type { Substitute } from '../experiments/wholeData.js';

/** The digits that come with lanewise, in place of all of MNIST. */
export const carriedDigits = (): Substitute => ({
  dataset: 'mnist',
  by: 'mnist-subset',
  needed: mnistDirectory() === null,
  note: SUBSET_NOTE,
});
