import { beforeAll, describe, expect, test } from 'vitest';
import { init, memory, scope, tensor } from '../src/index.js';
import { setGuards } from '../src/runtime/guards.js';
import { cases } from './cases.js';
import type { Case } from './support/case.js';
import { draw, tensorsOf, wantsGradient } from './support/inputs.js';
import { uniform } from './support/random.js';
import type { Reference } from './support/reference.js';

/** Step of the central differences: taken on the double-precision twin, so they are good to about 1e-9. */
const STEP = 1e-6;

beforeAll(async () => {
  await init({ threads: 1 });
  setGuards(true);
});

function expectClose(got: ArrayLike<number>, want: Float64Array, tolerance: number, what: string): void {
  expect(got.length, what).toBe(want.length);
  let largest = 1;
  for (const value of want) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  for (let i = 0; i < want.length; i++) {
    if (Object.is(got[i], want[i]) || got[i] === want[i]) continue;
    const error = Math.abs(got[i]! - want[i]!) / largest;
    if (!(error <= tolerance))
      expect.fail(
        `${what}: element ${i} is ${got[i]}, the twin has ${want[i]} (error ${error.toExponential(2)} ` +
          `of the largest, allowed ${tolerance})`,
      );
  }
}

function check(row: Case): void {
  const random = uniform(row.name.length * 7919 + 17);
  const values = row.inputs.map((input) => draw(input, random));
  const before = memory();
  scope(() => {
    const inputs = tensorsOf(row, values);
    const differentiable = row.noGradient ? [] : inputs.filter((_, i) => wantsGradient(row.inputs[i]!));
    for (const input of differentiable) input.requireGrad();

    const want = row.twin(...values);
    const y = row.run(...inputs);
    expect(y.shape, 'shape').toEqual(want.shape);
    if (row.dtype !== undefined) expect(y.dtype, 'dtype').toBe(row.dtype);
    expectClose(y.view(), want.data, row.tolerance ?? 2e-6, 'value');
    expect(Array.from(row.run(...inputs).view()), 'the same bits twice').toEqual(Array.from(y.view()));
    if (differentiable.length === 0) return;

    const weights = want.data.map(() => Math.fround(random() * 2 - 1));
    const gradient = tensor(Float32Array.from(weights), { shape: want.shape });
    y.backward({ gradient });
    const loss = (at: Reference[]) => row.twin(...at).data.reduce((sum, value, i) => sum + value * weights[i]!, 0);
    row.inputs.forEach((input, i) => {
      if (!wantsGradient(input)) return;
      const numeric = values[i]!.data.map((value, flat) => {
        const shifted = (by: number) =>
          loss(values.map((x, j) => (j === i ? { shape: x.shape, data: x.data.with(flat, value + by) } : x)));
        return (shifted(STEP) - shifted(-STEP)) / (2 * STEP);
      });
      const { grad } = inputs[i]!;
      if (grad === null) expect.fail(`input ${i} got no gradient`);
      expectClose(grad.view(), numeric, row.gradientTolerance ?? row.tolerance ?? 2e-6, `gradient of input ${i}`);
    });

    const once = differentiable.map((input) => Array.from(input.grad!.view()));
    row.run(...inputs).backward({ gradient });
    differentiable.forEach((input, i) => {
      expect(Array.from(input.grad!.view()), 'two walks add up').toEqual(once[i]!.map((value) => 2 * value));
      input.zeroGrad();
    });
  });
  const after = memory();
  expect({ tensors: after.tensors, bytes: after.bytes }, 'nothing is left alive').toEqual({
    tensors: before.tensors,
    bytes: before.bytes,
  });
}

/** For the largest rows, whose derivatives are compared with differences of thousands of values, on a busy machine. */
const LIMIT = 300_000;

for (const [family, rows] of Object.entries(cases)) {
  describe(family, () => {
    const names = rows.map(({ name }) => name);
    test('rows have names of their own', () =>
      expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]));
    for (const row of rows) test(row.name, () => check(row), LIMIT);
  });
}
