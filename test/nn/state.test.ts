import { describe, expect, test } from 'vitest';
import { CheckpointError, nn, type Tensor, tensor, zeros } from '../../src/index.js';

class Layer extends nn.Module {
  weight: nn.Parameter;
  count = new nn.Buffer(zeros([], { dtype: 'int32' }));

  constructor(...values: number[]) {
    super();
    this.weight = new nn.Parameter(tensor(values));
  }

  forward(x: Tensor): Tensor {
    return x;
  }
}

const model = () => new nn.Sequential(new Layer(1, 2), new Layer(3, 4, 5));
const values = (module: nn.AnyModule) =>
  Object.fromEntries(Object.entries(module.stateDict()).map(([key, value]) => [key, value.toArray()]));

/** Loading must fail with this message and leave the model as it was. */
function expectRefused(state: nn.LoadableState, message: RegExp, options?: nn.LoadOptions): void {
  const net = model();
  const before = values(net);
  expect(() => net.loadStateDict(state, options)).toThrow(CheckpointError);
  expect(() => net.loadStateDict(state, options)).toThrow(message);
  expect(values(net)).toEqual(before);
}

describe('loadStateDict', () => {
  test('copies the tensors of another model', () => {
    const source = new nn.Sequential(new Layer(7, 8), new Layer(9, 10, 11));
    (source.at(0) as Layer).count.assign([12]);
    const net = model();
    expect(net.loadStateDict(source.stateDict())).toEqual({ missing: [], unexpected: [] });
    expect(values(net)).toEqual({ '0.weight': [7, 8], '0.count': 12, '1.weight': [9, 10, 11], '1.count': 0 });
    (source.at(0) as Layer).weight.assign([0, 0]);
    expect((net.at(0) as Layer).weight.toArray()).toEqual([7, 8]);
  });

  test('takes arrays, as files give them', () => {
    const layer = new Layer(1, 2);
    layer.loadStateDict({
      weight: { shape: [2], data: Float32Array.of(5, 6) },
      count: { shape: [], data: Int32Array.of(3) },
    });
    expect(values(layer)).toEqual({ weight: [5, 6], count: 3 });
  });

  test('lists missing, unexpected and differing keys, and changes nothing', () => {
    const { '0.weight': weight, ...rest } = model().stateDict();
    expectRefused(rest, /does not fit this Sequential\n {2}1 key missing: 0\.weight\n {2}hint/);
    expectRefused(
      { ...model().stateDict(), 'fc.bias': zeros([1]), 'fc.weight': zeros([1]) },
      /2 keys unexpected: fc\.bias, fc\.weight/,
    );
    expectRefused(
      { ...rest, '0.weight': zeros([2, 3]) },
      /1 key of another shape: 0\.weight is \[2\] in the model, \[2, 3\] in the state/,
    );
    expectRefused(
      { ...rest, '0.weight': zeros([2], { dtype: 'int32' }) },
      /0\.weight is float32 \[2\] in the model, int32 \[2\] in the state/,
    );
    expectRefused({ other: weight! }, /4 keys missing[\s\S]*1 key unexpected: other/);
  });

  test('without strict, loads what matches and says what did not; shapes must agree all the same', () => {
    const net = model();
    const state = { '0.weight': tensor([7, 8]), other: zeros([1]) };
    expect(net.loadStateDict(state, { strict: false })).toEqual({
      missing: ['0.count', '1.weight', '1.count'],
      unexpected: ['other'],
    });
    expect((net.at(0) as Layer).weight.toArray()).toEqual([7, 8]);
    expectRefused({ '0.weight': tensor([7, 8]), '1.weight': zeros([4]) }, /1\.weight is \[3\]/, { strict: false });
  });

  test('a prefix that all keys have is pointed out, long lists are cut', () => {
    const prefixed = Object.fromEntries(
      Object.entries(model().stateDict()).map(([key, value]) => [`module.${key}`, value]),
    );
    expectRefused(prefixed, /begin with "module\.": remove that/);
    expectRefused(
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key${i}`, zeros([1])])),
      /20 keys unexpected: key0, .*key7, and 12 more/,
    );
  });

  test('keys of Object.prototype are no keys of the model', () => {
    expectRefused(JSON.parse('{"__proto__": null}') as nn.LoadableState, /1 key unexpected: __proto__/);
    expectRefused({}, /4 keys missing/);
  });
});
