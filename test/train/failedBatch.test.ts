/** A batch that fails leaves everything as it was before; an index outside its range is traced to its sample. */
import { describe, expect, test } from 'vitest';
import {
  crossEntropy,
  DataLoader,
  evaluate,
  NonFiniteError,
  nn,
  OutOfMemoryError,
  RangeIndexError,
  record,
  Subset,
  type Tensor,
  TensorDataset,
  tensor,
} from '../../src/index.js';
import {
  BAD,
  CLASSES,
  expectBlamed,
  failing,
  failure,
  loaderOf,
  network,
  placeOf,
  points,
  SAMPLES,
} from './failing.js';

describe('an index outside its range', () => {
  test('among the class ids', async () => {
    const loader = loaderOf(points({ label: 7 }));
    const outcome = await failing(loader, network());
    expect(outcome.error).toBeInstanceOf(RangeIndexError);
    expect(outcome.error.message).toMatch(
      new RegExp(`^crossEntropy: class id 7 at row ${placeOf(loader).row} is outside 0 … 2 \\(sample 29 `),
    );
    expectBlamed(outcome, loader);
  });

  test('among the inputs of an embedding', async () => {
    const words = new TensorDataset(
      tensor(Int32Array.from({ length: SAMPLES }, (_, i) => (i === BAD ? 50 : i % 10))),
      points().y,
    );
    const loader = loaderOf(words);
    const outcome = await failing(
      loader,
      new nn.Sequential(new nn.Embedding(10, 4), new nn.BatchNorm1d(4), new nn.Linear(4, CLASSES)),
    );
    expect(outcome.error.message).toMatch(/ \(sample 29 .*\) \(in layer 0\)$/);
    expectBlamed(outcome, loader);
  });

  test('of several samples, the first in the batch is named', async () => {
    const data = points();
    data.y.assign(Int32Array.from(data.y.data(), (label, i) => (i === 3 || i === 6 ? 9 : label)));
    const { error } = await failing(new DataLoader(data, { batchSize: 8 }), network());
    expect(error.message).toMatch(/class id 9 at row 3 .*\(sample 3 of the data set, row 3 of batch 1\)/);
  });

  test('in an evaluation', async () => {
    const error = await failure(
      evaluate(network(), new DataLoader(new Subset(points({ label: -1 }), [0, 1, 2, BAD, 4]), { batchSize: 3 })),
    );
    expect(error).toBeInstanceOf(RangeIndexError);
    expect(error.sample).toEqual({ index: BAD, row: 0, batch: 2 });
  });
});

describe('whatever a batch throws', () => {
  /** Fails at the third batch. */
  class Failing extends nn.Module {
    batches = 0;
    constructor(private readonly error: unknown) {
      super();
    }
    override forward(x: Tensor): Tensor {
      if (++this.batches === 3) throw this.error;
      return x;
    }
  }

  test.each([new TypeError('not today'), new OutOfMemoryError('full'), 'a text'])(
    'in a layer: %s arrives as it is, and all is as before',
    async (thrown) => {
      const model = new nn.Sequential(
        new nn.BatchNorm1d(2),
        new nn.Dropout(0.5),
        new Failing(thrown),
        new nn.Linear(2, CLASSES),
      );
      const { error, steps } = await failing(loaderOf(points()), model);
      expect(error).toBe(thrown);
      expect(steps).toBe(2);
    },
  );

  test('in the loss and in backward', async () => {
    let batches = 0;
    const losses = [
      () => {
        throw new TypeError('in the loss');
      },
      (output: Tensor, target: Tensor) => {
        const loss = crossEntropy(output, target);
        return record('broken', tensor(loss.item()), [loss], () => {
          throw new TypeError('in backward');
        });
      },
    ];
    for (const [i, broken] of losses.entries()) {
      batches = 0;
      const lossFn = (output: Tensor, target: Tensor) =>
        ++batches === 3 ? broken(output, target) : crossEntropy(output, target);
      const { error, steps } = await failing(loaderOf(points()), network(), { lossFn });
      expect([error.message, steps]).toEqual([['in the loss', 'in backward'][i], 2]);
    }
  });
});

test('gradients that are not finite, where they are clipped, end the run before the weights have them', async () => {
  const lossFn = (output: Tensor, target: Tensor) => crossEntropy(output, target).add(output.mul(0).abs().sum().sqrt());
  const clipped = await failing(loaderOf(points()), network(), { lossFn, clipGradNorm: 1 });
  expect(clipped.error).toBeInstanceOf(NonFiniteError);
  expect([clipped.error.message, clipped.steps]).toEqual([
    expect.stringMatching(/^clipGradNorm: the norm of the gradients is NaN/),
    0,
  ]);
});
