import { describe, expect, test } from 'vitest';
import {
  AutogradError,
  gradcheck,
  isGradEnabled,
  memory,
  noGrad,
  record,
  relu,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.js';
import { empty } from '../../src/tensor/create.js';

/** y = k·x, with a gradient that may be given a wrong factor. */
function times(x: Tensor, k: number, gradient = k): Tensor {
  const y = empty(x.shape).assign(x.view().map((value: number) => k * value));
  return record('times', y, [x], (dy) => [empty(x.shape).assign(dy.view().map((value: number) => gradient * value))]);
}

/** y = a + b, whose backward hands the same tensor to both. */
function plus(a: Tensor, b: Tensor): Tensor {
  const y = empty(a.shape).assign(a.view().map((value: number, i: number) => value + b.view()[i]!));
  return record('plus', y, [a, b], (dy) => [dy, dy]);
}

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe('backward', () => {
  test('sums over all paths, also when one tensor is used twice', () =>
    scope(() => {
      const x = leaf(1, 2);
      const y = plus(times(x, 3), plus(x, x));
      y.backward({ gradient: tensor([1, 10]) });
      expect(x.grad!.toArray()).toEqual([5, 50]);
    }));

  test('gradients that begin as one tensor do not disturb each other', () =>
    scope(() => {
      const [a, b] = [leaf(1), leaf(1)];
      const y = plus(plus(a, b), times(a, 4));
      y.backward();
      expect([a.grad!.item(), b.grad!.item()]).toEqual([5, 1]);
      a.grad!.assign([7]);
      expect(b.grad!.item()).toBe(1);
    }));

  test('adds to grad until zeroGrad', () =>
    scope(() => {
      const x = leaf(1);
      times(x, 2).backward();
      times(x, 3).backward();
      expect(x.grad!.item()).toBe(5);
      x.zeroGrad();
      expect(x.grad).toBeNull();
      times(x, 4).backward();
      expect(x.grad!.item()).toBe(4);
    }));

  test('sums the paths of one walk before it adds them to grad', () =>
    scope(() => {
      const x = leaf(1);
      // 2²⁴ + (1 + 1) is exact in float32; (2²⁴ + 1) + 1 is not.
      times(x, 2 ** 24).backward();
      plus(x, x).backward();
      expect(x.grad!.item()).toBe(2 ** 24 + 2);
    }));

  test('leaves a gradient on an inner tensor only when asked', () =>
    scope(() => {
      const x = leaf(1);
      const inner = times(x, 2);
      const asked = times(inner, 3).retainGrad();
      times(asked, 4).backward();
      expect(inner.grad).toBeNull();
      expect(asked.grad!.item()).toBe(4);
      expect(x.grad!.item()).toBe(24);
    }));

  test('a gradient outlives the scope it was made in', () => {
    const x = leaf(1);
    scope(() => times(x, 2).backward());
    expect(x.grad!.item()).toBe(2);
    x.zeroGrad();
    x.dispose();
  });

  test('walks a graph twice only with retainGraph', () =>
    scope(() => {
      const x = leaf(1);
      const y = times(x, 2);
      y.backward({ retainGraph: true });
      y.backward();
      expect(x.grad!.item()).toBe(4);
      expect(() => y.backward()).toThrow(/walked before[\s\S]*retainGraph/);
    }));

  test('stops at detach', () =>
    scope(() => {
      const x = leaf(2);
      const y = plus(times(x, 3), times(x, 5).detach());
      y.backward();
      expect(x.grad!.item()).toBe(3);
    }));

  test('refuses what has no gradient', () =>
    scope(() => {
      expect(() => zeros([1]).backward()).toThrow(AutogradError);
      expect(() => times(leaf(1, 2), 1).backward()).toThrow(/only a scalar/);
      expect(() => times(leaf(1, 2), 1).backward({ gradient: zeros([3]) })).toThrow(ShapeError);
      expect(() => times(leaf(1), 1).requireGrad()).toThrow(/only a leaf/);
      expect(() => zeros([1]).retainGrad()).toThrow(AutogradError);
    }));

  test('an error on the way leaves no half sum', () =>
    scope(() => {
      const x = leaf(1);
      let fail = true;
      const y = times(x, 2);
      const z = record('fragile', empty([1]).assign([0]), [y], (dy) => {
        if (fail) throw new Error('broken');
        return [dy];
      });
      const sum = plus(z, y);
      expect(() => sum.backward({ retainGraph: true })).toThrow('broken');
      expect(x.grad).toBeNull();
      fail = false;
      sum.backward();
      expect(x.grad!.item()).toBe(4);
    }));

  test('graphs may be deep', () =>
    scope(() => {
      const x = leaf(1);
      let y = x;
      for (let i = 0; i < 50_000; i++) y = relu(y);
      y.backward();
      expect(x.grad!.item()).toBe(1);
    }));

  test('frees what only it needed', () => {
    const before = memory().tensors;
    const x = leaf(1);
    scope(() => {
      const saved = zeros([100]);
      const y = record(
        'saving',
        empty([1]).assign([0]),
        [x],
        (dy) => {
          saved.data();
          return [dy];
        },
        [saved],
      );
      y.backward();
      expect(saved.disposed).toBe(true);
    });
    x.zeroGrad();
    x.dispose();
    expect(memory().tensors).toBe(before);
  });
});

describe('noGrad', () => {
  test('records nothing, frees what it made, and restores on a throw', () => {
    const x = leaf(1);
    const y = noGrad(() => {
      expect(isGradEnabled()).toBe(false);
      return times(times(x, 2), 2);
    });
    expect(y).toMatchObject({ requiresGrad: false, node: null, disposed: false });
    expect(() =>
      noGrad(() => {
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(isGradEnabled()).toBe(true);
    x.dispose();
    y.dispose();
  });
});

describe('gradcheck', () => {
  test('passes a right gradient and names a wrong one', () =>
    scope(() => {
      const x = leaf(0.5, -1, 2);
      gradcheck((a) => times(a, 3), [x]);
      expect(() => gradcheck((a) => times(a, 3, -3), [x])).toThrow(
        /input 0 of shape \[3\], element 0: backward\(\) gives -1\.5, finite differences 1\.5/,
      );
      expect(() => gradcheck((a) => times(a, 3), [zeros([1])])).toThrow(AutogradError);
      expect(x.grad).toBeNull();
    }));
});
