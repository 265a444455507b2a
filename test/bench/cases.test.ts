import { describe, expect, test } from 'vitest';
import { difference } from '../../bench/agreement.js';
import { cases } from '../../bench/cases.js';
import { makeInputs } from '../../bench/inputs.js';
import {
  fastCnn,
  gpt,
  lenet5,
  lstm,
  miniResNet,
  mlp,
  neededBytes,
  networkFlops,
  parametersOf,
  smallCnn,
} from '../../bench/networks.js';
import { plainOutputs, probePositions } from '../../bench/plain.js';
import { sequenceLayer } from '../../bench/sequences.js';
import type { Network, Work } from '../../bench/work.js';
import * as lw from '../../src/index.js';

const noDigits = () => Promise.reject(new Error('this case has no digits'));

describe('the list of cases', () => {
  test('has every row that the targets name', () => {
    const names = cases.map(({ name }) => name);
    for (const name of ['W1', 'W1b', 'W2', 'W2b', 'W3', 'W3b', 'W4-64-sgd', 'W4-256-adam', 'W5', 'W6', 'L1', 'G1'])
      expect(names).toContain(`train/${name}`);
    for (const name of ['lenet5-1', 'lenet5-256', 'mini-resnet-1', 'mini-resnet-256'])
      expect(names).toContain(`infer/${name}`);
    for (const name of [
      'sgemm/256x256x256',
      'conv3x3/16x28x28-16/forward',
      'conv3x3/16x28x28-16/backward-input',
      'conv3x3/16x28x28-16/backward-weight',
    ])
      expect(names).toContain(name);
  });

  test('has every name once', () => {
    const names = cases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the networks are those of lanewise.models', () => {
  const shapes = (network: Network) => parametersOf(network.layers).map(({ shape }) => shape);
  test.each([
    ['W1', mlp([784, 1024, 512, 10]), () => lw.models.mlp({ hidden: [1024, 512] })],
    ['W2b', mlp([784, 128, 64, 10], true), () => lw.models.mlp({ hidden: [128, 64], batchNorm: true })],
    ['W3b', smallCnn(true), () => lw.models.cnn({ batchNorm: true })],
    ['W4', lenet5, () => lw.models.lenet5()],
    ['W7', fastCnn(), () => lw.models.fastCnn()],
    ['W5', miniResNet, () => lw.models.miniResNet()],
  ])('%s', (_name, network, model) => {
    const made = model();
    expect(shapes(network)).toEqual(made.parameters().map(({ shape }) => shape));
    made.dispose();
  });

  test('the layers of sequences have the parameters of nn, in their order', () => {
    for (const { layers } of [lstm, gpt]) {
      for (const spec of layers) {
        if (spec.layer !== 'lstm' && spec.layer !== 'block' && spec.layer !== 'meanOverSteps') continue;
        const made = sequenceLayer(lw, spec);
        expect(parametersOf([spec]).map(({ shape }) => shape)).toEqual(made.parameters().map(({ shape }) => shape));
        made.dispose();
      }
    }
  });

  test('FLOP of one sample: 2 a weight forward, as much again for the weights and for all inputs but the first', () => {
    expect(networkFlops(mlp([3, 5, 2]), false)).toBe(2 * (15 + 10));
    expect(networkFlops(mlp([3, 5, 2]), true)).toBe(2 * (2 * 15 + 3 * 10));
    expect(networkFlops({ input: [4, 3], layers: [{ layer: 'lstm', in: 3, hidden: 5 }] }, true)).toBe(
      2 * 4 * 20 * (2 * 3 + 3 * 5),
    );
    expect(networkFlops({ input: [4, 3], layers: [{ layer: 'block', width: 3, heads: 1, hidden: 5 }] }, false)).toBe(
      2 * 4 * (4 * 9 + 2 * 15 + 2 * 4 * 3),
    );
    expect(
      networkFlops(
        { input: [2, 4, 4], layers: [{ layer: 'conv', in: 2, out: 3, kernel: 3, stride: 1, padding: 1, bias: true }] },
        false,
      ),
    ).toBe(2 * 16 * 3 * 2 * 9);
  });
});

test('the bytes of a step: outputs of all layers, a gradient for each parameter, the two widest neighbours', () => {
  expect(neededBytes(mlp([3, 5, 2]), 10)).toBe(4 * (10 * (5 + 5 + 2 + (5 + 5)) + 3 * 5 + 5 + 5 * 2 + 2));
  const body: Network = {
    input: [2],
    layers: [{ layer: 'residual', body: [{ layer: 'linear', in: 2, out: 2 }, { layer: 'relu' }], shortcut: [] }],
  };
  expect(neededBytes(body, 1)).toBe(4 * (2 + 2 + 2 + (2 + 2) + 6));
});

describe('the plain results agree with the library', () => {
  const tensors = async (work: Work) => {
    const inputs = await makeInputs(work, noDigits);
    const make = (name: string, requiresGrad = false) =>
      lw.tensor(inputs[name]!.data, { shape: inputs[name]!.shape, requiresGrad });
    const compare = (outputs: Readonly<Record<string, lw.Tensor | null>>) => {
      const plain = plainOutputs(work, inputs)!;
      const [got, want] = [{}, {}] as [Record<string, number[]>, Record<string, number[]>];
      for (const [name, { size, at }] of Object.entries(plain)) {
        const values = outputs[name]!.data();
        expect(values.length).toBe(size);
        got[name] = probePositions(size).map((position) => values[position]!);
        want[name] = probePositions(size).map(at);
      }
      expect(Object.keys(got)).not.toEqual([]);
      expect(difference(got, want, 1e-4)).toBeNull();
      // A result that is off must be found out: one number moved by a thousandth of the largest.
      const [name] = Object.keys(got) as [string];
      const scale = Math.max(...want[name]!.map(Math.abs));
      got[name]![got[name]!.length >> 1]! += scale / 1000;
      expect(difference(got, want, 1e-4)).not.toBeNull();
    };
    return { make, compare };
  };

  test.each(['forward', 'backward-input', 'backward-weight'] as const)('conv %s', async (pass) => {
    const { make, compare } = await tensors({
      kind: 'conv',
      pass,
      images: 2,
      channels: 3,
      height: 7,
      width: 6,
      out: 4,
      kernel: 3,
      stride: 2,
      padding: 1,
    });
    const [x, weight, bias, dy] = [make('x', true), make('weight', true), make('bias'), make('dy')];
    const y = lw.conv2d(x, weight, pass === 'forward' ? bias : null, { stride: 2, padding: 1 });
    y.backward({ gradient: dy });
    compare({ y, dx: x.grad, dWeight: weight.grad });
  });

  test.each(['forward', 'backward'] as const)('batchNorm %s', async (pass) => {
    const { make, compare } = await tensors({ kind: 'batchNorm', pass, shape: [3, 2, 4, 4] });
    const [x, weight, bias] = [make('x', true), make('weight', true), make('bias', true)];
    const y = lw.batchNorm(x, { weight, bias, training: true });
    y.backward({ gradient: make('dy') });
    compare({ y, dx: x.grad, dWeight: weight.grad, dBias: bias.grad });
  });

  test.each(['forward', 'backward'] as const)('softmaxCrossEntropy %s', async (pass) => {
    const { make, compare } = await tensors({ kind: 'softmaxCrossEntropy', pass, rows: 5, classes: 7 });
    const x = make('x', true);
    const y = lw.crossEntropy(x, make('labels'));
    y.backward();
    compare({ y, dx: x.grad });
  });

  test('inference of the residual network', async () => {
    const network: Network = { ...miniResNet, input: [1, 8, 8] };
    const work: Work = { kind: 'infer', network, batch: 2, samples: 'random' };
    const { make, compare } = await tensors(work);
    const model = lw.models.miniResNet({ inputShape: [1, 8, 8] }).eval();
    const inputs = await makeInputs(work, noDigits);
    model.parameters().forEach((parameter, i) => parameter.assign(inputs[`p${i}`]!.data));
    compare({ y: lw.noGrad(() => model.forward(make('x'))) });
    model.dispose();
  });
});
