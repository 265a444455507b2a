import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DisposedTensorError, memory, noGrad, ones, relu, scope, type Tensor, zeros } from '../../src/index.js';
import { closeScope, openScope } from '../../src/tensor/scope.js';

let before: number;
beforeEach(() => {
  before = memory().tensors;
});
afterEach(() => expect(memory().tensors).toBe(before));

describe('scope', () => {
  test('frees what was made inside, and keeps what is returned, kept, or older', () => {
    const older = ones([2]);
    let inner!: Tensor;
    let kept!: Tensor;
    const result = scope(() => {
      inner = zeros([3]);
      kept = zeros([4]).keep();
      return { list: [relu(inner), 5], nothing: null };
    });
    expect(inner.disposed).toBe(true);
    expect([older, kept, result.list[0] as Tensor].map((t) => t.disposed)).toEqual([false, false, false]);
    older.dispose();
    kept.dispose();
    (result.list[0] as Tensor).dispose();
  });

  test('nests: a returned tensor belongs to the scope around', () => {
    let passed!: Tensor;
    scope(() => {
      passed = scope(() => ones([1]));
      expect(passed.disposed).toBe(false);
    });
    expect(passed.disposed).toBe(true);
  });

  test('frees on a throw too', () => {
    expect(() =>
      scope(() => {
        ones([5]);
        throw new Error('stop');
      }),
    ).toThrow('stop');
  });

  test('refuses an async body, whose tensors it could not tell apart', () => {
    expect(() => scope(async () => 1)).toThrow(/must not be async/);
    expect(() => noGrad(async () => 1)).toThrow(/must not be async/);
  });

  test('scopes may close in any order (two loaders taking turns)', () => {
    const first = openScope('first');
    const a = ones([1]);
    const second = openScope('second');
    const b = ones([1]);
    closeScope(first);
    expect([a.disposed, b.disposed]).toEqual([true, false]);
    const c = ones([1]);
    closeScope(second);
    expect([b.disposed, c.disposed]).toEqual([true, true]);
  });
});

describe('use after free', () => {
  test('throws, and says by what it was freed', () => {
    const x = scope(() => {
      const inner = ones([2, 3]);
      void inner;
      return { get: () => inner };
    }).get();
    expect(() => scope(() => relu(x))).toThrow(DisposedTensorError);
    expect(() => x.data()).toThrow(/shape \[2, 3\] was freed by the end of its scope[\s\S]*keep\(\)/);
    const y = ones([1]);
    y.dispose();
    y.dispose();
    expect(() => y.item()).toThrow(/freed by dispose\(\)/);
    expect(String(y)).toBe('Tensor(shape [1], freed by dispose())');
  });

  test('a reshape keeps the elements alive, each handle has its own life', () => {
    const x = ones([4]);
    const y = x.alias([2, 2]);
    x.dispose();
    expect(y.toArray()).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(memory().tensors).toBe(before + 1);
    y.dispose();
  });
});

test('`using` disposes at the end of the block', () => {
  const x = ones([1]);
  x[Symbol.dispose]();
  expect(x.disposed).toBe(true);
});
