import type { DatasetFacts } from '../facts.js';

/**
 * Zalando's article images, 60,000 and 10,000 of 28×28. Licence: MIT.
 * @see https://github.com/zalandoresearch/fashion-mnist
 */
export const FASHION_MNIST: DatasetFacts<'fashion-mnist'> = {
  name: 'fashion-mnist',
  classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  mean: [0.286],
  std: [0.353],
  shape: [1, 28, 28],
  files: {
    format: 'idx',
    directory: '/usr/share/datasets/fashion-mnist',
    hint:
      'apt-get install dataset-fashion-mnist, or give a directory that has the four files ' +
      'of https://github.com/zalandoresearch/fashion-mnist',
  },
};
