import { beforeAll, describe, expect, test } from 'vitest';
import { init, memory, nn, optim, scope, type Tensor } from '../../src/index.js';
import type { Kind } from '../cases/optimizers.js';
import { expectClose, fromGolden, type GoldenTensor, golden } from './support.js';

interface OptimizerCase {
  name: string;
  optimizer: Kind;
  options: object;
  /** Options of one group per parameter; without: one group. */
  groups?: object[];
  /** Steps in which the second parameter has no gradient. */
  absent?: number[];
  /** The values of each parameter after each step: [steps, …shape]. */
  trajectory: GoldenTensor[];
  /** By parameter and name. */
  state: Record<string, Record<string, GoldenTensor | number>>;
  paramGroups: object[];
}

const {
  cases,
  steps,
  parameters: starts,
  gradients,
} = golden<OptimizerCase, { steps: number; parameters: GoldenTensor[]; gradients: GoldenTensor[] }>('optimizers');

/** Twenty steps, each of a few roundings. */
const tolerance = { ofLargest: 1e-6 };

/** Row `step` of a tensor whose first axis are the steps. */
const row = ({ shape, data }: GoldenTensor, step: number): GoldenTensor => {
  const size = data.length / shape[0]!;
  return { shape: shape.slice(1), data: data.slice(step * size, (step + 1) * size) };
};

beforeAll(async () => {
  await init();
});

describe("optimizers as PyTorch's", () => {
  for (const { name, optimizer: kind, options, groups, absent = [], trajectory, state, paramGroups } of cases) {
    test(name, () => {
      const before = memory();
      scope(() => {
        const parameters: Tensor[] = starts.map((start) => new nn.Parameter(fromGolden(start)));
        const Optimizer = optim[kind] as new (given: unknown, options: object) => optim.Optimizer;
        const optimizer = new Optimizer(
          groups?.map((group, i) => ({ params: [parameters[i]!], ...group })) ?? parameters,
          options,
        );
        for (let step = 0; step < steps; step++) {
          optimizer.zeroGrad();
          parameters.forEach((parameter, i) => {
            if (i === 1 && absent.includes(step)) return;
            parameter.grad = fromGolden(row(gradients[i]!, step)).keep();
          });
          optimizer.step();
          parameters.forEach((parameter, i) =>
            expectClose(parameter, row(trajectory[i]!, step), tolerance, `parameter ${i} after step ${step + 1}`),
          );
        }
        const { state: got, paramGroups: gotGroups } = optimizer.stateDict();
        expect(gotGroups).toEqual(paramGroups);
        expect(
          Object.fromEntries(Object.entries(got).map(([id, entries]) => [id, Object.keys(entries).sort()])),
          'what the state holds',
        ).toEqual(Object.fromEntries(Object.entries(state).map(([id, entries]) => [id, Object.keys(entries).sort()])));
        for (const [id, entries] of Object.entries(state)) {
          for (const [key, want] of Object.entries(entries)) {
            const value = got[id]![key]!;
            if (typeof want === 'number')
              // A product of momenta, which PyTorch keeps in float32.
              expect((typeof value === 'number' ? value : value.item()) / want, `${key} of ${id}`).toBeCloseTo(1, 5);
            else expectClose(value as Tensor, want, tolerance, `${key} of ${id}`);
          }
        }
        optimizer.zeroGrad();
        optimizer.dispose();
        parameters.forEach((parameter) => parameter.dispose());
      });
      const after = memory();
      expect({ tensors: after.tensors, bytes: after.bytes }, 'nothing is left alive').toEqual({
        tensors: before.tensors,
        bytes: before.bytes,
      });
    });
  }
});
