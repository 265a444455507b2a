import { CIFAR10_CLASSES } from '../cifar10.js';
import type { DatasetFacts } from '../facts.js';

/**
 * Colour photographs, 50,000 and 10,000 of 32×32, by A. Krizhevsky, V. Nair and G. Hinton.
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 */
export const CIFAR10: DatasetFacts<'cifar10'> = {
  name: 'cifar10',
  classes: CIFAR10_CLASSES,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
  shape: [3, 32, 32],
  files: {
    format: 'cifar10',
    hint:
      'get the "binary version" from https://www.cs.toronto.edu/~kriz/cifar.html ' +
      '(cifar-10-binary.tar.gz) and give the directory it unpacks to',
  },
};
