import type { Measure } from '../experiments/measure.js';
import type { Cell, Study } from '../experiments/study.js';

/** The columns of all tables. */
const ROWS = ['cnn-bn', 'cnn', 'mlp-bn', 'mlp'] as const;
const LABELS = ['CNN with BatchNorm', 'CNN', 'MLP with BatchNorm', 'MLP'] as const;

const cells = (measure: Measure, published: readonly (number | null)[], note?: string): Cell[] =>
  ROWS.map((row, i) => ({ row, measure, published: published[i]!, ...(note !== undefined && { note }) }));

export const bnRace: Study = {
  name: 'bn-race',
  title: 'A race to 98 %: CNN and MLP, with and without batch normalisation, on MNIST',
  question: [
    'How many epochs does a network need until it tells more than 98 % of the test digits right, and does batch ' +
      'normalisation bring it there sooner? A convolutional network of about two thousand weights and a ' +
      'perceptron race, each with and without it, with one recipe: rate 0.01, momentum 0.9, ' +
      'batches of 100, no weight decay, up to 50 epochs.',
    'The report finds that batch normalisation saves one epoch of ten in the CNN and two of ' +
      'five in the MLP, and that all four end near 98.4 %.',
  ],
  dataset: 'mnist',
  groups: [
    {
      id: 'race',
      title: 'CNN and MLP',
      settings: { lr: 0.01, momentum: 0.9, weightDecay: 0, batchSize: 100, epochs: 50 },
      rows: [
        { id: 'cnn-bn', label: LABELS[0], settings: { model: 'cnn-bn' } },
        { id: 'cnn', label: LABELS[1], settings: { model: 'cnn' } },
        { id: 'mlp-bn', label: LABELS[2], settings: { model: 'mlp-bn', hidden: [128, 64] } },
        { id: 'mlp', label: LABELS[3], settings: { model: 'mlp', hidden: [128, 64] } },
      ],
    },
  ],
  tables: [
    {
      id: 'race',
      caption: 'The race',
      columns: LABELS,
      rows: [
        {
          label: 'epochs to more than 98 % of the test digits',
          cells: cells({ of: 'epochsTo', accuracy: 0.98 }, [9, 10, 3, 5]),
        },
        { label: 'seconds per epoch', cells: cells({ of: 'secondsPerEpoch' }, [14, 14, 14, 14], '13 to 15 s') },
        {
          label: 'final test accuracy',
          cells: cells({ of: 'testAccuracy', at: 'last' }, [0.9851, 0.9846, 0.983, 0.9827]),
        },
        { label: 'final training accuracy', cells: cells({ of: 'trainAccuracy', at: 'last' }, [0.985, 0.9887, 1, 1]) },
      ],
    },
  ],
  rankings: [],
  figures: [
    { kind: 'curves', id: 'train-loss', title: 'Training loss', x: 'epoch', y: 'trainLoss', rows: ROWS, yScale: 'log' },
    { kind: 'curves', id: 'test-loss', title: 'Test loss', x: 'epoch', y: 'testLoss', rows: ROWS, yScale: 'log' },
    { kind: 'curves', id: 'train-accuracy', title: 'Training accuracy', x: 'epoch', y: 'trainAccuracy', rows: ROWS },
    { kind: 'curves', id: 'test-accuracy', title: 'Test accuracy', x: 'epoch', y: 'testAccuracy', rows: ROWS },
    {
      kind: 'curves',
      id: 'test-accuracy-seconds',
      title: 'Test accuracy against the seconds of training',
      x: 'seconds',
      y: 'testAccuracy',
      rows: ROWS,
    },
  ],
  choices: [
    'The report gives no widths: the MLP has 128 and 64 hidden units, the convolutions ' +
      'have four 3×3 kernels each (padding 1).',
    'All runs go on to epoch 50, so that the ends can be compared; the report stops some of them earlier.',
    "Weights begin as PyTorch's layers have them, pixels are scaled to [0, 1], the rate stays as it is.",
    'The report gives its time per epoch as 13 to 15 s for all four; 14 stands in the table.',
    'Training accuracy is the mean over the batches of the last epoch, as training saw them.',
  ],
  remarks: [
    'The MLP of the report seems to be wider than ours: with 1024 and 512 hidden units and batch normalisation, ' +
      'one passes 98 % in its third epoch with two seeds of three (study bn-mlp, rate 0.01, momentum 0.9), as ' +
      'the report has it. With 128 and 64 units and without batch normalisation ours stands just below ' +
      '98 % from epoch 20 on, with training images all told right.',
    'The CNN without batch normalisation depends on the scale of the pixels, which the report does not tell: ' +
      "standardised with MNIST's mean and deviation, seed 1 passes 98 % in epoch 9, where the report has 10; " +
      'scaled to [0, 1] it takes two to three times as long. Batch normalisation makes up for the scale: with ' +
      "it, ours is there when the report's is. (`lanewise train --dataset mnist --model cnn --normalize " +
      '--lr 0.01 --momentum 0.9 --batch-size 100 --epochs 14 --seed 1`)',
  ],
  quick: { limit: 1000, testLimit: 500, epochs: 2 },
};
