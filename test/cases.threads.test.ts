/**
 * Every row of the case table, forward and backward, with each kernel split into three shares and with none split: the
 * bits are the same.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { init, manualSeed, scope, stopThreads, type Tensor, tensor } from '../src/index.js';
import { FORK_ABOVE } from '../src/runtime/fork.js';
import { setGuards } from '../src/runtime/guards.js';
import { runtime } from '../src/runtime/runtime.js';
import { cases } from './cases.js';
import type { Case } from './support/case.js';
import { draw, tensorsOf, wantsGradient } from './support/inputs.js';
import { uniform } from './support/random.js';
import type { Reference } from './support/reference.js';

beforeAll(async () => {
  expect(await init({ threads: 3, oversubscribe: true })).toMatchObject({ threads: 3 });
  setGuards(true);
});

afterAll(() => {
  runtime.forkAbove = FORK_ABOVE;
  stopThreads();
});

const bits = (x: Tensor) => [...new Uint8Array(x.data().buffer)];

/** Bits of the result and of all gradients. */
function run(row: Case, values: readonly Reference[]): number[][] {
  return scope(() => {
    manualSeed(1);
    const inputs = tensorsOf(row, values);
    const differentiable = row.noGradient ? [] : inputs.filter((_, i) => wantsGradient(row.inputs[i]!));
    for (const input of differentiable) input.requireGrad();
    const y = row.run(...inputs);
    const random = uniform(9);
    if (differentiable.length > 0)
      y.backward({
        gradient: tensor(
          Float32Array.from({ length: y.size }, () => random() * 2 - 1),
          { shape: y.shape },
        ),
      });
    const result = [bits(y), ...differentiable.map((input) => bits(input.grad!))];
    for (const input of differentiable) input.zeroGrad();
    return result;
  });
}

for (const [family, rows] of Object.entries(cases)) {
  describe(family, () => {
    for (const row of rows) {
      test(row.name, () => {
        const random = uniform(row.name.length * 7919 + 17);
        const values = row.inputs.map((input) => draw(input, random));
        runtime.forkAbove = Infinity;
        const whole = run(row, values);
        runtime.forkAbove = 0;
        expect(run(row, values)).toEqual(whole);
      });
    }
  });
}
