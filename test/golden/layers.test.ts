import { beforeAll, describe, expect, test } from 'vitest';
import { init, memory, nn, scope, type Tensor } from '../../src/index.js';
import { setGuards } from '../../src/runtime/guards.js';
import { expectClose, fromGolden, type GoldenTensor, golden } from './support.js';

type State = Record<string, GoldenTensor>;

/** One batch: what comes out for x, and the gradients that dy causes. */
interface Batch {
  x: GoldenTensor;
  y: GoldenTensor;
  dy?: GoldenTensor;
  dx?: GoldenTensor;
  grads?: State;
}
interface LayerCase {
  name: string;
  layer: string;
  arguments: unknown[];
  options: object;
  state: State;
  batches: Batch[];
  buffers: State;
  evaluation: Batch;
}

const { cases } = golden<LayerCase>('layers');

/** Sums of up to some hundred products, in an order of their own. */
const tolerance = { ofLargest: 1e-6 };

function build({ layer, arguments: given, options }: LayerCase): nn.Module {
  const layers = nn as unknown as Record<string, (new (...given: unknown[]) => nn.Module) | undefined>;
  const Layer = layers[layer] ?? expect.fail(`there is no nn.${layer}`);
  return Object.keys(options).length === 0 ? new Layer(...given) : new Layer(...given, options);
}

function run(model: nn.Module, { x: given, y: want, dy, dx, grads }: Batch, what: string): void {
  const x = fromGolden(given);
  if (dx !== undefined) x.requireGrad();
  model.zeroGrad();
  const y = model.forward(x);
  expectClose(y, want, tolerance, `y of ${what}`);
  if (dy === undefined) return;
  y.backward({ gradient: fromGolden(dy) });
  if (dx !== undefined) expectClose(x.grad!, dx, tolerance, `gradient of the input of ${what}`);
  for (const [key, parameter] of model.namedParameters()) {
    expectClose(
      parameter.grad ?? expect.fail(`${key} got no gradient`),
      grads![key]!,
      tolerance,
      `gradient of ${key} of ${what}`,
    );
  }
  x.zeroGrad();
}

/** Keys in order, with shapes and dtypes. (A count of batches is int32 here, int64 in PyTorch.) */
const outline = (state: Record<string, Tensor | GoldenTensor>) =>
  Object.entries(state).map(([key, { shape, dtype }]) => [key, shape, dtype ?? 'float32']);

beforeAll(async () => {
  await init();
  setGuards(true);
});

describe("layers as PyTorch's", () => {
  for (const row of cases) {
    test(row.name, () => {
      const before = memory();
      scope(() => {
        const model = build(row);
        expect(outline(model.stateDict()), 'state dict').toEqual(outline(row.state));
        model.loadStateDict(
          Object.fromEntries(Object.entries(row.state).map(([key, value]) => [key, fromGolden(value)])),
        );
        model.train();
        row.batches.forEach((batch, i) => run(model, batch, `batch ${i + 1}`));
        const buffers = Object.fromEntries(model.namedBuffers());
        expect(outline(buffers), 'buffers').toEqual(outline(row.buffers));
        for (const [key, buffer] of Object.entries(buffers))
          expectClose(buffer, row.buffers[key]!, tolerance, `${key} after ${row.batches.length} batches`);
        model.eval();
        run(model, row.evaluation, 'the evaluation');
        for (const [key, buffer] of Object.entries(buffers))
          expectClose(buffer, row.buffers[key]!, tolerance, `${key} after the evaluation`);
        model.dispose();
      });
      const after = memory();
      expect({ tensors: after.tensors, bytes: after.bytes }, 'nothing is left alive').toEqual({
        tensors: before.tensors,
        bytes: before.bytes,
      });
    });
  }
});
