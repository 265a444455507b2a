/** What the goldens and the case table do not show: sizes beyond a block, training for long, messages. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  linear,
  manualSeed,
  memory,
  mul,
  nn,
  optim,
  randn,
  ShapeError,
  scope,
  sigmoid,
  slice,
  type Tensor,
  tanh,
  zeros,
} from '../../src/index.js';

beforeEach(() => manualSeed(1));

/** One step of an LSTM, made of operations. */
function lstmStep(layer: nn.LSTM, x: Tensor, h: Tensor, c: Tensor): [Tensor, Tensor] {
  const [weightIh, weightHh, biasIh, biasHh] = layer.parameters() as [Tensor, Tensor, Tensor, Tensor];
  const size = layer.hiddenSize;
  const a = linear(x, weightIh, biasIh).add(linear(h, weightHh, biasHh));
  const gate = (i: number) => slice(a, i * size, (i + 1) * size, { axis: 1 });
  const next = mul(sigmoid(gate(1)), c).add(mul(sigmoid(gate(0)), tanh(gate(2))));
  return [mul(sigmoid(gate(3)), tanh(next)), next];
}

describe('LSTM', () => {
  test('is what its steps are, with more rows and columns than a block of the matrix product has', () => {
    scope(() => {
      const layer = new nn.LSTM(3, 110);
      const x = randn([2, 261, 3]).requireGrad();
      const [output, [h, c]] = layer.forward(x);
      output.sum().add(c.sum()).backward();
      const got = [output, h, c, x.grad!, layer.parameters()[1]!.grad!].map((part) => Float32Array.from(part.view()));
      x.zeroGrad();
      layer.zeroGrad();
      let state: [Tensor, Tensor] = [zeros([261, 110]), zeros([261, 110])];
      const outputs = [0, 1].map((t) => {
        state = lstmStep(layer, x.select(0, t), ...state);
        return state[0];
      });
      outputs[0]!.sum().add(outputs[1]!.sum()).add(state[1].sum()).backward();
      const all = [...outputs[0]!.view(), ...outputs[1]!.view()];
      const want = [all, state[0].view(), state[1].view(), x.grad!.view(), layer.parameters()[1]!.grad!.view()];
      want.forEach((values, i) => {
        const largest = Math.max(...Array.from(values, Math.abs));
        const error = Math.max(...Array.from(values, (value, j) => Math.abs(value - got[i]![j]!)));
        expect(error / largest).toBeLessThan(4e-6);
      });
      x.zeroGrad();
      layer.dispose();
    });
  });

  test('takes no more memory after 500 steps of training than after 10', () => {
    const layer = new nn.LSTM(4, 8, { numLayers: 2, dropout: 0.2, bidirectional: true });
    const optimizer = new optim.Adam(layer.parameters(), { lr: 0.01 });
    const x = randn([6, 3, 4]);
    let early = memory();
    for (let step = 1; step <= 500; step++) {
      scope(() => {
        optimizer.zeroGrad();
        const [output, [h]] = layer.forward(x, null, { lengths: [6, 2, 4] });
        output.square().mean().add(h.mean()).backward();
        optimizer.step();
      });
      if (step === 10) early = memory();
    }
    expect(memory()).toEqual(early);
    optimizer.dispose();
    layer.dispose();
    x.dispose();
  });

  test('drops between its layers in training alone', () => {
    scope(() => {
      const layer = new nn.LSTM(2, 3, { numLayers: 2, dropout: 1 });
      const x = randn([4, 2]);
      const changed = x.add(1);
      expect(layer.forward(x)[0].toArray()).toEqual(layer.forward(changed)[0].toArray());
      layer.eval();
      expect(layer.forward(x)[0].toArray()).not.toEqual(layer.forward(changed)[0].toArray());
      layer.dispose();
    });
  });

  test('begins within ±1/√hiddenSize, with the keys of PyTorch', () => {
    const layer = new nn.LSTM(3, 100, { bidirectional: true });
    expect(Object.keys(layer.stateDict())).toEqual([
      'weight_ih_l0',
      'weight_hh_l0',
      'bias_ih_l0',
      'bias_hh_l0',
      'weight_ih_l0_reverse',
      'weight_hh_l0_reverse',
      'bias_ih_l0_reverse',
      'bias_hh_l0_reverse',
    ]);
    for (const parameter of layer.parameters()) {
      const largest = Math.max(...Array.from(parameter.view(), Math.abs));
      expect(largest).toBeLessThanOrEqual(0.1);
      expect(largest).toBeGreaterThan(0.09);
    }
    layer.dispose();
  });
});

describe('as text', () => {
  test.each([
    [() => new nn.RNN(2, 3, { nonlinearity: 'relu' }), 'RNN(2, 3, nonlinearity=relu)'],
    [
      () => new nn.LSTM(2, 3, { numLayers: 2, bias: false, batchFirst: true, dropout: 0.5, bidirectional: true }),
      'LSTM(2, 3, numLayers=2, bias=false, batchFirst=true, dropout=0.5, bidirectional=true)',
    ],
    [() => new nn.GRU(2, 3), 'GRU(2, 3)'],
    [() => new nn.RNNCell(2, 3, { bias: false }), 'RNNCell(2, 3, bias=false)'],
    [() => new nn.LSTMCell(2, 3), 'LSTMCell(2, 3)'],
    [() => new nn.GRUCell(2, 3), 'GRUCell(2, 3)'],
  ])('%#', (make, text) => {
    const layer = make();
    expect(String(layer)).toBe(text);
    layer.dispose();
  });

  test('a summary has the shapes of all outputs', () => {
    const layer = new nn.LSTM(2, 3);
    expect(layer.summary([5, 2])).toContain('[1, 5, 3] [1, 5, 3] [1, 5, 3]');
    layer.dispose();
  });
});

describe('what does not fit', () => {
  const lstm = () => new nn.LSTM(2, 3);
  test.each<[string, () => unknown, new (...given: never[]) => Error, RegExp]>([
    ['features', () => lstm().forward(zeros([4, 2, 5])), ShapeError, /input must have shape \[T, N, 2\].*\[4, 2, 5\]/],
    ['rank', () => new nn.GRUCell(2, 3).forward(zeros([1, 1, 2])), ShapeError, /input must have shape \[N, 2\]/],
    [
      'a state',
      () => lstm().forward(zeros([4, 2, 2]), [zeros([1, 2, 3]), zeros([1, 3, 3])]),
      ShapeError,
      /state must have shape \[1, 2, 3\], not \[1, 3, 3\]/,
    ],
    ['half a state', () => lstm().forward(zeros([4, 2, 2]), [zeros([1, 2, 3])] as never), ArgumentError, /\[h, c\]/],
    [
      'lengths',
      () => lstm().forward(zeros([4, 2, 2]), null, { lengths: [5, 1] }),
      ArgumentError,
      /from 0 to 4, one for each of the 2 sequences/,
    ],
    ['too few lengths', () => lstm().forward(zeros([4, 2, 2]), null, { lengths: [4] }), ArgumentError, /2 sequences/],
    ['a dropout', () => new nn.GRU(2, 3, { dropout: 2 }), ArgumentError, /probability in \[0, 1\]/],
    ['an option', () => lstm().forward(zeros([4, 2]), null, { length: [4] } as never), ArgumentError, /lengths/],
  ])('%s', (_, run, kind, message) => {
    scope(() => {
      expect(run).toThrow(kind);
      expect(run).toThrow(message);
    });
  });
});
