/** A value that is not finite is traced to its sample. */
import { describe, expect, test } from 'vitest';
import {
  crossEntropy,
  DataLoader,
  fit,
  limit,
  mseLoss,
  NonFiniteError,
  nn,
  optim,
  Sha256,
  Subset,
  type Tensor,
  TensorDataset,
  tensor,
  trainValidationSplit,
} from '../../src/index.js';
import { BAD, CLASSES, expectBlamed, failing, loaderOf, network, placeOf, points, SAMPLES } from './failing.js';

describe('a value that is not finite', () => {
  test.each([NaN, Infinity, -Infinity])('%s among the inputs', async (x) => {
    const loader = loaderOf(points({ x }));
    const outcome = await failing(loader, network());
    expect(outcome.error).toBeInstanceOf(NonFiniteError);
    expect(outcome.error.message).toMatch(
      /^fit: the loss is NaN at step \d+ \(epoch 1\): the inputs of the batch have NaN/,
    );
    expect(outcome.error.message).toMatch(/infinite values \(sample 29 .*\)\n {2}hint: look for missing values/);
    expectBlamed(outcome, loader);
  });

  test('is found below subsets, limits and splits', async () => {
    const data = points({ x: NaN });
    const { train, validation } = trainValidationSplit(data, { validation: 0.25, seed: 3 });
    const part = Array.from(train.indices).includes(BAD) ? train : validation;
    const reversed = new Subset(
      data,
      Array.from({ length: SAMPLES }, (_, i) => SAMPLES - 1 - i),
    );
    for (const set of [
      part,
      reversed,
      limit(
        new Subset(
          reversed,
          Array.from({ length: SAMPLES }, (_, i) => (i + 20) % SAMPLES),
        ),
        38,
      ),
    ]) {
      const loader = new DataLoader(set, { batchSize: 4, shuffle: true, seed: 2 });
      expectBlamed(await failing(loader, network()), loader);
    }
  });

  test('among the targets', async () => {
    const [x, y] = [
      points().x,
      tensor(
        Float32Array.from({ length: SAMPLES }, (_, i) => (i === BAD ? NaN : i / SAMPLES)),
        { shape: [SAMPLES, 1] },
      ),
    ];
    const loader = loaderOf(new TensorDataset(x, y));
    const outcome = await failing(loader, new nn.Sequential(new nn.BatchNorm1d(2), new nn.Linear(2, 1)), {
      lossFn: mseLoss,
    });
    expect(outcome.error.message).toMatch(/the targets of the batch have NaN/);
    expectBlamed(outcome, loader);
  });

  test('in a source of one’s own is told by its place', async () => {
    const data = loaderOf(points({ x: NaN }));
    const { row, batch } = placeOf(data);
    const { error } = await failing(
      { length: data.length, from: (epoch, first) => data.from(epoch, first) },
      network(),
    );
    expect(error.sample).toEqual({ index: undefined, row, batch });
    expect(error.message).toContain(`infinite values (row ${row} of batch ${batch})`);
  });

  test('that all samples have is no single one’s', async () => {
    class Explode extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.mul(3e38).mul(3e38);
      }
    }
    for (const model of [network(new Explode()), new nn.Sequential(new Explode(), new nn.Linear(2, CLASSES))]) {
      const { error, steps } = await failing(loaderOf(points()), model);
      expect([error.sample, steps]).toEqual([undefined, 0]);
      expect(error.message).toMatch(/the output of Explode \(in layer 0\)\n/);
    }
  });
});

describe('a finite sample that makes something overflow', () => {
  class Square extends nn.Module {
    override forward(x: Tensor): Tensor {
      return x.mul(x);
    }
  }

  test('in a layer', async () => {
    const loader = loaderOf(points({ x: 1e20 }));
    for (const model of [network(new Square()), new nn.Sequential(new Square(), new nn.Linear(2, CLASSES))]) {
      const outcome = await failing(loader, model);
      expect(outcome.error.message).toMatch(/the first NaN or infinity is in the output of Square .* \(in layer 0\)\n/);
      expectBlamed(outcome, loader);
    }
  });

  test('in the variance of a batch normalisation, in which all samples become NaN', async () => {
    const loader = loaderOf(points({ x: 1e30 }));
    const outcome = await failing(loader, network());
    expect(outcome.error.message).toMatch(
      /the first NaN or infinity is in the output of BatchNorm1d .* \(in layer 0\)\n/,
    );
    expectBlamed(outcome, loader);
  });

  /** Counts the mean square of its inputs, which does not show in its outputs. */
  class Meter extends nn.Module {
    readonly runningPower;
    readonly mask = new nn.Buffer(tensor([0, -Infinity]));
    constructor(persistent = true) {
      super();
      this.runningPower = new nn.Buffer(tensor([1]), { persistent });
    }

    override forward(x: Tensor): Tensor {
      if (this.training) this.runningPower.assign([0.9 * this.runningPower.item() + 0.1 * x.mul(x).mean().item()]);
      return x.mul(1e-30);
    }
  }

  test('in a running statistic, while the loss is finite', async () => {
    const loader = loaderOf(points({ x: 1e30 }));
    const outcome = await failing(loader, new nn.Sequential(new Meter(), new nn.Linear(2, CLASSES)));
    expect(outcome.error).toBeInstanceOf(NonFiniteError);
    expect(outcome.error.message).toMatch(
      /^fit: 0\.running_power would be NaN or infinite after step \d \(epoch 1\) \(sample 29 .*\) \(in layer 0\)\n/,
    );
    expectBlamed(outcome, loader);
  });

  test('is let through where that is allowed, or where nothing of it is saved', async () => {
    for (const [model, allowNonFinite] of [
      [new nn.Sequential(new Meter(), new nn.Linear(2, CLASSES)), true],
      [new nn.Sequential(new Meter(false), new nn.Linear(2, CLASSES)), false],
    ] as const) {
      const { steps } = await fit(model, {
        optimizer: new optim.SGD(model.parameters(), { lr: 0.1 }),
        loader: loaderOf(points({ x: 1e30 })),
        epochs: 1,
        allowNonFinite,
      });
      expect(steps).toBe(5);
    }
  });

  test('in the loss, beside samples that are not counted', async () => {
    const data = points({ x: 1e20 });
    data.y.assign(Int32Array.from(data.y.data(), (label, i) => (i % 2 === 0 ? -100 : label)));
    const lossFn = (output: Tensor, target: Tensor) => crossEntropy(output.mul(output), target);
    const loader = loaderOf(data);
    const outcome = await failing(loader, new nn.Sequential(new nn.Linear(2, CLASSES)), { lossFn });
    expect(outcome.error.message).toMatch(/the model's outputs are finite, the loss function made it/);
    expectBlamed(outcome, loader);
  });

  test('while an evaluation goes on', async () => {
    const [train, test] = [
      loaderOf(points()),
      new DataLoader(new Subset(points({ x: 1e25 }), [3, 7, BAD, 1]), { batchSize: 2 }),
    ];
    const { error } = await failing(train, new nn.Sequential(new Square(), new nn.Linear(2, CLASSES)), {
      testLoader: test,
    });
    expect(error.message).toMatch(/^fit: the loss is NaN at the evaluation after step 5 \(epoch 1\)/);
    expect(error.sample).toEqual({ index: BAD, row: 0, batch: 2 });
  });
});

test('samples of the data set itself stand in the place that the loader says', () => {
  const data = points();
  const loader = loaderOf(
    new Subset(
      data,
      Array.from({ length: 30 }, (_, i) => SAMPLES - 1 - i),
    ),
  );
  const [values, hash] = [data.x.data(), (bytes: Uint8Array) => new Sha256().update(bytes).hex()];
  for (const epoch of [0, 4]) {
    let batch = 0;
    for (const [x] of loader.from(epoch)) {
      const expected = Float32Array.from(
        Array.from(loader.samples(epoch, batch++)).flatMap((index) => [values[2 * index]!, values[2 * index + 1]!]),
      );
      expect(hash(new Uint8Array(x.data().buffer))).toBe(hash(new Uint8Array(expected.buffer)));
    }
  }
});
