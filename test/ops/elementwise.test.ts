/** What the case table cannot say: integers, errors, special values. */
import { beforeAll, describe, expect, test } from 'vitest';
import { add, broadcastTo, cast, div, init, memory, mul, ones, scope, ShapeError, sub, tensor, zeros, type Tensor } from '../../src/index.js';
import { sumTo } from '../../src/ops/broadcast.js';

beforeAll(() => init());

const values = (run: () => Tensor) => scope(() => {
  const y = run();
  return { dtype: y.dtype, values: y.toArray() };
});

describe('cast', () => {
  test('float to int32 truncates and saturates, in vectors and in the rest', () => {
    const xs = [1.9, -1.9, 0.5, 3e9, -3e9, NaN, Infinity];
    expect(values(() => tensor(xs).to('int32'))).toEqual({ dtype: 'int32', values: [1, -1, 0, 2147483647, -2147483648, 0, 2147483647] });
  });
  test('float to uint8 truncates and saturates', () => {
    expect(values(() => tensor([1.9, -3, 255.9, 300, NaN]).to('uint8'))).toEqual({ dtype: 'uint8', values: [1, 0, 255, 255, 0] });
  });
  test('int32 to uint8 keeps the low byte', () => {
    expect(values(() => tensor([7, 257, -1], { dtype: 'int32' }).to('uint8'))).toEqual({ dtype: 'uint8', values: [7, 1, 255] });
  });
  test('integers to float32', () => {
    expect(values(() => tensor([1, -2, 16777217, 4, 5], { dtype: 'int32' }).float())).toEqual({ dtype: 'float32', values: [1, -2, 16777216, 4, 5] });
    expect(values(() => tensor([0, 255, 7, 128, 9], { dtype: 'uint8' }).float())).toEqual({ dtype: 'float32', values: [0, 255, 7, 128, 9] });
    expect(values(() => tensor([0, 255, 7, 128, 9], { dtype: 'uint8' }).int())).toEqual({ dtype: 'int32', values: [0, 255, 7, 128, 9] });
  });
  test('to the type it has gives the tensor itself', () => scope(() => {
    const x = tensor([1]);
    expect(cast(x, 'float32')).toBe(x);
  }));
});

describe('integer arithmetic', () => {
  const ints = (...xs: number[]) => tensor(xs, { dtype: 'int32' });
  test('stays int32 beyond what float32 can hold', () => {
    expect(values(() => add(ints(16777217, 1, 2, 3, 4), 2))).toEqual({ dtype: 'int32', values: [16777219, 3, 4, 5, 6] });
    expect(values(() => mul(ints(3, 4), tensor([5, 6], { dtype: 'uint8' })))).toEqual({ dtype: 'int32', values: [15, 24] });
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

describe('shapes that do not broadcast', () => {
  test('name the operation, both shapes and the axis', () => scope(() => {
    expect(() => add(zeros([2, 3]), zeros([4, 3]))).toThrow(ShapeError);
    expect(() => add(zeros([2, 3]), zeros([4, 3]))).toThrow(/add: shapes \[2, 3\] and \[4, 3\].*axis −2 has 2 and 4/);
    expect(() => broadcastTo(zeros([2, 3]), [4, 3])).toThrow(/axis 0 has 2, wanted 4/);
    expect(() => broadcastTo(zeros([2, 3]), [3])).toThrow(ShapeError);
  }));
});

describe('sumTo', () => {
  test('keeps the digits that a float32 total would lose', () => scope(() => {
    const big = [1e8, 1, 1, 1, 1, 1, 1, 1, -1e8, 1, 1, 1];
    expect(sumTo(tensor(big, { shape: [12, 1] }), [1]).toArray()).toEqual([10]);
  }));
  test('adds a million ones to a million', () => scope(() => {
    expect(sumTo(ones([1000, 1000]), []).item()).toBe(1e6);
    expect(sumTo(ones([1000, 1001]), [1001]).toArray()).toEqual(new Array(1001).fill(1000));
  }));
  test('of nothing is 0', () => scope(() => {
    expect(sumTo(zeros([0, 3]), [3]).toArray()).toEqual([0, 0, 0]);
  }));
});
