import { beforeAll, describe, expect, test } from 'vitest';
import { init, memory, mul, nn, optim, scope, select, sum, type Tensor } from '../../src/index.js';
import { setGuards } from '../../src/runtime/guards.js';
import { expectClose, fromGolden, type GoldenTensor, golden } from './support.js';

type State = Record<string, GoldenTensor>;
type Loads = Parameters<nn.Module['loadStateDict']>[0];

interface RecurrentCase {
  name: string;
  layer: string;
  arguments: unknown[];
  options: object;
  lengths: number[] | null;
  state: State;
  x: GoldenTensor;
  initial: GoldenTensor[] | null;
  /** Whether the first result is the output of all steps: not of a cell. */
  output: boolean;
  results: GoldenTensor[];
  gradients: GoldenTensor[];
  dx: GoldenTensor;
  dInitial: GoldenTensor[] | null;
  grads: State;
}

interface Training {
  training: { x: GoldenTensor; state: State; losses: number[]; end: State };
}

const { cases, training } = golden<RecurrentCase, Training>('recurrent');

/** Sums over the steps; the cells squash what goes from one to the next. */
const tolerance = { ofLargest: 2e-6 };

type AnyRecurrent = nn.Module<[Tensor, unknown, object?], unknown>;

function build({ layer, arguments: given, options }: RecurrentCase): AnyRecurrent {
  const layers = nn as unknown as Record<string, (new (...given: unknown[]) => AnyRecurrent) | undefined>;
  const Layer = layers[layer] ?? expect.fail(`there is no nn.${layer}`);
  return new Layer(...given, options);
}

const loadable = (state: State): Loads =>
  Object.fromEntries(Object.entries(state).map(([key, value]) => [key, fromGolden(value)]));

const flat = (results: unknown): Tensor[] => [results].flat(2) as Tensor[];

beforeAll(async () => {
  await init();
  setGuards(true);
});

describe("recurrent layers as PyTorch's", () => {
  for (const row of cases) {
    test(row.name, () => {
      const before = memory();
      scope(() => {
        const model = build(row);
        expect(Object.keys(model.stateDict())).toEqual(Object.keys(row.state));
        model.loadStateDict(loadable(row.state));
        const x = fromGolden(row.x).requireGrad();
        const initial = row.initial?.map((part) => fromGolden(part).requireGrad()) ?? null;
        const given = initial?.length === 1 ? initial[0] : initial;
        const results = flat(row.output ? model.forward(x, given, { lengths: row.lengths }) : model.forward(x, given));
        expect(results.length).toBe(row.results.length);
        results.forEach((result, i) => expectClose(result, row.results[i]!, tolerance, `result ${i}`));
        const losses = results.map((result, i) => sum(mul(result, fromGolden(row.gradients[i]!))));
        losses.reduce((a, b) => a.add(b)).backward();
        expectClose(x.grad!, row.dx, tolerance, 'gradient of the input');
        initial?.forEach((part, i) => {
          expectClose(part.grad!, row.dInitial![i]!, tolerance, `gradient of state ${i}`);
          part.zeroGrad();
        });
        for (const [key, parameter] of model.namedParameters())
          expectClose(parameter.grad!, row.grads[key]!, tolerance, `gradient of ${key}`);
        x.zeroGrad();
        model.dispose();
      });
      const after = memory();
      expect({ tensors: after.tensors, bytes: after.bytes }).toEqual({ tensors: before.tensors, bytes: before.bytes });
    });
  }

  test('twenty steps of training', () => {
    const model = new nn.LSTM(3, 6, { numLayers: 2 });
    model.loadStateDict(loadable(training.state));
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.5, momentum: 0.9 });
    const x = fromGolden(training.x);
    for (const want of training.losses)
      scope(() => {
        optimizer.zeroGrad();
        const [output] = model.forward(x);
        const loss = select(output, 0, -1).sub(0.5).square().mean();
        loss.backward();
        optimizer.step();
        expect(Math.abs(loss.item() - want) / want).toBeLessThan(1e-4);
      });
    for (const [key, value] of Object.entries(model.stateDict()))
      expectClose(value, training.end[key]!, { ofLargest: 1e-5 }, key);
    model.dispose();
    x.dispose();
    optimizer.dispose();
  });
});
