import { beforeEach, describe, expect, test } from 'vitest';
import { ArgumentError, manualSeed, memory, models, nn, rand, scope } from '../../src/index.js';

beforeEach(() => manualSeed(1));

const count = (model: nn.AnyModule) => model.parameters().reduce((sum, { size }) => sum + size, 0);
const names = (model: nn.AnyModule) => model.children().map((layer) => layer.constructor.name);

const CIFAR = [3, 32, 32];

describe('shapes and sizes', () => {
  const rows: [string, () => nn.Module, parameters: number, inputShape: readonly number[], classes: number][] = [
    ['mlp, weights only', () => models.mlp({ hidden: [128, 64], bias: false }), 109_184, [1, 28, 28], 10],
    [
      'mlp with batch norm, weights only',
      () => models.mlp({ hidden: [128, 64], bias: false, batchNorm: true }),
      109_568,
      [1, 28, 28],
      10,
    ],
    ['mlp', () => models.mlp({ hidden: [128, 64] }), 109_386, [1, 28, 28], 10],
    ['mlp without hidden layers', () => models.mlp({ classes: 3 }), 2_355, [1, 28, 28], 3],
    ['mlp on colour images', () => models.mlp({ inputShape: CIFAR, hidden: [16] }), 3072 * 16 + 16 + 170, CIFAR, 10],
    [
      'kLayerMlp',
      () => models.kLayerMlp({ inputFeatures: 7, hidden: [5, 4, 3], classes: 2, batchNorm: true }),
      40 + 10 + 24 + 8 + 15 + 6 + 8,
      [7],
      2,
    ],
    ['cnn', () => models.cnn(), 2_158, [1, 28, 28], 10],
    ['cnn with batch norm', () => models.cnn({ batchNorm: true }), 2_174, [1, 28, 28], 10],
    [
      'cnn on colour images',
      () => models.cnn({ inputShape: CIFAR, channels: 8, classes: 5 }),
      224 + 584 + 512 * 5 + 5,
      CIFAR,
      5,
    ],
    ['cnn on odd sizes', () => models.cnn({ inputShape: [1, 7, 5] }), 40 + 148 + 50, [1, 7, 5], 10],
    ['fastCnn', () => models.fastCnn(), 624 + 6_944 + 205_056 + 2_570, [1, 28, 28], 10],
    [
      'fastCnn on odd sizes',
      () => models.fastCnn({ inputShape: [2, 12, 13] }),
      1_224 + 6_944 + 8_448 + 2_570,
      [2, 12, 13],
      10,
    ],
    ['fastCnn with batch norm', () => models.fastCnn({ batchNorm: true }), 215_194 + 112, [1, 28, 28], 10],
    ['lenet5', () => models.lenet5(), 61_706, [1, 28, 28], 10],
    [
      'lenet5 on colour images',
      () => models.lenet5({ inputShape: CIFAR }),
      456 + 2_416 + 576 * 120 + 120 + 10_164 + 850,
      CIFAR,
      10,
    ],
    // Convolutions 144, 2·2,304, 4,608 + 9,216 + 512, 18,432 + 36,864 + 2,048; batch norms 2·(3·16 + 3·32 + 3·64);
    // linear 650.
    ['miniResNet', () => models.miniResNet(), 77_754, [1, 28, 28], 10],
    [
      'miniResNet on colour images',
      () => models.miniResNet({ inputShape: CIFAR, classes: 100 }),
      77_754 + 288 + 5_850,
      CIFAR,
      100,
    ],
  ];
  for (const [name, make, parameters, inputShape, classes] of rows) {
    test(name, () => {
      const before = memory();
      const model = make();
      expect(count(model)).toBe(parameters);
      scope(() => {
        const y = model.forward(rand([2, ...inputShape]));
        expect(y.shape).toEqual([2, classes]);
        y.backward({ gradient: rand([2, classes]) });
        for (const [key, { grad }] of model.namedParameters()) expect(grad, key).not.toBeNull();
      });
      expect(model.summary(inputShape)).toContain(`Parameters   ${parameters.toLocaleString('en-US')}, of which`);
      model.dispose();
      expect(memory().tensors).toBe(before.tensors);
    });
  }
});

describe('structure', () => {
  test('mlp', () => {
    expect(names(models.mlp({ hidden: [8, 4], batchNorm: true }))).toEqual([
      'Flatten',
      'Linear',
      'BatchNorm1d',
      'ReLU',
      'Linear',
      'BatchNorm1d',
      'ReLU',
      'Linear',
    ]);
    expect(Object.keys(models.mlp({ hidden: [8] }).stateDict())).toEqual(['1.weight', '1.bias', '3.weight', '3.bias']);
  });

  test('cnn', () => {
    const stage = ['Conv2d', 'BatchNorm2d', 'ReLU', 'AvgPool2d'];
    expect(names(models.cnn({ batchNorm: true }))).toEqual([...stage, ...stage, 'Flatten', 'Linear']);
  });

  test('miniResNet has eight weight layers besides the shortcuts', () => {
    const weights = models
      .miniResNet()
      .namedModules()
      .filter(
        ([path, module]) => (module instanceof nn.Conv2d || module instanceof nn.Linear) && !path.includes('shortcut'),
      );
    expect(weights.map(([path]) => path)).toEqual([
      '0',
      '3.body.0',
      '3.body.3',
      '5.body.0',
      '5.body.3',
      '7.body.0',
      '7.body.3',
      '11',
    ]);
  });
});

describe('wrong use', () => {
  test('sizes that make no model are refused', () => {
    expect(() => models.cnn({ inputShape: [28, 28] })).toThrow(
      /cnn: inputShape must be \[channels, height, width\], not \[28, 28\]/,
    );
    expect(() => models.lenet5({ inputShape: [1, 8, 8] })).toThrow(/lenet5: images must be at least 12×12, not 8×8/);
    expect(() => models.miniResNet({ classes: 0 })).toThrow(ArgumentError);
    expect(() => models.mlp({ hidden: [128, 0] })).toThrow(/outFeatures must be a whole number ≥ 1, not 0/);
    expect(() => models.kLayerMlp({ inputFeatures: 2.5 })).toThrow(
      /inputFeatures must be a whole number ≥ 1, not 2\.5/,
    );
  });

  test('the smallest image that is allowed works', () => {
    expect(models.lenet5({ inputShape: [1, 12, 13] }).forward(rand([1, 1, 12, 13])).shape).toEqual([1, 10]);
    expect(models.cnn({ inputShape: [1, 4, 4] }).forward(rand([1, 1, 4, 4])).shape).toEqual([1, 10]);
    expect(
      models
        .miniResNet({ inputShape: [2, 1, 1] })
        .eval()
        .forward(rand([1, 2, 1, 1])).shape,
    ).toEqual([1, 10]);
  });
});
