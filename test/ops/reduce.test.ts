import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  arange,
  argmax,
  argmin,
  concat,
  DTypeError,
  full,
  logSumExp,
  max,
  mean,
  memory,
  min,
  norm,
  prod,
  RangeIndexError,
  ShapeError,
  scope,
  std,
  sum,
  type Tensor,
  tensor,
  variance,
  zeros,
} from '../../src/index.js';

/** The gradient of the sum of f(x) by x. */
function gradient(values: number[] | number[][], f: (x: Tensor) => Tensor): unknown {
  const x = tensor(values, { requiresGrad: true });
  sum(f(x)).backward();
  return x.grad!.toArray();
}

describe('accuracy', () => {
  test('a sum of a million floats is as exact as its rounding', () => {
    const x = full([1_000_003], 0.1);
    expect(sum(x).item()).toBe(Math.fround(1_000_003 * Math.fround(0.1)));
    expect(mean(x).item()).toBe(Math.fround(0.1));
    expect(sum(x.slice(0, 1_000_000).reshape([1000, 1000]), 0).toArray()).toEqual(
      new Array(1000).fill(Math.fround(100)),
    );
  });

  test('the variance of small deviations from a large mean', () => {
    const x = tensor([1e6, 1e6 + 1, 1e6 + 2, 1e6 + 3]);
    expect(variance(x).item()).toBe(Math.fround(5 / 3));
    expect(std(x, 0, { correction: 0 }).item()).toBe(Math.fround(Math.sqrt(1.25)));
  });

  test('a norm neither overflows nor vanishes', () => {
    expect(norm(tensor([3e30, 4e30])).item()).toBe(Math.fround(5e30));
    expect(norm(tensor([3e-30, 4e-30])).item()).toBe(Math.fround(5e-30));
  });
});

describe('as PyTorch', () => {
  test('NaN spreads through max, min, argmax, argmin', () => {
    const x = tensor([
      [1, NaN, 3, NaN],
      [1, 5, 3, 5],
    ]);
    expect(max(x, 1).toArray()).toEqual([NaN, 5]);
    expect(min(x, 1).toArray()).toEqual([NaN, 1]);
    expect(max(x).item()).toBeNaN();
    expect(min(x).item()).toBeNaN();
    expect(argmax(x, 1).toArray()).toEqual([1, 1]);
    expect(argmin(x, 1).toArray()).toEqual([1, 0]);
    expect(argmax(x, 0).toArray()).toEqual([0, 0, 0, 0]);
  });

  test('ties: one axis gives all to the first, all axes share', () => {
    const x = [
      [1, 4, 4],
      [4, 2, 0],
    ];
    expect(gradient(x, (t) => max(t, 1))).toEqual([
      [0, 1, 0],
      [1, 0, 0],
    ]);
    expect(gradient(x, (t) => max(t, [1]))).toEqual([
      [0, 0.5, 0.5],
      [1, 0, 0],
    ]);
    expect(
      gradient(
        [
          [1, 4, 4],
          [4, 4, 0],
        ],
        (t) => max(t),
      ),
    ).toEqual([
      [0, 0.25, 0.25],
      [0.25, 0.25, 0],
    ]);
    expect(gradient([2, 1, 1], (t) => min(t))).toEqual([0, 0.5, 0.5]);
  });

  test('norms at 0', () => {
    for (const p of [0.5, 1, 1.5, 2, 3])
      expect(
        gradient([0, 0], (t) => norm(t, [0], { p })),
        `p = ${p}`,
      ).toEqual([0, 0]);
    expect(gradient([0, -2], (t) => norm(t, [0], { p: 1 }))).toEqual([0, -1]);
    expect(gradient([3, -3, 1], (t) => norm(t, [0], { p: Infinity }))).toEqual([0.5, -0.5, 0]);
  });

  test('variance and deviation of one element, of equal elements', () => {
    expect(variance(tensor([3])).item()).toBeNaN();
    expect(gradient([3], (t) => variance(t))).toEqual([NaN]);
    expect(gradient([2, 2], (t) => std(t))).toEqual([0, 0]);
    expect(variance(tensor([3]), 0, { correction: 0 }).item()).toBe(0);
  });

  test('of nothing', () => {
    expect(sum(zeros([0])).item()).toBe(0);
    expect(mean(zeros([0])).item()).toBeNaN();
    expect(prod(zeros([0])).item()).toBe(1);
    expect(norm(zeros([0])).item()).toBe(0);
    expect(variance(zeros([0])).item()).toBeNaN();
  });
});

describe('integers', () => {
  const ints = (values: number[] | number[][]) => tensor(values, { dtype: 'int32' });
  const caught = (run: () => unknown): unknown => {
    try {
      run();
    } catch (error) {
      return error;
    }
    return undefined;
  };

  test('of a sum whose parts are longer than a double', () =>
    scope(() => {
      const count = 5_000_000;
      const options = { dtype: 'int32' } as const;
      const x = concat([
        full([count], 2147483647, options),
        full([1], 7, options),
        full([count], -2147483647, options),
      ]);
      expect(sum(x).item()).toBe(7);
      expect(mean(x).item()).toBe(Math.fround(7 / x.size));
    }));

  test('a sum or product to the ends of int32 is exact, beyond them an error', () =>
    scope(() => {
      expect(sum(ints([2147483646, 1])).item()).toBe(2147483647);
      expect(sum(ints([-2147483647, -1])).item()).toBe(-2147483648);
      expect(prod(ints([65536, -32768])).item()).toBe(-2147483648);
      expect(prod(ints([2147483647, 1, 1])).item()).toBe(2147483647);
      for (const [where, result, run] of [
        ['sum', '2147483648', () => sum(ints([2147483647, 1]))],
        [
          'sum',
          '-2147483649',
          () =>
            sum(
              ints([
                [1, -2147483648],
                [1, -1],
              ]),
              0,
            ),
        ],
        ['prod', '2147483648', () => prod(ints([65536, 32768]))],
        [
          'prod',
          '-4294967296',
          () =>
            prod(
              ints([
                [3, 65536],
                [5, -65536],
              ]),
              [0],
            ),
        ],
      ] as const) {
        const error = caught(run);
        expect(error).toBeInstanceOf(DTypeError);
        expect(error).toMatchObject({ where, hint: `convert the integers first: x.float().${where}()` });
        const problem = `the result ${result} does not fit int32, which holds -2147483648 to 2147483647`;
        expect((error as Error).message).toContain(`${where}: ${problem}`);
      }
      expect(sum(ints([2147483647, 1]).float()).item()).toBe(2147483648);
    }));

  test('a factor of 0 makes any product 0, wherever it comes', () =>
    scope(() => {
      const large = new Array<number>(60).fill(2147483647);
      expect(prod(ints([...large, 0])).item()).toBe(0);
      expect(prod(ints([0, ...large])).item()).toBe(0);
      expect(caught(() => prod(ints([...large, -1])))).toBeInstanceOf(DTypeError);
    }));

  test('have their extremes over all of int32', () =>
    scope(() => {
      const x = ints([
        [-5, -2147483648, 65536, 2147483646],
        [3, 16777217, 2147483647, 16777216],
      ]);
      expect([argmax(x).item(), argmin(x).item(), max(x).item(), min(x).item()]).toEqual([
        6, 1, 2147483647, -2147483648,
      ]);
      expect(argmax(x, 0).toArray()).toEqual([1, 1, 1, 0]);
      expect(min(x, 1).toArray()).toEqual([-2147483648, 3]);
    }));

  test('vary by what float32 does not hold, over all of int32', () =>
    scope(() => {
      expect(variance(ints([16777216, 16777217])).item()).toBe(0.5);
      expect(std(ints([-2147483648, 2147483647]), 0, { correction: 0 }).item()).toBe(2147483648);
    }));

  test('leave nothing behind, outside of scopes too, also after an error', () => {
    for (const dtype of ['int32', 'uint8'] as const) {
      const x = tensor(
        [
          [1, 2, 3],
          [255, 5, 6],
        ],
        { dtype },
      );
      const before = memory();
      for (const run of [sum, mean, max, min, prod, variance, std]) run(x, 0).dispose();
      for (const run of [argmax, argmin]) run(x, 0).dispose();
      sum(x.reshape([1, 2, 3]), [0, 2]).dispose();
      expect(memory().bytes).toBe(before.bytes);
      expect(memory().tensors).toBe(before.tensors);
      x.dispose();
    }
    const x = ints([2147483647, 2147483647]);
    const before = memory().bytes;
    expect(() => sum(x)).toThrow(DTypeError);
    expect(memory().bytes).toBe(before);
    x.dispose();
  });
});

describe('an empty list of axes', () => {
  test('names all, as in PyTorch', () =>
    scope(() => {
      const x = tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      for (const run of [sum, mean, max, min, prod, variance, std, norm, logSumExp]) {
        expect(run(x, []).data(), run.name).toEqual(run(x).data());
        expect(run(x, [], { keepDim: true }).shape, run.name).toEqual([1, 1]);
      }
      expect(sum(x.to('int32'), []).item()).toBe(21);
      expect(sum(tensor(3), []).item()).toBe(3);
    }));
});

describe('errors', () => {
  test('axes that are not there, or named twice', () => {
    expect(() => sum(zeros([2, 3]), 2)).toThrow(
      new RangeIndexError('axis 2 does not exist in a tensor of 2 axes', { where: 'sum' }),
    );
    for (const run of [sum, mean, max, min, prod, variance, std, norm, logSumExp]) {
      for (const dtype of ['float32', 'int32'] as const) {
        const x = zeros([2, 3], { dtype });
        for (const axes of [
          [0, 0],
          [0, -2],
          [1, 0, 1],
        ])
          expect(() => run(x, axes), run.name).toThrow(ArgumentError);
      }
    }
  });

  test('the extreme of nothing', () => {
    for (const op of [max, min, argmax, argmin]) {
      for (const dtype of ['float32', 'int32', 'uint8'] as const) {
        expect(() => op(zeros([0, 3], { dtype }), 0)).toThrow(ShapeError);
      }
    }
    expect(max(zeros([0, 3]), 1).shape).toEqual([0]);
  });

  test('a power that is none', () =>
    expect(() => norm(arange(3), [0], { p: 0 })).toThrow('norm: p must be > 0, not 0'));
});
