import { beforeAll, describe, expect, test } from 'vitest';
import { AutogradError, autograd, init, memory, ShapeError, scope, tensor } from '../../src/index.js';

beforeAll(() => init({ threads: 1 }));

const leaf = (values: number[]) => tensor(values, { requiresGrad: true });

test('gives gradients of leaves and of what lies between, and changes no grad', () => {
  const x = leaf([1, 2]);
  const w = leaf([3, 4]);
  const h = x.mul(w);
  h.retainGrad();
  const y = h.square().sum();
  const [dx, dh, dy] = autograd.grad(y, [x, h, y]);
  expect(dx!.toArray()).toEqual([18, 64]);
  expect(dh!.toArray()).toEqual([6, 16]);
  expect(dy!.toArray()).toBe(1);
  expect([x.grad, w.grad, h.grad]).toEqual([null, null, null]);
});

test('an input that works in place further back keeps its gradient', () => {
  const x = leaf([-1, 2]);
  const h = x.relu();
  const [dh] = autograd.grad(h.mul(tensor([5, 7])).sum(), [h, x]);
  expect(dh!.toArray()).toEqual([5, 7]);
  expect(h.retainsGrad).toBe(false);
});

test('walks no further than to the inputs, and leaves the graph below them as it is', () => {
  const x = leaf([1, 2]);
  const h = x.square();
  const y = h.mul(3).sum();
  const [dh] = autograd.grad(y, h);
  h.backward({ gradient: dh! });
  expect(x.grad!.toArray()).toEqual([6, 12]);
  expect(() => autograd.grad(y, h)).toThrow('was walked before');
});

test('adds up several outputs with their gradients, and keeps the graph where asked', () => {
  const x = leaf([1, 2]);
  const [a, b] = [x.square(), x.sum()];
  const run = (retainGraph: boolean) =>
    autograd.grad([a, b], x, { gradOutputs: [tensor([1, 10]), null], retainGraph })[0]!.toArray();
  expect(run(true)).toEqual([3, 41]);
  expect(run(false)).toEqual([3, 41]);
  expect(() => run(false)).toThrow('was walked before');
});

test('an input that nothing depends on is an error, or null', () => {
  const [x, other] = [leaf([1]), leaf([2])];
  expect(() => autograd.grad(x.square(), [x, other])).toThrow('grad: no output depends on input 1');
  const [dx, none] = autograd.grad(x.square(), [x, other], { allowUnused: true });
  expect([dx!.toArray(), none]).toEqual([[2], null]);
});

test('gradients that share memory become tensors of their own, and nothing else is left', () => {
  const before = memory().tensors;
  scope(() => {
    const [x, z] = [leaf([1, 2]), leaf([3, 4])];
    const [dx, dz] = autograd.grad(x.add(z), [x, z], { gradOutputs: tensor([5, 6]) });
    dx!.assign([0, 0]);
    expect(dz!.toArray()).toEqual([5, 6]);
  });
  expect(memory().tensors).toBe(before);
});

describe('errors', () => {
  test.each([
    ['an output that is not a scalar', () => [leaf([1, 2]).square()], AutogradError, 'of shape [2] needs a gradient'],
    ['an output without a graph', () => [tensor([1])], AutogradError, 'an output was not computed from anything'],
    ['a gradient of another shape', () => [leaf([1]).square(), tensor([1, 2])], ShapeError, 'a gradient of shape [2]'],
  ] as const)('%s', (_, make, kind, message) => {
    const [output, gradOutputs] = make();
    const run = () => autograd.grad(output!, output!, gradOutputs === undefined ? {} : { gradOutputs });
    expect(run).toThrow(kind);
    expect(run).toThrow(message);
  });

  test('an input that requires no gradient, and too many gradients', () => {
    const x = leaf([1]);
    expect(() => autograd.grad(x.square(), tensor([1]))).toThrow('grad: an input requires no gradient');
    expect(() => autograd.grad(x.square(), x, { gradOutputs: [null, null] })).toThrow(
      'grad: 2 gradOutputs for 1 outputs',
    );
  });
});
