import { beforeEach, describe, expect, test } from 'vitest';
import { manualSeed, memory, models, nn, rand, scope } from '../../src/index.js';

beforeEach(() => manualSeed(1));

const count = (model: nn.AnyModule) => model.parameters().reduce((sum, { size }) => sum + size, 0);

const CIFAR = [3, 32, 32];

describe('shapes and sizes', () => {
  const rows: [string, () => nn.Module, parameters: number, inputShape: readonly number[], classes: number][] = [
    ['lenet5', () => models.lenet5(), 61_706, [1, 28, 28], 10],
    ['lenet5 on colour images', () => models.lenet5({ inputShape: CIFAR }), 456 + 2_416 + 576 * 120 + 120 + 10_164 + 850, CIFAR, 10],
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

describe('wrong use', () => {
  test('sizes that make no model are refused', () => {
    expect(() => models.lenet5({ inputShape: [1, 8, 8] })).toThrow(/lenet5: images must be at least 12×12, not 8×8/);
  });

  test('the smallest image that is allowed works', () => {
    expect(models.lenet5({ inputShape: [1, 12, 13] }).forward(rand([1, 1, 12, 13])).shape).toEqual([1, 10]);
  });
});
