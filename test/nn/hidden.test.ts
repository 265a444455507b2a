/** Layers that `parameters()` cannot find: one warning for each class, and none where there is nothing to say. */
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import { nn, optim, type Tensor, zeros } from '../../src/index.js';

let warn: MockInstance<typeof console.warn>;
beforeEach(() => {
  warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  warn.mockRestore();
});

const layer = (): nn.Linear => new nn.Linear(2, 2);

/** A fresh class with one property. */
function holderOf(make: () => unknown, options: { quiet?: boolean } = {}) {
  return class Holder extends nn.Module {
    static override readonly warnOfHiddenLayers = options.quiet !== true;
    readonly parts = make();
    readonly head = layer();
    forward(x: Tensor): Tensor {
      return x;
    }
  };
}

test.each<[string, () => unknown]>([
  ['a plain object', () => ({ first: layer() })],
  ['an object without prototype', () => Object.assign(Object.create(null) as object, { first: layer() })],
  ['a Map', () => new Map([['first', layer()]])],
  ['a Set', () => new Set([layer()])],
  ['objects in an array', () => [{ first: layer() }]],
  ['an array in a Map in an object', () => ({ blocks: new Map([[1, [layer()]]]) })],
])('%s: a warning that names class, property and layer, once for each class', (_, make) => {
  const Holder = holderOf(make);
  expect(new Holder().parameters().length).toBe(2);
  expect(warn.mock.calls).toEqual([
    [
      'Holder: parameters() does not find the Linear in parts: keep layers in properties, arrays or nn.ModuleList ' +
        '(static warnOfHiddenLayers = false stops this warning)',
    ],
  ]);
  new Holder().parameters();
  new Holder().requireGrad(false);
  expect(warn).toHaveBeenCalledTimes(1);
});

test('a parameter in a plain object is named too, and a module within another is searched', () => {
  const Inner = holderOf(() => ({ scale: new nn.Parameter(zeros([2])) }));
  const model = new nn.Sequential(layer(), new Inner());
  new optim.SGD(model.parameters(), { lr: 0.1 });
  expect(warn.mock.calls.map(([text]) => String(text).slice(0, 60))).toEqual([
    'Holder: parameters() does not find the Parameter in parts: k',
  ]);
});

test.each<[string, () => unknown]>([
  ['nested arrays of layers', () => [[layer()], [[layer()]]]],
  ['objects without layers', () => ({ sizes: [1, 2], names: new Map([['a', 'b']]), nothing: null })],
  [
    'an object that contains itself',
    () => {
      const loop: Record<string, unknown> = {};
      loop.self = [loop, new Set([loop])];
      return loop;
    },
  ],
  [
    'an object of another class',
    () =>
      new (class Registry {
        readonly first = layer();
      })(),
  ],
])('%s: no warning', (_, make) => {
  new (holderOf(make))().parameters();
  expect(warn).not.toHaveBeenCalled();
});

test('no warning of layers that are found elsewhere, nor in a class that switches it off', () => {
  class Named extends nn.Module {
    readonly first = layer();
    readonly byName = new Map([['first', this.first]]);
    forward(x: Tensor): Tensor {
      return x;
    }
  }
  new Named().parameters();
  new (holderOf(() => ({ teacher: layer() }), { quiet: true }))().parameters();
  expect(warn).not.toHaveBeenCalled();
});
