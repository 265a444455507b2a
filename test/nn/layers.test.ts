import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  manualSeed,
  memory,
  nn,
  ones,
  randn,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.js';
import { layers } from '../cases/layers.js';

beforeEach(() => manualSeed(1));

describe('each layer', () => {
  for (const { make, text, state = {}, input, output, same } of layers) {
    test(text.replaceAll(/\s+/g, ' '), () => {
      const before = memory();
      scope(() => {
        const module = make();
        expect(String(module)).toBe(text);
        expect(Object.fromEntries(Object.entries(module.stateDict()).map(([key, { shape }]) => [key, shape]))).toEqual(
          state,
        );
        expect(Object.keys(module.stateDict())).toEqual(Object.keys(state));

        const x = randn(input).requireGrad();
        const y = module.forward(x);
        expect(y.shape).toEqual(output);
        expect(y.toArray()).toEqual(same(module, x).toArray());

        // Every parameter takes part.
        y.backward({ gradient: randn(output) });
        for (const [key, parameter] of module.namedParameters())
          expect(parameter.grad?.shape, key).toEqual(parameter.shape);
        x.zeroGrad();
        module.dispose();
      });
      expect(memory().tensors).toBe(before.tensors);
    });
  }
});

/** Uniform in ±bound: nothing outside, and with 2,000 numbers, some in the outer percents. */
function expectUniform(x: Tensor, bound: number): void {
  const largest = Math.max(...Array.from(x.view(), Math.abs));
  expect(largest).toBeLessThanOrEqual(Math.fround(bound));
  expect(largest).toBeGreaterThan(0.98 * bound);
}

describe('Embedding', () => {
  const indices = () =>
    tensor(
      [
        [1, 3],
        [0, 1],
      ],
      { dtype: 'int32' },
    );

  test('looks rows up', () => {
    const layer = new nn.Embedding(4, 2);
    expect(String(layer)).toBe('Embedding(4, 2)');
    layer.weight.assign([0, 1, 10, 11, 20, 21, 30, 31]);
    expect(layer.forward(indices()).toArray()).toEqual([
      [
        [10, 11],
        [30, 31],
      ],
      [
        [0, 1],
        [10, 11],
      ],
    ]);
  });

  test('the row of paddingIdx begins as zeros and gets no gradient', () => {
    const layer = new nn.Embedding(4, 2, { paddingIdx: -3 });
    expect(String(layer)).toBe('Embedding(4, 2, paddingIdx=1)');
    expect((layer.weight.toArray() as number[][])[1]).toEqual([0, 0]);
    layer.forward(indices()).backward({ gradient: ones([2, 2, 2]) });
    expect(layer.weight.grad!.toArray()).toEqual([
      [1, 1],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
    layer.resetParameters();
    expect((layer.weight.toArray() as number[][])[1]).toEqual([0, 0]);
    expect(() => new nn.Embedding(4, 2, { paddingIdx: 4 })).toThrow(/paddingIdx 4 is none of the 4 rows/);
  });

  test('a summary runs it on int32 zeros', () => {
    expect(new nn.Sequential(new nn.Embedding(4, 2), new nn.Flatten()).summary([3], { dtype: 'int32' })).toMatch(
      /0: Embedding +\[1, 3, 2\] +8/,
    );
  });

  test('an index outside the table is told with its layer', () => {
    expect(() => new nn.Sequential(new nn.Embedding(3, 2)).forward(indices())).toThrow(/3[\s\S]*\(in layer 0\)/);
    expect(() => new nn.Embedding(3, 0)).toThrow(/embeddingDim/);
  });
});

describe('initial values', () => {
  test('Embedding: normal, mean 0 and deviation 1', () => {
    const values = Array.from(new nn.Embedding(100, 100).weight.view());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    // Five standard errors of each.
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(variance - 1)).toBeLessThan(0.0708);
    expect(Math.max(...values)).toBeGreaterThan(3);
  });

  test('Linear: weight and bias uniform in ±1/√inFeatures', () => {
    const { weight, bias } = new nn.Linear(16, 2000);
    expectUniform(weight, 1 / 4);
    expectUniform(bias!, 1 / 4);
  });

  test('convolutions: weight and bias uniform in ±1/√fanIn, the fan of the second axis of the weight', () => {
    const plain = new nn.Conv2d(8, 300, [3, 2], { groups: 2 }); // Each output sees 4·3·2 inputs.
    expectUniform(plain.weight, 1 / Math.sqrt(24));
    expectUniform(plain.bias!, 1 / Math.sqrt(24));
    const transposed = new nn.ConvTranspose2d(300, 8, [3, 2], { groups: 2 });
    expectUniform(transposed.weight, 1 / Math.sqrt(24));
  });

  test('a seed gives the same model; resetParameters draws anew', () => {
    const make = () => new nn.Sequential(new nn.Linear(3, 4), new nn.Linear(4, 2));
    const values = (module: nn.AnyModule) => module.parameters().map((parameter) => parameter.toArray());
    const first = make();
    expect(values(make())).not.toEqual(values(first));
    manualSeed(1);
    expect(values(make())).toEqual(values(first));
    const before = values(first);
    first.apply((module) => {
      if (module instanceof nn.Linear) module.resetParameters();
    });
    expect(values(first)).not.toEqual(before);
  });
});

describe('wrong use', () => {
  test('Linear on images says which layer, both shapes, the axis, and to flatten', () => {
    const model = new nn.Sequential({ features: new nn.Sequential(new nn.ReLU(), new nn.Linear(784, 10)) });
    expect(() => model.forward(zeros([64, 1, 28, 28]))).toThrow(ShapeError);
    expect(() => model.forward(zeros([64, 1, 28, 28]))).toThrow(
      /^linear: the input \(shape \[64, 1, 28, 28\]\) has 28 features on axis 3, but weight \[10, 784\] expects 784 /,
    );
    expect(() => model.forward(zeros([64, 1, 28, 28]))).toThrow(/ 784 \(in layer features\.1\)\n {2}hint: .*Flatten/);
    expect(() => model.forward(zeros([64, 100]))).toThrow(
      /has 100 features on axis 1.* expects 784[\s\S]*inFeatures = 100/,
    );
  });

  test('sizes must be whole numbers', () => {
    expect(() => new nn.Linear(784, undefined as unknown as number)).toThrow(
      /Linear: outFeatures must be a whole number ≥ 1, not left out/,
    );
    expect(() => new nn.Linear(0, 1)).toThrow(ArgumentError);
  });

  test('convolutions check their options at once, and their channels when they run', () => {
    expect(() => new nn.Conv2d(3, 4, 3, { groups: 2 })).toThrow(
      /Conv2d: inChannels = 3 cannot be shared out among 2 groups/,
    );
    expect(() => new nn.Conv2d(2, 3, 3, { groups: 2 })).toThrow(/outChannels = 3/);
    expect(() => new nn.ConvTranspose2d(2, 3, 0)).toThrow(/ConvTranspose2d: kernelSize/);
    expect(() => new nn.Conv2d(1, 4, 3, { padding: -1 })).toThrow(/Conv2d: padding/);
    expect(() => new nn.Conv2d(1, 4, 3, { padding: 'full' as 'same' })).toThrow(ArgumentError);
    expect(() => new nn.Sequential(new nn.Conv2d(1, 4, 3)).forward(zeros([2, 3, 8, 8]))).toThrow(
      /has 3 channels[\s\S]*\(in layer 0\)/,
    );
  });

  test('pools check their options at once', () => {
    expect(() => new nn.MaxPool2d(0)).toThrow(/MaxPool2d: kernelSize/);
    expect(() => new nn.AvgPool2d(2, { stride: 0 })).toThrow(/AvgPool2d: stride/);
    expect(() => new nn.AdaptiveAvgPool2d([1, 1.5])).toThrow(/AdaptiveAvgPool2d: outputSize/);
  });

  test('a body that changes the shape needs a shortcut', () => {
    // @ts-expect-error the body gives 2 features, the shortcut 3
    const block = new nn.Sequential(new nn.Residual(new nn.Linear(3, 2)));
    expect(() => block.forward(zeros([5, 3]))).toThrow(
      /Residual: the body gives shape \[5, 2\], the shortcut \[5, 3\] \(in layer 0\)\n {2}hint/,
    );
  });
});
