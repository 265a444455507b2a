/** Updates of single optimizers, and the functions that they are made of. */
import { beforeAll, expect, test } from 'vitest';
import { init, optim, tensor } from '../../src/index.js';
import { power } from '../../src/optim/math.js';
import { offset } from '../../src/runtime/address.js';
import { setGuards } from '../../src/runtime/guards.js';
import { viewF32 } from '../../src/runtime/memory.js';
import { kernels } from '../../src/runtime/runtime.js';
import { withScratch } from '../../src/runtime/scratch.js';
import { setGradients, start } from '../cases/optimizers.js';
import { uniform } from '../support/random.js';
import { eachTestInScope } from '../support/scope.js';

beforeAll(async () => {
  await init();
  setGuards(true);
});
eachTestInScope();

test('nesterov needs momentum and no dampening', () => {
  const params = [tensor([1])];
  expect(() => new optim.SGD(params, { lr: 1, nesterov: true })).toThrow('nesterov needs a momentum');
  expect(() => new optim.SGD(params, { lr: 1, nesterov: true, momentum: 0.9, dampening: 0.1 })).toThrow(
    'nesterov needs a momentum and no dampening',
  );
  expect(() => new optim.SGD(params, {} as never)).toThrow('lr must be a finite number ≥ 0');
  expect(() => new optim.Adam(params, { betas: [0.9, 1] })).toThrow(
    'betas must be two numbers in [0, 1), not [0.9, 1]',
  );
});

test('centered RMSprop survives constant gradients, where the variance rounds below 0', () => {
  const param = tensor([1, 1, 1, 1, 1]);
  const optimizer = new optim.RMSprop([param], { centered: true, alpha: 0.5, lr: 1e-6, eps: 1e-3 });
  param.grad = tensor([0.1, 0.3, 0.7, 1.1, 1.3]).keep();
  for (let step = 0; step < 60; step++) optimizer.step();
  for (const value of param.data()) expect(Number.isFinite(value)).toBe(true);
  optimizer.zeroGrad();
  optimizer.dispose();
});

test('the update of a share is that of the whole', () => {
  const n = 37;
  const random = uniform(3);
  const values = Float32Array.from({ length: 5 * n }, random);
  const run = (cuts: readonly number[]) =>
    withScratch(20 * n, (at) => {
      viewF32(at, 5 * n).set(values);
      const [p, a, b, c, g] = [
        offset(at, 0),
        offset(at, 4 * n),
        offset(at, 8 * n),
        offset(at, 12 * n),
        offset(at, 16 * n),
      ];
      for (let i = cuts.length - 1; i > 0; i--) {
        const [begin, end] = [cuts[i - 1]!, cuts[i]!];
        kernels.f32_sgd(p, a, g, 0.1, 1, 0.1, 0.9, 0.9, 0.9, begin, end);
        kernels.f32_adam(p, a, b, c, g, 1, 0.9, 0.1, 0.9, 0.1, 0.99, 0.01, 0.5, 0.01, 0.1, begin, end);
        kernels.f32_adadelta(p, a, b, g, 0.1, 1, 0.1, 0.9, 0.1, 0.01, begin, end);
        kernels.f32_nadam(p, a, b, g, 1, 0.9, 0.1, 0.9, 0.1, 0.99, 0.01, 0.5, 0.01, 0.1, 0.1, begin, end);
        kernels.f32_adagrad(p, b, g, 0.1, -1, 0.1, 0.01, begin, end);
        kernels.f32_rmsprop(p, b, a, c, g, 0.1, 1, 0.1, 0.9, 0.1, 0.9, 0.01, begin, end);
      }
      return Array.from(viewF32(at, 5 * n));
    });
  const whole = run([0, n]);
  expect(run([0, 1, 3, 7, 12, 12, 30, 37])).toEqual(whole);
  expect(whole.slice(0, n)).not.toEqual(Array.from(values.subarray(0, n)));
});

test('power is that of real exponents too', () => {
  for (const base of [0.25, 0.5, 0.96, 1, 1.1]) {
    for (const n of [0, 1e-300, 0.004, 1 / 3, 0.5, 0.9, 2.25, 41.7])
      expect(Math.abs(power(base, n) / base ** n - 1)).toBeLessThan(1e-14);
  }
  expect([power(0, 0.5), power(0, 0), power(4, 0.5), power(4, 1.5)]).toEqual([0, 1, 2, 8]);
});

test('NAdam refuses a product that is none', () => {
  const params = start(uniform(5));
  const optimizer = new optim.NAdam(params);
  setGradients(params, uniform(9));
  optimizer.step();
  const { state, paramGroups } = optimizer.stateDict();
  expect(state['0']!.mu_product).toBeCloseTo(0.9 * (1 - 0.5 * 0.96 ** 0.004), 14);
  const changed = (product: unknown) => ({
    state: { ...state, 0: { ...state['0'], mu_product: product as number } },
    paramGroups,
  });
  expect(() => optimizer.loadStateDict(changed(2))).toThrow('the mu_product of parameter 0 must be a number in [0, 1]');
  expect(() => optimizer.loadStateDict(changed(undefined))).toThrow('parameter 0 lacks its mu_product');
  optimizer.loadStateDict(changed(tensor(0.25))); // As PyTorch saves it.
  expect(optimizer.stateDict().state['0']!.mu_product).toBe(0.25);
  optimizer.zeroGrad();
  optimizer.dispose();
});

test('power is that of whole numbers', () => {
  for (const base of [0, 0.5, 0.9, 0.999, 1, 1.1]) {
    for (const n of [0, 1, 2, 3, 10, 1000, 4097])
      expect(Math.abs(power(base, n) / (base ** n || 1) - (base ** n ? 1 : 0))).toBeLessThan(1e-12);
  }
  expect(power(0.5, 10)).toBe(2 ** -10);
});
