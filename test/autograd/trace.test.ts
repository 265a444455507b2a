import { afterEach, beforeAll, expect, test } from 'vitest';
import { trace } from '../../src/autograd/trace.js';
import * as lw from '../../src/index.js';
import { nn, noGrad, type Tensor, tensor } from '../../src/index.js';

beforeAll(() => lw.init({ threads: 1 }));
afterEach(() => {
  trace.listener = null;
});

/** What `body` did, as the listener sees it. */
function traced(body: () => unknown): [name: string, inputs: readonly Tensor[], output: Tensor, attributes: object][] {
  const seen: ReturnType<typeof traced> = [];
  trace.listener = (name, output, inputs, attributes) => seen.push([name, inputs, output, attributes]);
  body();
  trace.listener = null;
  return seen;
}

test('the listener is called for each operation with its inputs, output and attributes, also within noGrad', () => {
  const x = tensor([[1, -2, 3]]);
  let y: Tensor | undefined;
  const [permuted, rectified, ...others] = traced(() => {
    y = noGrad(() => lw.relu(lw.permute(x, [1, 0])));
  });
  expect(others).toEqual([]);
  expect(permuted![0]).toBe('permute');
  expect(permuted![1][0]).toBe(x);
  expect(permuted![3]).toEqual({ order: [1, 0] });
  expect(rectified![0]).toBe('relu');
  expect(rectified![1][0]).toBe(permuted![2]);
  expect(rectified![2]).toBe(y);
});

test('operations without a gradient tell it too', () => {
  const x = tensor([[1, 2, 3]]);
  const names = traced(() => {
    x.gt(2).to('float32');
    lw.argmax(x, 1);
    lw.oneHot(x.to('int32'), 5);
    x.int().sum();
  }).map(([name]) => name);
  expect(names).toEqual(['lt', 'cast', 'argmax', 'cast', 'oneHot', 'cast', 'sum']);
});

test('a layer that computes two things in one pass says so in the name', () => {
  const model = new nn.Sequential(new nn.Linear(3, 2), new nn.ReLU());
  expect(traced(() => model.forward(tensor([[1, 2, 3]]))).map(([name]) => name)).toEqual(['linear + relu']);
});
