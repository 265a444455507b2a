/** Operations of one's own, through the public `record`. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  AutogradError,
  DisposedTensorError,
  DTypeError,
  gradcheck,
  memory,
  noGrad,
  record,
  ShapeError,
  scope,
  type Tensor,
  tensor,
} from '../../src/index.js';

const cube = (x: Tensor): Tensor =>
  record(
    'cube',
    noGrad(() => x.pow(3)),
    [x],
    (dy) => [dy.mul(x).mul(x).mul(3)],
  );

afterEach(() => expect(memory().tensors).toBe(0));

test('an operation of one’s own is differentiated by its own rule', () =>
  scope(() => {
    const x = tensor([0.5, -1, 2], { requiresGrad: true });
    gradcheck(cube, [x]);
    cube(x).sum().backward();
    expect(x.grad!.toArray()).toEqual([0.75, 3, 12]);
    x.grad!.dispose();
  }));

test('records nothing where no gradient is asked for', () =>
  scope(() => {
    const x = tensor([2], { requiresGrad: true });
    expect(noGrad(() => cube(x)).requiresGrad).toBe(false);
    expect(cube(tensor([2])).requiresGrad).toBe(false);
  }));

test('a gradient that is an input or was made before stays as it is', () =>
  scope(() => {
    const x = tensor([1, 2], { requiresGrad: true });
    const slope = tensor([3, 4]);
    const line = (u: Tensor, by: Tensor) =>
      record(
        'line',
        noGrad(() => u.mul(by)),
        [u],
        () => [by],
      );
    line(x, slope).add(line(x, slope)).sum().backward();
    expect([x.grad!.toArray(), slope.toArray()]).toEqual([
      [6, 8],
      [3, 4],
    ]);
    line(x, x.detach()).sum().backward();
    expect([x.grad!.toArray(), x.toArray()]).toEqual([
      [7, 10],
      [1, 2],
    ]);
    x.grad!.dispose();
  }));

describe('refuses', () => {
  // biome-ignore lint/suspicious/noExplicitAny: what callers without TypeScript pass
  const call = record as (...args: any[]) => Tensor;

  test.each([
    ['no name', (x: Tensor, y: Tensor) => call(1, y, [x], () => [])],
    ['an output that is not a tensor', (x: Tensor) => call('f', [1], [x], () => [])],
    ['inputs that are no array', (x: Tensor, y: Tensor) => call('f', y, x, () => [])],
    ['an input that is not a tensor', (_x: Tensor, y: Tensor) => call('f', y, [1], () => [])],
    ['no backward pass', (x: Tensor, y: Tensor) => call('f', y, [x])],
  ])('%s', (_what, attempt) =>
    scope(() => {
      expect(() => attempt(tensor([1]), tensor([2]))).toThrow(ArgumentError);
      expect(() => attempt(tensor([1]), tensor([2]))).toThrow(/^record: [\s\S]*as in record\(/);
    }),
  );

  test('an output that was recorded, that is an input, that has no gradients, that was freed', () =>
    scope(() => {
      const x = tensor([1], { requiresGrad: true });
      expect(() => record('f', x.mul(2), [x], (dy) => [dy])).toThrow(AutogradError);
      expect(() => record('f', x.detach(), [], () => [])).not.toThrow();
      const y = tensor([1]);
      expect(() => record('f', y, [y], (dy) => [dy])).toThrow(AutogradError);
      expect(() => record('f', tensor([1], { dtype: 'int32' }), [x], (dy) => [dy])).toThrow(DTypeError);
      y.dispose();
      expect(() => record('f', y, [x], (dy) => [dy])).toThrow(DisposedTensorError);
    }));

  test.each([
    ['too few gradients', () => [], AutogradError],
    ['no array', (dy: Tensor) => dy, AutogradError],
    ['numbers', () => [1], ArgumentError],
    ['another shape', () => [tensor([1, 2, 3])], ShapeError],
    ['another dtype', () => [tensor([1, 2], { dtype: 'int32' })], DTypeError],
  ])('gradients that are wrong: %s', (_what, backward, error) =>
    scope(() => {
      const x = tensor([1, 2], { requiresGrad: true });
      const y = call(
        'mine',
        noGrad(() => x.mul(2)),
        [x],
        backward,
      );
      expect(() => y.sum().backward()).toThrow(error);
      expect(() => y.sum().backward()).toThrow(/mine/);
      expect(x.grad).toBeNull();
    }),
  );
});
