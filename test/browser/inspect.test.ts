/** What the page reads off a model is what is in it. */
import { describe, expect, test } from 'vitest';
import { featureMaps, firstFilters, histograms, inUse } from '../../src/browser/inspect.js';
import { digest, manualSeed, models, nn, randn, scope } from '../../src/index.js';

const SHAPE = [1, 28, 28] as const;

describe('filters', () => {
  test('of a perceptron are the weights of its first units, in the shape of the image', () => {
    const model = models.mlp({ hidden: [100, 20] });
    const { count, height, width, values, title } = firstFilters(model, SHAPE);
    expect([count, height, width, title]).toEqual([64, 28, 28, '64 of 100 units']);
    expect(values).toEqual((model.at(1) as nn.Linear).weight.data().slice(0, 64 * 784));
  });

  test('of a convolution are its kernels, of several channels the first', () => {
    const model = new nn.Sequential(new nn.Conv2d(3, 5, 3));
    const weight = (model.at(0) as nn.Conv2d).weight.data();
    const { count, height, width, values, title } = firstFilters(model, [3, 32, 32]);
    expect([count, height, width, title]).toEqual([5, 3, 3, '5 3×3 kernels, first channel']);
    expect(values).toEqual(Float32Array.from({ length: 45 }, (_, i) => weight[27 * Math.floor(i / 9) + (i % 9)]!));
  });
});

describe('feature maps', () => {
  test('are what the layers put out, and the model is left as it is', () =>
    scope(() => {
      manualSeed(3);
      const model = models.cnn({ batchNorm: true });
      const before = digest(model.stateDict());
      const x = randn([1, 1, 28, 28]);
      const [first, second, ...more] = inUse(model, () => featureMaps(model, x));
      expect(more).toEqual([]);
      const layers = [...model];
      const relu = layers.slice(0, 3).reduce((y, layer) => layer.forward(y), x);
      expect(first).toEqual({
        title: '1. Conv2d: 4 maps of 28×28',
        count: 4,
        height: 28,
        width: 28,
        values: relu.data(),
      });
      expect(second!.title).toBe('2. Conv2d: 4 maps of 14×14');
      expect(digest(model.stateDict())).toBe(before);
    }));

  test('of units stand in rows of 32', () =>
    scope(() => {
      const model = models.mlp({ hidden: [40] });
      const [units] = inUse(model, () => featureMaps(model, randn([1, 1, 28, 28])));
      expect(units).toMatchObject({ title: '1. Linear: 40 units', count: 1, height: 2, width: 32 });
      expect([...units!.values.slice(40)]).toEqual(new Array(24).fill(0));
    }));
});

describe('histograms', () => {
  test('hold every output once, and tell its mean and deviation', () =>
    scope(() => {
      manualSeed(5);
      const model = models.mlp({ hidden: [30], batchNorm: true });
      const norm = model.at(2) as nn.BatchNorm1d;
      norm.weight!.assign(new Float32Array(30).fill(3));
      norm.bias!.assign(new Float32Array(30).fill(-2));
      const [one, ...more] = inUse(model, () => histograms(model, randn([200, 1, 28, 28])));
      expect(more).toEqual([]);
      const { before, after, low, high, title } = one!;
      expect(title).toBe('layer 1, Linear');
      for (const { shares } of [before, after!])
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      // Fresh statistics (mean 0, variance 1): y = 3·x / √(1 + eps) − 2.
      expect(after!.mean).toBeCloseTo(3 * before.mean - 2, 4);
      expect(after!.deviation / before.deviation).toBeCloseTo(3 / Math.sqrt(1 + norm.eps), 5);
      expect(low).toBeCloseTo(after!.mean - 4 * after!.deviation, 9);
      expect(high).toBeCloseTo(after!.mean + 4 * after!.deviation, 9);
      const middle = after!.shares.indexOf(Math.max(...after!.shares));
      expect(Math.abs(middle - 30)).toBeLessThan(6);
    }));

  test('of a layer without normalisation have no second part; those inside of residual blocks are found', () =>
    scope(() => {
      const plain = models.mlp({ hidden: [30, 20] });
      expect(
        inUse(plain, () => histograms(plain, randn([10, 1, 28, 28]))).map(({ title, after }) => [title, after]),
      ).toEqual([
        ['layer 1, Linear', null],
        ['layer 3, Linear', null],
      ]);
      const resnet = models.miniResNet();
      const found = inUse(resnet, () => histograms(resnet, randn([2, 1, 28, 28])));
      expect(found.map(({ title }) => title)).toEqual(
        expect.arrayContaining(['layer 0, Conv2d', 'layer 3.body.0, Conv2d', 'layer 3.body.3, Conv2d']),
      );
      expect(found.every(({ after }) => after !== null)).toBe(true);
    }));
});
