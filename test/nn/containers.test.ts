/** Modules and parameters that are kept by name or in a list. */
import { expect, expectTypeOf, test } from 'vitest';
import { ArgumentError, memory, nn, ones, scope, type Tensor, zeros } from '../../src/index.js';

class Heads extends nn.Module {
  heads = new nn.ModuleDict({ digit: new nn.Linear(4, 3), flat: new nn.Flatten() });
  bases = new nn.ParameterList([new nn.Parameter(ones([4])), new nn.Parameter(zeros([2, 2]))]);
  forward(x: Tensor): Tensor {
    return this.heads.get('digit').forward(x.mul(this.bases.at(0)!));
  }
}

test('keys, parameters and text of what is in them', () => {
  const model = new Heads();
  expect(Object.keys(model.stateDict())).toEqual(['heads.digit.weight', 'heads.digit.bias', 'bases.0', 'bases.1']);
  expect(String(model)).toBe(
    'Heads(\n  (heads): ModuleDict(\n    (digit): Linear(inFeatures=4, outFeatures=3, bias=true)\n    ' +
      '(flat): Flatten(startAxis=1, endAxis=-1)\n  )\n  (bases): ParameterList([4], [2, 2])\n)',
  );
  model.eval();
  expect(model.heads.get('flat').training).toBe(false);
  expect(model.forward(ones([2, 4])).shape).toEqual([2, 3]);
  model.dispose();
});

test('a ModuleDict is used as a Map', () => {
  const dict = new nn.ModuleDict({ b: new nn.ReLU(), a: new nn.Tanh() });
  expectTypeOf(dict.get('a')).toEqualTypeOf<nn.Tanh>();
  expect([dict.size, dict.keys(), dict.has('a'), dict.has('c')]).toEqual([2, ['b', 'a'], true, false]);
  const sigmoid = new nn.Sigmoid();
  expect([...dict.set('b', sigmoid)].map(([name]) => name)).toEqual(['b', 'a']);
  expect(dict.get('b')).toBe(sigmoid);
  expect(() => dict.get('c' as 'a')).toThrow('there is no module c');
  expect(() => dict.set('a.b', sigmoid)).toThrow('name must be a text without dots');
  expect(() => dict.set('', sigmoid)).toThrow(ArgumentError);
  expect(() => new nn.ModuleDict({ a: 3 as unknown as nn.Module })).toThrow('module a must be a module, not 3');
  expect(() => dict.forward()).toThrow('call the modules in it');
});

test('a ParameterList takes parameters alone, and frees them', () => {
  const before = memory().tensors;
  const list = new nn.ParameterList();
  list.append(new nn.Parameter(ones([2])));
  expect([list.length, list.at(-1)!.shape, [...list].length]).toEqual([1, [2], 1]);
  scope(() => expect(() => list.append(ones([2]) as nn.Parameter)).toThrow('Parameter 1 must be a Parameter'));
  expect(() => list.forward()).toThrow('no forward');
  list.dispose();
  expect(memory().tensors).toBe(before);
});
