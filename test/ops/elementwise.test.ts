/** What the case table cannot say: integers, errors, special values. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  abs,
  add,
  broadcastTo,
  cast,
  clamp,
  DTypeError,
  div,
  elu,
  eq,
  gelu,
  init,
  leakyRelu,
  log,
  maximum,
  memory,
  minimum,
  mul,
  ne,
  ones,
  pow,
  reciprocal,
  relu,
  rsqrt,
  ShapeError,
  scope,
  silu,
  softplus,
  sqrt,
  sub,
  type Tensor,
  tensor,
  where,
  zeros,
} from '../../src/index.js';
import { sumTo } from '../../src/ops/elementwise/broadcast.js';

beforeAll(() => init());

const values = (run: () => Tensor) =>
  scope(() => {
    const y = run();
    return { dtype: y.dtype, values: y.toArray() };
  });

describe('cast', () => {
  test('float to integers truncates, in vectors and in the rest', () => {
    expect(values(() => tensor([1.9, -1.9, 0.5, 2e9, -2e9]).to('int32'))).toEqual({
      dtype: 'int32',
      values: [1, -1, 0, 2e9, -2e9],
    });
    expect(values(() => tensor([1.9, -0.5, 255.9, 30, 7]).to('uint8'))).toEqual({
      dtype: 'uint8',
      values: [1, 0, 255, 30, 7],
    });
  });
  test('what does not fit is named, in vectors and in the rest', () => {
    for (const at of [0, 3, 4]) {
      for (const [bad, dtype] of [
        [NaN, 'int32'],
        [3e9, 'int32'],
        [-Infinity, 'int32'],
        [256, 'uint8'],
        [-1, 'uint8'],
        [NaN, 'uint8'],
      ] as const) {
        expect(() => scope(() => tensor([1, 2, 3, 4, 5].with(at, bad)).to(dtype))).toThrow(
          `the value at [${at}] is ${bad}, which does not fit ${dtype}`,
        );
      }
      expect(() => scope(() => tensor([1, 2, 3, 4, 5].with(at, 257), { dtype: 'int32' }).to('uint8'))).toThrow(
        `the value at [${at}] is 257`,
      );
    }
  });
  test('integers to float32', () => {
    expect(values(() => tensor([1, -2, 16777217, 4, 5], { dtype: 'int32' }).float())).toEqual({
      dtype: 'float32',
      values: [1, -2, 16777216, 4, 5],
    });
    expect(values(() => tensor([0, 255, 7, 128, 9], { dtype: 'uint8' }).float())).toEqual({
      dtype: 'float32',
      values: [0, 255, 7, 128, 9],
    });
    expect(values(() => tensor([0, 255, 7, 128, 9], { dtype: 'uint8' }).int())).toEqual({
      dtype: 'int32',
      values: [0, 255, 7, 128, 9],
    });
  });
  test('to the type it has gives the tensor itself', () =>
    scope(() => {
      const x = tensor([1]);
      expect(cast(x, 'float32')).toBe(x);
    }));
});

describe('integer arithmetic', () => {
  const ints = (...xs: number[]) => tensor(xs, { dtype: 'int32' });
  test('stays int32 beyond what float32 can hold', () => {
    expect(values(() => add(ints(16777217, 1, 2, 3, 4), 2))).toEqual({
      dtype: 'int32',
      values: [16777219, 3, 4, 5, 6],
    });
    expect(values(() => mul(ints(3, 4), tensor([5, 6], { dtype: 'uint8' })))).toEqual({
      dtype: 'int32',
      values: [15, 24],
    });
    expect(values(() => sub(1, ints(3, 4)))).toEqual({ dtype: 'int32', values: [-2, -3] });
  });
  test('is float32 with a float operand, a fraction, or a division', () => {
    expect(values(() => add(ints(1), 0.5))).toEqual({ dtype: 'float32', values: [1.5] });
    expect(values(() => add(ints(1), tensor([2.25])))).toEqual({ dtype: 'float32', values: [3.25] });
    expect(values(() => div(ints(1), ints(4)))).toEqual({ dtype: 'float32', values: [0.25] });
  });
  test('leaves no converted copy behind', () => {
    const x = ints(1, 2, 3);
    const before = memory();
    x.add(0.5).dispose();
    x.exp().dispose();
    expect(memory().bytes).toBe(before.bytes);
    x.dispose();
  });
});

describe('abs, neg, square, maximum, minimum of integers', () => {
  const x = () => tensor([3, -4, 16777217], { dtype: 'int32' });
  test('stay int32', () => {
    expect(values(() => x().neg())).toEqual({ dtype: 'int32', values: [-3, 4, -16777217] });
    expect(values(() => x().abs())).toEqual({ dtype: 'int32', values: [3, 4, 16777217] });
    const squares = values(() => tensor([4097, -46340], { dtype: 'int32' }).square());
    expect(squares).toEqual({ dtype: 'int32', values: [16785409, 2147395600] });
    expect(values(() => maximum(x(), 0))).toEqual({ dtype: 'int32', values: [3, 0, 16777217] });
    expect(values(() => minimum(x(), 0))).toEqual({ dtype: 'int32', values: [0, -4, 0] });
  });
});

test('powers of integers are float32, whatever the exponent', () => {
  for (const exponent of [2, 3, -2, 4]) {
    const powers = values(() => pow(tensor([2], { dtype: 'int32' }), exponent));
    expect(powers).toEqual({ dtype: 'float32', values: [2 ** exponent] });
  }
});

describe('compare', () => {
  test('int32 exactly, beyond what float32 can hold', () => {
    expect(values(() => eq(tensor([16777217, 5], { dtype: 'int32' }), 16777216))).toEqual({
      dtype: 'uint8',
      values: [0, 0],
    });
  });
  test('integers with a fraction as numbers', () => {
    expect(values(() => tensor([1, 2, 3], { dtype: 'int32' }).gt(1.5))).toEqual({ dtype: 'uint8', values: [0, 1, 1] });
    expect(values(() => tensor([1, 2, 3], { dtype: 'uint8' }).le(2.5))).toEqual({ dtype: 'uint8', values: [1, 1, 0] });
  });
  test('integers with a float32 tensor as float32, as in PyTorch', () => {
    const mask = values(() => tensor([16777217, 3], { dtype: 'int32' }).eq(tensor([16777216, 3])));
    expect(mask).toEqual({ dtype: 'uint8', values: [1, 1] });
  });
  test('NaN equals nothing', () => {
    expect(values(() => eq(tensor([NaN, 1]), NaN)).values).toEqual([0, 0]);
    expect(values(() => ne(tensor([NaN, 1]), NaN)).values).toEqual([1, 1]);
    expect(values(() => tensor([NaN, 1]).ge(NaN)).values).toEqual([0, 0]);
  });
});

describe('where', () => {
  test('of integers stays int32', () => {
    const ints = (...xs: number[]) => tensor(xs, { dtype: 'int32' });
    expect(values(() => where(tensor([1, 0, 255], { dtype: 'uint8' }), ints(16777217, 2, 3), -1))).toEqual({
      dtype: 'int32',
      values: [16777217, -1, 3],
    });
  });
  test('chooses without computing: NaN on the other side leaves no trace', () =>
    scope(() => {
      const x = tensor([NaN, 2], { requiresGrad: true });
      const y = x.where(tensor([0, 1], { dtype: 'uint8' }), 7);
      expect(y.toArray()).toEqual([7, 2]);
      y.backward({ gradient: tensor([NaN, 5]) });
      expect(x.grad!.toArray()).toEqual([0, 5]);
      x.zeroGrad();
    }));
  test('takes no float mask', () =>
    scope(() => {
      expect(() => where(zeros([2]), 1, 2)).toThrow(DTypeError);
    }));
});

describe('arguments', () => {
  test('are checked', () =>
    scope(() => {
      expect(() => clamp(zeros([1]), {})).toThrow(ArgumentError);
      expect(() => clamp(zeros([1]), { min: NaN })).toThrow(ArgumentError);
      expect(() => gelu(zeros([1]), { approximate: 'erf' as 'none' })).toThrow(/'none' or 'tanh', not 'erf'/);
    }));
  test('clamp of integers is int32 where the bounds are integers, and leaves nothing behind', () =>
    scope(() => {
      const x = tensor([1, 5, 9], { dtype: 'uint8' });
      const before = memory().tensors;
      expect(values(() => clamp(x, { min: 2, max: 300 }))).toEqual({ dtype: 'int32', values: [2, 5, 9] });
      expect(values(() => clamp(x, { min: 7, max: 3 }))).toEqual({ dtype: 'int32', values: [3, 3, 3] });
      expect(values(() => clamp(x, { min: 1.5, max: 6 }))).toEqual({ dtype: 'float32', values: [1.5, 5, 6] });
      const clamped = clamp(x, { min: 2, max: 6 });
      expect(memory().tensors).toBe(before + 1);
      clamped.dispose();
    }));
  test('clamp with min above max gives max', () => {
    expect(values(() => clamp(tensor([0, 5]), { min: 3, max: 1 })).values).toEqual([1, 1]);
  });
});

/** Whole numbers, infinities and NaN must be met; the last digits may differ from PyTorch's own approximations. */
function expectNear(got: number, want: number, what: string): void {
  if (Number.isInteger(want) || !Number.isFinite(want)) expect(got, what).toBe(want);
  else expect(got, what).toBeCloseTo(want, 6);
}

/** Values and gradients at kinks, poles and NaN, as PyTorch 1.13 prints them. */
describe("PyTorch's conventions", () => {
  const at = [-1, 0, 1, NaN, Infinity];
  const rows: readonly [string, (x: Tensor) => Tensor, number[], number[]][] = [
    ['relu', relu, [0, 0, 1, NaN, Infinity], [0, 0, 1, 1, 1]],
    ['abs', abs, [1, 0, 1, NaN, Infinity], [-1, 0, 1, 0, 1]],
    ['leakyRelu', (x) => leakyRelu(x, 0.25), [-0.25, 0, 1, NaN, Infinity], [0.25, 0.25, 1, 0.25, 1]],
    ['elu', (x) => elu(x, 2), [-1.264241099357605, 0, 1, NaN, Infinity], [0.735758900642395, 2, 1, 1, 1]],
    ['clamp', (x) => clamp(x, { min: -1, max: 1 }), [-1, 0, 1, NaN, 1], [1, 1, 1, 0, 0]],
    ['clamp from 0', (x) => clamp(x, { min: 0 }), [0, 0, 1, NaN, Infinity], [0, 1, 1, 0, 1]],
    ['sqrt', sqrt, [NaN, 0, 1, NaN, Infinity], [NaN, Infinity, 0.5, NaN, 0]],
    ['rsqrt', rsqrt, [NaN, Infinity, 1, NaN, 0], [NaN, -Infinity, -0.5, NaN, -0]],
    ['reciprocal', reciprocal, [-1, Infinity, 1, NaN, 0], [-1, -Infinity, -1, NaN, -0]],
    ['x^3', (x) => pow(x, 3), [-1, 0, 1, NaN, Infinity], [3, 0, 3, NaN, Infinity]],
    ['x^0', (x) => pow(x, 0), [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]],
    ['x^1', (x) => pow(x, 1), [-1, 0, 1, NaN, Infinity], [1, 1, 1, 1, 1]],
    ['log', log, [NaN, -Infinity, 0, NaN, Infinity], [-1, Infinity, 1, NaN, 0]],
    [
      'softplus',
      softplus,
      [0.3132616877555847, 0.6931471824645996, 1.31326162815094, NaN, Infinity],
      [0.2689414322376251, 0.5, 0.7310585975646973, NaN, 1],
    ],
    [
      'gelu',
      gelu,
      [-0.1586552858352661, 0, 0.8413447141647339, NaN, Infinity],
      [-0.08331543207168579, 0.5, 1.083315372467041, NaN, NaN],
    ],
    [
      'silu',
      silu,
      [-0.2689414322376251, 0, 0.7310585975646973, NaN, Infinity],
      [0.07232948392629623, 0.5, 0.9276705384254456, NaN, NaN],
    ],
    ['maximum with 0', (x) => maximum(x, 0), [0, 0, 1, NaN, Infinity], [0, 0.5, 1, 1, 1]],
    ['minimum with 0', (x) => minimum(x, 0), [-1, 0, 0, NaN, 0], [1, 0.5, 0, 1, 0]],
  ];
  for (const [name, run, wantY, wantDx] of rows) {
    test(name, () =>
      scope(() => {
        const x = tensor(at, { requiresGrad: true });
        const y = run(x);
        y.backward({ gradient: ones([at.length]) });
        const dx = x.grad!.data();
        wantY.forEach((want, i) => expectNear(y.item(i), want, `value at ${at[i]}`));
        wantDx.forEach((want, i) => expectNear(dx[i]!, want, `slope at ${at[i]}`));
        x.zeroGrad();
      }),
    );
  }

  // base, exponent, power, d base, d exponent
  const powers = [
    [0, 0, 1, 0, 0],
    [0, 1, 0, 1, 0],
    [0, 2.5, 0, 0, 0],
    [0, -1.5, Infinity, -Infinity, -Infinity],
    [-0, -3, -Infinity, -Infinity, Infinity],
    [-0, 3, -0, 0, 0],
    [-0, 2.5, 0, 0, 0],
    [-8, 0.3333333333333333, NaN, NaN, NaN],
    [-2, 4, 16, -32, NaN],
    [-2, 5, -32, 80, NaN],
    [1, NaN, 1, NaN, 0],
    [1, Infinity, 1, Infinity, 0],
    [NaN, 0, 1, 0, NaN],
    [NaN, 1.5, NaN, NaN, NaN],
    [-1, Infinity, 1, Infinity, NaN],
    [-1, -Infinity, 1, -Infinity, NaN],
    [2, Infinity, Infinity, Infinity, Infinity],
    [2, -Infinity, 0, NaN, 0],
    [0.5, Infinity, 0, NaN, -0],
    [0.5, -Infinity, Infinity, -Infinity, -Infinity],
    [Infinity, 2.5, Infinity, Infinity, Infinity],
    [Infinity, -2.5, 0, -0, NaN],
    [-Infinity, 3, -Infinity, Infinity, NaN],
    [-Infinity, 2.5, Infinity, Infinity, NaN],
    [0, Infinity, 0, NaN, 0],
    [0, -Infinity, Infinity, -Infinity, -Infinity],
    [2, NaN, NaN, NaN, NaN],
    [10, 38.6, Infinity, Infinity, Infinity],
    [10, -46, 0, -0, 0],
  ] as const;
  for (const [base, exponent, want, dBase, dExponent] of powers) {
    test(`${base}^${exponent}`, () =>
      scope(() => {
        const a = tensor([base], { requiresGrad: true });
        const b = tensor([exponent], { requiresGrad: true });
        const y = pow(a, b);
        y.backward();
        expect([y.item(), a.grad!.item(), b.grad!.item()]).toEqual([want, dBase, dExponent]);
        a.zeroGrad();
        b.zeroGrad();
      }));
  }
});

describe('shapes that do not broadcast', () => {
  test('name the operation, both shapes and the axis', () =>
    scope(() => {
      expect(() => add(zeros([2, 3]), zeros([4, 3]))).toThrow(ShapeError);
      expect(() => add(zeros([2, 3]), zeros([4, 3]))).toThrow(/add: shapes \[2, 3\] and \[4, 3\].*axis −2 has 2 and 4/);
      expect(() => broadcastTo(zeros([2, 3]), [4, 3])).toThrow(/axis 0 has 2, wanted 4/);
      expect(() => broadcastTo(zeros([2, 3]), [3])).toThrow(ShapeError);
    }));
});

describe('sumTo', () => {
  test('keeps the digits that a float32 total would lose', () =>
    scope(() => {
      const big = [1e8, 1, 1, 1, 1, 1, 1, 1, -1e8, 1, 1, 1];
      expect(sumTo(tensor(big, { shape: [12, 1] }), [1]).toArray()).toEqual([10]);
    }));
  test('adds a million ones to a million', () =>
    scope(() => {
      expect(sumTo(ones([1000, 1000]), []).item()).toBe(1e6);
      expect(sumTo(ones([1000, 1001]), [1001]).toArray()).toEqual(new Array(1001).fill(1000));
    }));
  test('of nothing is 0', () =>
    scope(() => {
      expect(sumTo(zeros([0, 3]), [3]).toArray()).toEqual([0, 0, 0]);
    }));
});
