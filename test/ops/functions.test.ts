import { beforeAll, describe, expect, test } from 'vitest';
import {
  allclose,
  any,
  cosineSimilarity,
  glu,
  init,
  logicalAnd,
  maskedFill,
  memory,
  nn,
  prelu,
  scope,
  type Tensor,
  tensor,
  tril,
  zeros,
} from '../../src/index.js';

beforeAll(() => init());

const inScope = (run: () => unknown) => () => scope(run);

describe('allclose', () => {
  const close = (a: number[], b: number[], options = {}) => scope(() => allclose(tensor(a), tensor(b), options));
  test('allows atol and a share of |b|', () => {
    expect(close([1, 1e-9], [1.000009, 0])).toBe(true);
    expect(close([1], [1.00002])).toBe(false);
    expect(close([100], [101], { rtol: 0.01 })).toBe(true);
    expect(close([101.005], [100], { rtol: 0.01 })).toBe(false);
    expect(close([0.5], [0], { atol: 0.5 })).toBe(true);
  });
  test('takes infinities as close to themselves, and NaN only where asked for', () => {
    expect(close([Infinity, -Infinity], [Infinity, -Infinity])).toBe(true);
    expect(close([Infinity], [-Infinity])).toBe(false);
    expect(close([1], [Infinity])).toBe(false);
    expect(close([NaN], [NaN])).toBe(false);
    expect(close([NaN], [NaN], { equalNan: true })).toBe(true);
    expect(close([NaN], [0], { equalNan: true })).toBe(false);
  });
  test('broadcasts, compares integers exactly, and holds for nothing at all', () => {
    const [a, b] = [16777216, 16777217].map((value) => tensor([value], { dtype: 'int32' })) as [Tensor, Tensor];
    expect(allclose(a, b, { rtol: 0, atol: 0 })).toBe(false);
    expect(scope(() => tensor([[1, 1], [1, 1]]).allclose(tensor([1, 1])))).toBe(true); // biome-ignore format: a matrix
    expect(scope(() => allclose(zeros([0]), zeros([0])))).toBe(true);
    for (const x of [a, b]) x.dispose();
  });
});

test('truth values leave nothing behind but their result', () => {
  const x = tensor([0, 1, NaN], { requiresGrad: true });
  const before = memory();
  for (const run of [
    () => x.any(),
    () => x.all(0),
    () => x.isfinite(),
    () => x.isnan(),
    () => x.logicalAnd(x),
    () => x.logicalOr(1),
    () => x.logicalXor(x),
    () => x.logicalNot(),
  ]) {
    const y = run();
    expect(y.dtype).toBe('uint8');
    expect(y.requiresGrad).toBe(false);
    y.dispose();
  }
  expect(memory().bytes).toBe(before.bytes);
  x.dispose();
});

test('roundings pass a gradient of 0 on, and return integers as they are', () =>
  scope(() => {
    const x = tensor([0.3, -1.5], { requiresGrad: true });
    x.floor().add(x.ceil()).add(x.round()).add(x.sign()).sum().backward();
    expect(x.grad!.toArray()).toEqual([0, 0]);
    const ints = tensor([3], { dtype: 'int32' });
    expect(ints.round()).toBe(ints);
  }));

describe('what does not fit is refused', () => {
  test.each([
    ['any: ', () => any(zeros([2, 3]), 2)],
    ['logicalAnd: ', () => logicalAnd(zeros([2]), zeros([3]))],
    ['cosineSimilarity: ', () => cosineSimilarity(zeros([2, 3]), zeros([4]))],
    ['cosineSimilarity: ', () => cosineSimilarity(zeros([3]), zeros([3]))],
    ['glu: axis -1 of shape [2, 3] has no two halves', () => glu(zeros([2, 3]))],
    ['maskedFill: the mask must be uint8, not float32', () => maskedFill(zeros([2]), zeros([2]), 0)],
    ['prelu: weight [2] must be [1] or, for input [1, 3], [3]', () => prelu(zeros([1, 3]), zeros([2]))],
    ['PReLU', () => new nn.PReLU({ numParameters: 2 }).forward(zeros([1, 3]))],
    ['tril: needs at least two axes, not the shape [3]', () => tril(zeros([3]))],
  ])('%s', (message, run) => {
    expect(inScope(run)).toThrow(message);
  });
});
