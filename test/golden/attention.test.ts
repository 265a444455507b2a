import { beforeAll, describe, expect, test } from 'vitest';
import { init, memory, mseLoss, nn, optim, scope, type Tensor } from '../../src/index.js';
import { setGuards } from '../../src/runtime/guards.js';
import { expectClose, expectNumbers, fromGolden, type GoldenTensor, golden } from './support.js';

type State = Record<string, GoldenTensor>;

interface AttentionCase {
  name: string;
  arguments: [number, number];
  options: nn.MultiheadAttentionOptions;
  state: State;
  inputs: [GoldenTensor, GoldenTensor, GoldenTensor];
  masks: { keyPaddingMask?: GoldenTensor; attnMask?: GoldenTensor; isCausal?: boolean };
  average: boolean;
  y: GoldenTensor;
  weights: GoldenTensor;
  dy: GoldenTensor;
  dx: GoldenTensor[];
  grads: State;
}

interface Trajectory {
  arguments: [number, number];
  options: nn.TransformerEncoderLayerOptions;
  state: State;
  x: GoldenTensor;
  target: GoldenTensor;
  losses: number[];
  final: State;
}

const { cases, trajectory } = golden<AttentionCase, { trajectory: Trajectory }>('attention');
const tolerance = { ofLargest: 1e-6, absolute: 1e-7 };
const load = (model: nn.AnyModule, state: State): void => {
  expect(Object.keys(model.stateDict()), 'keys').toEqual(Object.keys(state));
  model.loadStateDict(Object.fromEntries(Object.entries(state).map(([key, value]) => [key, fromGolden(value)])));
};

beforeAll(async () => {
  await init();
  setGuards(true);
});

describe("attention as PyTorch's", () => {
  test.each(cases.map((row) => [row.name, row] as const))('%s', (_, row) => {
    const before = memory();
    scope(() => {
      const model = new nn.MultiheadAttention(...row.arguments, row.options);
      load(model, row.state);
      const inputs = row.inputs.map((input) => fromGolden(input).requireGrad()) as [Tensor, Tensor, Tensor];
      const { keyPaddingMask, attnMask, isCausal } = row.masks;
      const [y, weights] = model.forward(...inputs, {
        keyPaddingMask: keyPaddingMask && fromGolden(keyPaddingMask),
        attnMask: attnMask && fromGolden(attnMask),
        isCausal,
        averageAttnWeights: row.average,
      });
      expectClose(y, row.y, tolerance, 'y');
      expectClose(weights!, row.weights, tolerance, 'weights');
      y.backward({ gradient: fromGolden(row.dy) });
      inputs.forEach((input, i) => {
        expectClose(input.grad!, row.dx[i]!, tolerance, `gradient of input ${i}`);
        input.zeroGrad();
      });
      for (const [key, parameter] of model.namedParameters())
        expectClose(parameter.grad!, row.grads[key]!, tolerance, `gradient of ${key}`);
      model.dispose();
    });
    expect(memory()).toMatchObject({ tensors: before.tensors, bytes: before.bytes });
  });

  test('20 steps of an encoder', () => {
    const layer = new nn.TransformerEncoderLayer(...trajectory.arguments, trajectory.options);
    const encoder = new nn.TransformerEncoder(layer, 2, { norm: new nn.LayerNorm(8) });
    load(encoder, trajectory.state);
    const [x, target] = [fromGolden(trajectory.x), fromGolden(trajectory.target)];
    const optimizer = new optim.SGD(encoder.parameters(), { lr: 0.5, momentum: 0.9 });
    const losses = trajectory.losses.map(() =>
      scope(() => {
        optimizer.zeroGrad();
        const loss = mseLoss(encoder.forward(x, { isCausal: true }), target);
        loss.backward();
        optimizer.step();
        return loss.item();
      }),
    );
    expectNumbers(losses, trajectory.losses, { ofEach: 1e-5 }, 'losses');
    for (const [key, value] of Object.entries(encoder.stateDict()))
      expectClose(value, trajectory.final[key]!, { ofLargest: 1e-5, absolute: 1e-6 }, key);
  });
});
