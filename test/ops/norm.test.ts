import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  type BatchNormOptions,
  batchNorm,
  DTypeError,
  dropout,
  full,
  groupNorm,
  init,
  layerNorm,
  manualSeed,
  ones,
  relu,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.js';
import { setGuards } from '../../src/runtime/guards.js';
import { uniform } from '../support/random.js';
import { eachTestInScope } from '../support/scope.js';

beforeAll(async () => {
  await init();
  setGuards(true);
});
beforeEach(() => {
  manualSeed(3);
});
eachTestInScope();

const numbers = (n: number, seed = 1, low = -2, high = 2) => {
  const random = uniform(seed);
  return Float32Array.from({ length: n }, () => low + random() * (high - low));
};

/** Of the values that belong to a channel: mean and biased variance, in double precision. */
function moments(values: readonly number[]): [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
}

/** The largest of the errors, NaN if one is. */
function largest(places: readonly number[], error: (place: number, i: number) => number): number {
  return Math.max(...places.map((place, i) => Math.abs(error(place, i))));
}

/** The flat places of a channel of [n, channels, spatial]. */
function placesOf(channel: number, n: number, channels: number, spatial: number): number[] {
  return Array.from(
    { length: n * spatial },
    (_, i) => (Math.floor(i / spatial) * channels + channel) * spatial + (i % spatial),
  );
}

describe('batchNorm of many numbers', () => {
  // Several chunks of several images; several of one; one image; tiles of columns with a rest; more rows than a tile is
  // wide.
  test.each([
    [40, 2, 9, 9],
    [3, 2, 50, 50],
    [1, 2, 33],
    [100, 70],
    [33, 1100],
    [3000, 19],
  ])('[%s, %s, %s, %s]', (...given) => {
    const shape = given.filter((length) => typeof length === 'number');
    const [n, channels, ...rest] = shape as [number, number, ...number[]];
    const spatial = rest.reduce((product, length) => product * length, 1);
    const [values, gradients] = [numbers(n * channels * spatial), numbers(n * channels * spatial, 2)];
    const x = tensor(values, { shape, requiresGrad: true });
    const weight = tensor(numbers(channels, 4), { requiresGrad: true });
    const bias = tensor(numbers(channels, 5), { requiresGrad: true });
    const y = batchNorm(x, { weight, bias, training: true });
    y.backward({ gradient: tensor(gradients, { shape }) });
    const [got, dx, dWeight, dBias] = [y, x.grad!, weight.grad!, bias.grad!].map((part) =>
      part.data(),
    ) as Float32Array[];
    for (const channel of new Set([0, 1, Math.floor(channels / 2), channels - 1])) {
      const places = placesOf(channel, n, channels, spatial);
      const [mean, variance] = moments(places.map((place) => values[place]!));
      const inverse = 1 / Math.sqrt(variance + 1e-5);
      const normal = places.map((place) => (values[place]! - mean) * inverse);
      const sum = places.reduce((total, place) => total + gradients[place]!, 0);
      const product = places.reduce((total, place, i) => total + gradients[place]! * normal[i]!, 0);
      const [w, b] = [weight.item(channel), bias.item(channel)];
      // The sums of m terms are good to some roundings of their largest partial sums, about √m.
      expect(Math.abs(dBias![channel]! - sum)).toBeLessThan(2e-6 * Math.sqrt(places.length));
      expect(Math.abs(dWeight![channel]! - product)).toBeLessThan(2e-6 * Math.sqrt(places.length));
      expect(largest(places, (place, i) => got![place]! - (normal[i]! * w + b))).toBeLessThan(2e-6);
      expect(
        largest(
          places,
          (place, i) => dx![place]! - w * inverse * (gradients[place]! - (sum + normal[i]! * product) / places.length),
        ),
      ).toBeLessThan(2e-6);
    }
    for (const leaf of [x, weight, bias]) leaf.zeroGrad();
  });

  test.each([[[64, 5]], [[8, 5, 8]]])('far from zero nothing is lost: %j', (shape) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const values = numbers(size, 1, 9_999, 10_001);
    const y = batchNorm(tensor(values, { shape }), { training: true }).data();
    for (let channel = 0; channel < 5; channel++) {
      const places = placesOf(channel, shape[0]!, 5, size / shape[0]! / 5);
      const [mean, variance] = moments(places.map((place) => values[place]!));
      expect(largest(places, (place) => y[place]! - (values[place]! - mean) / Math.sqrt(variance + 1e-5))).toBeLessThan(
        1e-6,
      );
    }
  });

  test.each([[[6, 3]], [[2, 3, 5]]])('equal numbers become the bias: %j', (shape) => {
    const y = batchNorm(full(shape, 0.1), { training: true, bias: tensor([1, 2, 3]) }).data();
    for (let channel = 0; channel < 3; channel++) {
      for (const place of placesOf(channel, shape[0]!, 3, shape[2] ?? 1)) expect(y[place]).toBe(channel + 1);
    }
  });
});

describe("batchNorm's running statistics", () => {
  test.each([[[7, 5]], [[4, 5, 6]]])('move towards mean and unbiased variance: %j', (shape) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const [n, spatial] = [shape[0]!, shape[2] ?? 1];
    const runningMean = tensor(numbers(5, 7));
    const runningVar = tensor(numbers(5, 8, 0.5, 2));
    const [mean0, var0] = [runningMean.data(), runningVar.data()];
    const values = numbers(size);
    batchNorm(tensor(values, { shape }), { runningMean, runningVar, training: true, momentum: 0.3 });
    for (let channel = 0; channel < 5; channel++) {
      const [mean, variance] = moments(placesOf(channel, n, 5, spatial).map((place) => values[place]!));
      const m = n * spatial;
      expect(runningMean.item(channel)).toBeCloseTo(0.7 * mean0[channel]! + 0.3 * mean, 6);
      expect(runningVar.item(channel)).toBeCloseTo(0.7 * var0[channel]! + (0.3 * variance * m) / (m - 1), 6);
    }
  });

  test('with momentum 1 are those of x, and serve evaluation', () => {
    const x = tensor(numbers(60), { shape: [4, 3, 5] });
    const [runningMean, runningVar] = [zeros([3]), ones([3])];
    const y = batchNorm(x, { runningMean, runningVar, training: true, momentum: 1 }).data();
    const evaluated = batchNorm(x, { runningMean, runningVar }).data();
    // Evaluation divides by the unbiased deviation.
    y.forEach((value, i) => expect(evaluated[i]!).toBeCloseTo(value * Math.sqrt(19 / 20), 4));
  });

  test('stay as they are in evaluation', () => {
    const [runningMean, runningVar] = [zeros([3]), ones([3])];
    batchNorm(tensor(numbers(6), { shape: [2, 3] }), { runningMean, runningVar });
    expect([...runningMean.data(), ...runningVar.data()]).toEqual([0, 0, 0, 1, 1, 1]);
  });
});

describe('batchNorm with a ReLU has the bits of the two one after the other', () => {
  test.each([[[11, 6]], [[3, 5, 7]], [[2, 3, 1, 37]]])('%j', (shape) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const channels = shape[1]!;
    for (const training of [true, false]) {
      const bits = (op: (x: Tensor, options: BatchNormOptions) => Tensor) => {
        const leaves = [
          tensor(numbers(size).with(1, training ? 0 : NaN), { shape }),
          tensor(numbers(channels, 2)),
          tensor(numbers(channels, 3)),
        ] as const;
        for (const leaf of leaves) leaf.requireGrad();
        const [x, weight, bias] = leaves;
        const running = { runningMean: tensor(numbers(channels, 4)), runningVar: tensor(numbers(channels, 5, 0.5, 2)) };
        const y = op(x, { weight, bias, training, ...running });
        y.backward({ gradient: tensor(numbers(size, 9), { shape }) });
        const all = [y, ...leaves.map(({ grad }) => grad!), running.runningMean, running.runningVar].map((part) =>
          Array.from(part.data()),
        );
        for (const leaf of leaves) leaf.zeroGrad();
        return all;
      };
      expect(bits((x, options) => batchNorm(x, { ...options, relu: true }))).toEqual(
        bits((x, options) => relu(batchNorm(x, options))),
      );
    }
  });
});

describe('gradients that were not asked for', () => {
  const layers: Record<string, (x: Tensor, weight: Tensor, bias: Tensor) => Tensor> = {
    'batchNorm in training': (x, weight, bias) => batchNorm(x, { weight, bias, training: true }),
    'batchNorm in evaluation': (x, weight, bias) =>
      batchNorm(x, { weight, bias, runningMean: zeros([4]), runningVar: ones([4]) }),
    layerNorm: (x, weight, bias) => layerNorm(x, 4, { weight, bias }),
    groupNorm: (x, weight, bias) => groupNorm(x, 2, { weight, bias }),
  };
  test.each(Object.keys(layers))('%s leaves them out, and the others have the same bits', (name) => {
    const run = (wanted: readonly number[]) => {
      const inputs = [tensor(numbers(12), { shape: [3, 4] }), tensor(numbers(4, 2)), tensor(numbers(4, 3))] as const;
      for (const i of wanted) inputs[i]!.requireGrad();
      layers[name]!(...inputs).backward({ gradient: tensor(numbers(12, 9), { shape: [3, 4] }) });
      const gradients = inputs.map(({ grad }) => (grad === null ? null : Array.from(grad.data())));
      for (const input of inputs) input.zeroGrad();
      return gradients;
    };
    const all = run([0, 1, 2]);
    for (const wanted of [[0], [1], [2], [0, 2]])
      expect(run(wanted)).toEqual(all.map((gradient, i) => (wanted.includes(i) ? gradient : null)));
  });

  test('in evaluation one bad gradient spoils its own sample alone', () => {
    const x = tensor(numbers(6), { shape: [2, 3], requiresGrad: true });
    batchNorm(x, { runningMean: zeros([3]), runningVar: ones([3]) }).backward({
      gradient: tensor([NaN, NaN, NaN, 1, 1, 1], { shape: [2, 3] }),
    });
    expect(Array.from(x.grad!.data()).map(Number.isNaN)).toEqual([true, true, true, false, false, false]);
    x.zeroGrad();
  });
});

describe('dropout', () => {
  test('drops a share p, scales the rest, and passes gradients alike', () => {
    const n = 10_000;
    const x = tensor(numbers(n, 1, 1, 2), { requiresGrad: true });
    const y = dropout(x, 0.3);
    y.backward({ gradient: ones([n]) });
    const [values, got, dx] = [x.data(), y.data(), x.grad!.data()];
    const scale = Math.fround(1 / 0.7);
    let dropped = 0;
    got.forEach((value) => {
      if (value === 0) dropped++;
    });
    expect(got).toEqual(values.map((value, i) => (got[i] === 0 ? 0 : value * scale)));
    expect(dx).toEqual(got.map((value) => (value === 0 ? 0 : scale)));
    expect(Math.abs(dropped / n - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / n));
    x.zeroGrad();
  });

  test('drops others every time, the same from the same seed, and nothing where x is not finite', () => {
    const x = ones([100]);
    const [first, second] = [dropout(x), dropout(x)].map((y) => Array.from(y.data()));
    expect(second).not.toEqual(first);
    manualSeed(3);
    expect(Array.from(dropout(x).data())).toEqual(first);
    manualSeed(3);
    const bad = Array.from(dropout(full([100], Infinity)).data());
    expect(bad).toEqual(first!.map((value) => (value === 0 ? 0 : Infinity)));
  });

  test('draws nothing in evaluation', () => {
    dropout(ones([4]), 0.5, { training: false });
    dropout(ones([4]), 0);
    const after = Array.from(dropout(ones([50])).data());
    manualSeed(3);
    expect(Array.from(dropout(ones([50])).data())).toEqual(after);
  });
});

test('wrong arguments are refused', () => {
  const x = ones([2, 3, 4]);
  expect(() => batchNorm(ones([3]), { training: true })).toThrow(
    'batchNorm: the input must be [N, C] or [N, C, …], not [3]',
  );
  expect(() => batchNorm(x, { training: true, weight: ones([4]) })).toThrow(
    'batchNorm: weight has shape [4], but an input of shape [2, 3, 4] needs [3]',
  );
  expect(() => batchNorm(x, { training: true, weight: ones([4]) })).toThrow(ShapeError);
  expect(() => batchNorm(x, {})).toThrow(ArgumentError);
  expect(() => batchNorm(x, {})).toThrow('evaluation needs runningMean and runningVar');
  expect(() => batchNorm(x, { training: true, runningMean: zeros([3]) })).toThrow(
    'runningMean and runningVar go together',
  );
  expect(() => batchNorm(ones([1, 3]), { training: true })).toThrow(
    'training needs more than 1 value per channel, the input of shape [1, 3] has 1',
  );
  expect(() => batchNorm(ones([0, 3]), { training: true })).toThrow('has 0');
  expect(() => batchNorm(ones([2, 3], { dtype: 'int32' }), { training: true })).toThrow(DTypeError);
  expect(() => batchNorm(x, { training: true, bias: ones([3], { dtype: 'uint8' }) })).toThrow('bias is uint8');
  expect(() => layerNorm(x, 3)).toThrow(
    'layerNorm: the input of shape [2, 3, 4] does not end in the axes [3] to normalise',
  );
  expect(() => layerNorm(x, [])).toThrow('layerNorm');
  expect(() => layerNorm(x, [3, 4], { weight: ones([4]) })).toThrow(
    'weight has shape [4], but an input of shape [2, 3, 4] needs [3, 4]',
  );
  expect(() => groupNorm(x, 2)).toThrow('groupNorm: 2 groups do not divide the 3 channels');
  expect(() => groupNorm(ones([3]), 1)).toThrow('groupNorm: the input must be');
  expect(() => dropout(x, 1.5)).toThrow('dropout: p is a probability in [0, 1], not 1.5');
  expect(() => dropout(ones([2], { dtype: 'int32' }))).toThrow(DTypeError);
});
