import { beforeEach, describe, expect, test } from 'vitest';
import { ArgumentError, full, manualSeed, memory, nn, ShapeError, type Tensor, zeros } from '../../src/index.js';

const { init } = nn;

beforeEach(() => manualSeed(1));

/** Moments and extremes of the elements. */
function describeValues(x: Tensor): { mean: number; std: number; low: number; high: number } {
  const values = Array.from(x.view());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { mean, std, low: Math.min(...values), high: Math.max(...values) };
}

/** 40,000 numbers uniform in ±bound: mean and deviation within five standard errors, all inside, some near the ends. */
function expectUniform(x: Tensor, low: number, high: number): void {
  const width = high - low;
  const got = describeValues(x);
  const std = width / Math.sqrt(12);
  expect(Math.abs(got.mean - (low + high) / 2)).toBeLessThan((5 * std) / Math.sqrt(x.size));
  expect(Math.abs(got.std - std)).toBeLessThan((5 * std * Math.sqrt(0.2)) / Math.sqrt(x.size));
  expect(got.low).toBeGreaterThanOrEqual(Math.fround(low));
  expect(got.low).toBeLessThan(low + 0.001 * width);
  expect(got.high).toBeLessThanOrEqual(Math.fround(high));
  expect(got.high).toBeGreaterThan(high - 0.001 * width);
}

function expectNormal(x: Tensor, mean: number, std: number): void {
  const got = describeValues(x);
  expect(Math.abs(got.mean - mean)).toBeLessThan((5 * std) / Math.sqrt(x.size));
  expect(Math.abs(got.std - std)).toBeLessThan((5 * std) / Math.sqrt(2 * x.size));
  expect(got.high).toBeGreaterThan(mean + 3 * std); // No uniform reaches that far.
}

describe('distributions', () => {
  // A convolution of 100 outputs, 4 inputs and a 10×10 window: fanIn 400, fanOut 10,000.
  const weight = () => zeros([100, 4, 10, 10]);

  test('uniform and normal', () => {
    expectUniform(init.uniform(weight()), 0, 1);
    expectUniform(init.uniform(weight(), -3, 5), -3, 5);
    expectNormal(init.normal(weight()), 0, 1);
    expectNormal(init.normal(weight(), 2, 0.5), 2, 0.5);
  });

  test('xavier', () => {
    const bound = Math.sqrt(6 / 10_400);
    expectUniform(init.xavierUniform(weight()), -bound, bound);
    expectUniform(init.xavierUniform(weight(), 5 / 3), (-5 / 3) * bound, (5 / 3) * bound);
    expectNormal(init.xavierNormal(weight(), 2), 0, 2 * Math.sqrt(2 / 10_400));
  });

  test('kaiming', () => {
    const bound = Math.sqrt(2) * Math.sqrt(3 / 400);
    expectUniform(init.kaimingUniform(weight()), -bound, bound);
    expectUniform(init.kaimingUniform(weight(), { a: Math.sqrt(5) }), -1 / 20, 1 / 20);
    expectNormal(init.kaimingNormal(weight(), { mode: 'fanOut', nonlinearity: 'relu' }), 0, Math.sqrt(2) / 100);
    expectNormal(init.kaimingNormal(weight(), { nonlinearity: 'tanh' }), 0, 5 / 3 / 20);
  });

  test('truncNormal stays inside and keeps the shape of the bell', () => {
    const x = init.truncNormal(weight(), { mean: 1, std: 2, low: -1, high: 3 });
    const { mean, std, low, high } = describeValues(x);
    expect([low >= -1, high <= 3]).toEqual([true, true]);
    expect(mean).toBeCloseTo(1, 1);
    // A normal cut at ±1 deviation: variance 1 − 2φ(1)/(2Φ(1) − 1) = 0.2911.
    expect(std).toBeCloseTo(2 * Math.sqrt(0.2911), 1);
    expect(() => init.truncNormal(zeros([2]), { low: 50, high: 51 })).toThrow(ArgumentError);
  });

  test('orthogonal: rows of a wide weight, columns of a tall one', () => {
    for (const shape of [
      [5, 8],
      [8, 5],
      [6, 6],
      [4, 2, 3],
      [3, 1],
      [1, 3],
    ] as const) {
      const x = init.orthogonal(zeros(shape), 2);
      const [rows, columns] = [shape[0], x.size / shape[0]];
      const wide = rows <= columns;
      const values = x.view();
      const element = (vector: number, i: number) =>
        wide ? values[vector * columns + i]! : values[i * columns + vector]!;
      for (let a = 0; a < Math.min(rows, columns); a++) {
        for (let b = 0; b <= a; b++) {
          let product = 0;
          for (let i = 0; i < Math.max(rows, columns); i++) product += element(a, i) * element(b, i);
          expect(product).toBeCloseTo(a === b ? 4 : 0, 5);
        }
      }
    }
    expect(init.orthogonal(zeros([0, 3])).size).toBe(0);
  });
});

describe('constants', () => {
  test('constant, zeros, ones, eye', () => {
    expect(init.constant(zeros([2]), 0.5).toArray()).toEqual([0.5, 0.5]);
    expect(init.zeros(full([2], 3)).toArray()).toEqual([0, 0]);
    expect(init.ones(zeros([2])).toArray()).toEqual([1, 1]);
    expect(init.eye(full([2, 3], 7)).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });

  test('gains are those of PyTorch', () => {
    expect(init.calculateGain('linear')).toBe(1);
    expect(init.calculateGain('sigmoid')).toBe(1);
    expect(init.calculateGain('tanh')).toBe(5 / 3);
    expect(init.calculateGain('relu')).toBe(Math.sqrt(2));
    expect(init.calculateGain('leakyRelu')).toBeCloseTo(1.4141428569978354, 15);
    expect(init.calculateGain('leakyRelu', 0.2)).toBeCloseTo(1.3867504905630728, 15);
    expect(init.calculateGain('selu')).toBe(0.75);
  });
});

describe('behaviour', () => {
  test('fills in place and returns the tensor, without recording, and leaves nothing behind', () => {
    const x = zeros([3, 3]).requireGrad();
    const before = memory();
    const all = [
      init.uniform,
      init.normal,
      init.zeros,
      init.ones,
      init.eye,
      init.xavierUniform,
      init.xavierNormal,
      init.kaimingUniform,
      init.kaimingNormal,
      init.orthogonal,
      init.truncNormal,
    ];
    for (const fill of all as ((x: Tensor) => Tensor)[]) expect(fill(x)).toBe(x);
    expect(x.node).toBeNull();
    expect(memory().tensors).toBe(before.tensors);
  });

  test('a seed gives the same weights', () => {
    const draw = () =>
      [init.kaimingUniform(zeros([3, 3])), init.truncNormal(zeros([30])), init.orthogonal(zeros([3, 3]))].map((x) =>
        x.toArray(),
      );
    const first = draw();
    expect(draw()).not.toEqual(first);
    manualSeed(1);
    expect(draw()).toEqual(first);
  });

  test('empty weights stay empty, vectors have no fan', () => {
    expect(init.kaimingUniform(zeros([3, 0])).size).toBe(0);
    expect(init.xavierNormal(zeros([0, 3])).size).toBe(0);
    expect(() => init.kaimingNormal(zeros([3]))).toThrow(ShapeError);
    expect(() => init.xavierUniform(zeros([3]))).toThrow(/init\.xavierUniform: a weight has two axes/);
    expect(() => init.eye(zeros([3]))).toThrow(ShapeError);
    expect(() => init.orthogonal(zeros([3]))).toThrow(ShapeError);
  });

  test('what is misspelt is refused', () => {
    expect(() => init.kaimingNormal(zeros([2, 2]), { mode: 'fan_in' as 'fanIn' })).toThrow(
      /'fanIn' or 'fanOut', not 'fan_in'/,
    );
    expect(() => init.calculateGain('leaky_relu' as 'relu')).toThrow(ArgumentError);
  });
});
