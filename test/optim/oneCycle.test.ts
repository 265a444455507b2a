import { beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError, init, optim, tensor } from '../../src/index.js';
import { make } from '../cases/schedulers.js';
import { eachTestInScope } from '../support/scope.js';

beforeAll(async () => {
  await init();
});
eachTestInScope();

describe('momentum in OneCycleLR', () => {
  const options = {
    maxLr: 1,
    totalSteps: 11,
    pctStart: 0.5,
    annealStrategy: 'linear',
    baseMomentum: 0.5,
    maxMomentum: 0.9,
  } as const;

  test('falls while the rate rises, in Adam as the first beta', () => {
    const sgd = make();
    const adam = new optim.Adam([tensor([1])], { betas: [0.3, 0.99] });
    const schedulers = [new optim.OneCycleLR(sgd, options), new optim.OneCycleLR(adam, options)];
    const seen: number[] = [];
    for (let step = 0; step <= 10; step++) {
      seen.push(sgd.paramGroups[1]!.momentum);
      expect(adam.paramGroups[0]!.betas).toEqual([sgd.paramGroups[0]!.momentum, 0.99]);
      for (const scheduler of schedulers) scheduler.step();
    }
    const lowest = 4.5;
    seen.forEach((momentum, step) =>
      expect(momentum).toBeCloseTo(
        step <= lowest ? 0.9 - (0.4 * step) / lowest : 0.5 + (0.4 * (step - lowest)) / 5.5,
        12,
      ),
    );
  });

  test('can be left alone, and must be where there is none', () => {
    const sgd = make();
    new optim.OneCycleLR(sgd, { ...options, cycleMomentum: false }).step();
    expect(sgd.paramGroups[0]!.momentum).toBe(0.5);
    const adagrad = new optim.Adagrad([tensor([1])]);
    expect(() => new optim.OneCycleLR(adagrad, options)).toThrow('Adagrad has no momentum to cycle');
    new optim.OneCycleLR(adagrad, { ...options, cycleMomentum: false });
  });

  test.each([
    [10, 0.1],
    [10, 1],
    [10, 0],
    [1, 0.3],
    [2, 0.5],
    [3, 0.3],
  ])('of %d steps, %d of them rising, has a rate at every step', (totalSteps, pctStart) => {
    for (const threePhase of [false, true]) {
      const sgd = make();
      const scheduler = new optim.OneCycleLR(sgd, { maxLr: 1, totalSteps, pctStart, threePhase });
      for (let step = 0; step <= totalSteps; step++) {
        const { lr, momentum } = sgd.paramGroups[0]!;
        expect(lr >= 0 && lr <= 1, `rate ${lr} at step ${step}`).toBe(true);
        expect(momentum >= 0.85 && momentum <= 0.95, `momentum ${momentum} at step ${step}`).toBe(true);
        if (step < totalSteps) scheduler.step();
      }
    }
  });

  test('stays in its range where PyTorch extrapolates past the end', () => {
    for (const totalSteps of [1, 2, 3, 10]) {
      for (const threePhase of [false, true]) {
        const adam = new optim.Adam([tensor([1])]);
        const scheduler = new optim.OneCycleLR(adam, {
          maxLr: 0.3,
          totalSteps,
          annealStrategy: 'linear',
          threePhase,
          baseMomentum: 0,
          maxMomentum: 0.99,
        });
        for (let step = 0; step < totalSteps; step++) scheduler.step();
        const { lr, betas } = adam.paramGroups[0]!;
        expect(lr).toBe(0.3 / 25 / 1e4);
        expect(betas[0]).toBe(0.99);
        expect(() => scheduler.step()).toThrow(ArgumentError);
      }
    }
  });

  test('is refused where the optimizer may not have it', () => {
    const cycled = (optimizer: optim.Optimizer, momenta: object) => () =>
      new optim.OneCycleLR(optimizer, { ...options, ...momenta });
    const adam = new optim.Adam([tensor([1])]);
    const nesterov = new optim.SGD([tensor([1])], { lr: 1, momentum: 0.9, nesterov: true });
    const tooHigh = 'OneCycleLR of Adam: betas must be two numbers in [0, 1), not [1, 0.999]';
    expect(cycled(adam, { maxMomentum: 1 })).toThrow(tooHigh);
    expect(cycled(nesterov, { baseMomentum: 0 })).toThrow('nesterov needs a momentum and no dampening');
    expect(adam.paramGroups[0]).toMatchObject({ lr: 1e-3, betas: [0.9, 0.999] });
    expect(adam.paramGroups[0]).not.toHaveProperty('initialLr');
    cycled(make(), { baseMomentum: 0, maxMomentum: 1 })();
  });

  test('ends with the cycle', () => {
    const scheduler = new optim.OneCycleLR(make(), { maxLr: 1, epochs: 2, stepsPerEpoch: 3 });
    for (let step = 0; step < 6; step++) scheduler.step();
    expect(() => scheduler.step()).toThrow('OneCycleLR: step 7 of a cycle of 6 steps');
    expect(() => new optim.OneCycleLR(make(), { maxLr: 1, epochs: 2 })).toThrow('the length of the cycle is not given');
  });
});
