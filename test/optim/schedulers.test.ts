import { beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError, CheckpointError, init, optim, tensor } from '../../src/index.js';
import { kinds, loss, make, RATES } from '../cases/schedulers.js';
import { eachTestInScope } from '../support/scope.js';

beforeAll(async () => { await init(); });
eachTestInScope();

describe.each(Object.entries(kinds))('%s', (_name, { build, rate }) => {
  const rates = (optimizer: optim.Optimizer) => optimizer.paramGroups.map(({ lr }) => lr);

  if (rate !== undefined) {
    test('has the rates of its closed form', () => {
      const optimizer = make();
      const scheduler = build(optimizer);
      for (let epoch = 0; epoch <= 12; epoch++) {
        rates(optimizer).forEach((lr, group) => expect(Math.abs(lr / rate(RATES[group]!, epoch) - 1), `epoch ${epoch}, group ${group}: ${lr}`).toBeLessThan(1e-12));
        expect(scheduler.getLastLr()).toEqual(rates(optimizer));
        scheduler.step();
      }
    });
  }

  test('goes on from a saved state to the same bits, whichever of optimizer and scheduler is loaded first', () => {
    for (const optimizerFirst of [true, false]) {
      const optimizer = make();
      const scheduler = build(optimizer);
      for (let epoch = 0; epoch < 5; epoch++) scheduler.step(loss(epoch));
      const saved = JSON.parse(JSON.stringify(scheduler.stateDict())) as optim.SchedulerState;
      const resumed = make();
      if (optimizerFirst) resumed.loadStateDict(optimizer.stateDict());
      const other = build(resumed);
      other.loadStateDict(saved);
      if (!optimizerFirst) resumed.loadStateDict(optimizer.stateDict());
      expect(resumed.stateDict().paramGroups).toEqual(optimizer.stateDict().paramGroups);
      for (let epoch = 5; epoch < 12; epoch++) {
        scheduler.step(loss(epoch));
        other.step(loss(epoch));
        expect(resumed.stateDict().paramGroups).toEqual(optimizer.stateDict().paramGroups);
      }
      expect(other.stateDict()).toEqual(scheduler.stateDict());
    }
  });

  test('refuses the state of another, and stays as it was', () => {
    const optimizer = make();
    const scheduler = build(optimizer);
    scheduler.step(1);
    const good = scheduler.stateDict();
    const groups = JSON.stringify(optimizer.stateDict().paramGroups);
    const refused = (state: unknown, message: string) => {
      expect(() => scheduler.loadStateDict(state as optim.SchedulerState)).toThrow(CheckpointError);
      expect(() => scheduler.loadStateDict(state as optim.SchedulerState)).toThrow(message);
    };
    refused(null, 'no scheduler');
    refused({ ...good, type: 'OtherLR' }, 'the state is that of OtherLR');
    refused({ ...good, last_epoch: -1 }, 'last_epoch must be a whole number');
    refused({ ...good, _last_lr: [1] }, '_last_lr must be 2 numbers');
    for (const key of Object.keys(good)) refused({ ...good, [key]: 'nonsense' }, 'loadStateDict');
    expect(scheduler.stateDict()).toEqual(good);
    expect(JSON.stringify(optimizer.stateDict().paramGroups)).toBe(groups);
  });

  test('refuses an option that it does not know', () => {
    const optimizer = make();
    const Kind = build(optimizer).constructor as new (optimizer: optim.Optimizer, options: object) => unknown;
    expect(() => new Kind(make(), { speed: 3 })).toThrow(ArgumentError);
    expect(() => new Kind(make(), { speed: 3 })).toThrow('there is no option speed');
  });
});

describe('momentum in OneCycleLR', () => {
  const options = { maxLr: 1, totalSteps: 11, pctStart: 0.5, annealStrategy: 'linear', baseMomentum: 0.5, maxMomentum: 0.9 } as const;

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
    seen.forEach((momentum, step) => expect(momentum).toBeCloseTo(step <= lowest ? 0.9 - 0.4 * step / lowest : 0.5 + 0.4 * (step - lowest) / 5.5, 12));
  });

  test('can be left alone, and must be where there is none', () => {
    const sgd = make();
    new optim.OneCycleLR(sgd, { ...options, cycleMomentum: false }).step();
    expect(sgd.paramGroups[0]!.momentum).toBe(0.5);
    const adagrad = new optim.Adagrad([tensor([1])]);
    expect(() => new optim.OneCycleLR(adagrad, options)).toThrow('Adagrad has no momentum to cycle');
    new optim.OneCycleLR(adagrad, { ...options, cycleMomentum: false });
  });

  test.each([[10, 0.1], [10, 1], [10, 0], [1, 0.3], [2, 0.5], [3, 0.3]])('of %d steps, %d of them rising, has a rate at every step', (totalSteps, pctStart) => {
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

  test('ends with the cycle', () => {
    const scheduler = new optim.OneCycleLR(make(), { maxLr: 1, epochs: 2, stepsPerEpoch: 3 });
    for (let step = 0; step < 6; step++) scheduler.step();
    expect(() => scheduler.step()).toThrow('OneCycleLR: step 7 of a cycle of 6 steps');
    expect(() => new optim.OneCycleLR(make(), { maxLr: 1, epochs: 2 })).toThrow('the length of the cycle is not given');
  });
});

describe('ReduceLROnPlateau', () => {
  test('waits for patience, then reduces, then cools down', () => {
    const optimizer = make();
    const scheduler = new optim.ReduceLROnPlateau(optimizer, { patience: 1, factor: 0.5, cooldown: 2 });
    const seen = [1, 1, 1, 1, 1, 1, 1, 1].map((metric) => {
      scheduler.step(metric);
      return optimizer.paramGroups[0]!.lr;
    });
    expect(seen).toEqual([0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025]);
  });

  test('takes NaN for no improvement, and needs a metric', () => {
    const optimizer = make();
    const scheduler = new optim.ReduceLROnPlateau(optimizer, { patience: 0, factor: 0.5, minLr: [0.06, 0] });
    scheduler.step(NaN);
    expect(optimizer.paramGroups.map(({ lr }) => lr)).toEqual([0.06, 0.01]);
    expect(() => scheduler.step()).toThrow('ReduceLROnPlateau: a step needs the metric to watch');
  });

  test('may watch what grows', () => {
    const optimizer = make();
    const scheduler = new optim.ReduceLROnPlateau(optimizer, { mode: 'max', patience: 0, factor: 0.5, threshold: 0.1, thresholdMode: 'abs' });
    const seen = [0.5, 0.65, 0.7, 0.9].map((metric) => {
      scheduler.step(metric);
      return optimizer.paramGroups[0]!.lr;
    });
    expect(seen).toEqual([0.1, 0.1, 0.05, 0.05]);
  });
});

test('two schedulers on one optimizer multiply', () => {
  const optimizer = make();
  const schedulers = [new optim.StepLR(optimizer, { stepSize: 2, gamma: 0.5 }), new optim.ExponentialLR(optimizer, { gamma: 0.9 })];
  for (let epoch = 0; epoch < 4; epoch++) for (const scheduler of schedulers) scheduler.step();
  expect(optimizer.paramGroups[0]!.lr).toBeCloseTo(0.1 * 0.25 * 0.9 ** 4, 14);
  expect(optimizer.paramGroups[0]!.initialLr).toBe(0.1);
});

test('options outside their range are refused', () => {
  const refused = (build: (optimizer: optim.Optimizer) => unknown, message: string) => {
    expect(() => build(make())).toThrow(ArgumentError);
    expect(() => build(make())).toThrow(message);
  };
  refused((optimizer) => new optim.StepLR(optimizer, { stepSize: 0 }), 'StepLR: stepSize must be a whole number > 0, not 0');
  refused((optimizer) => new optim.StepLR(optimizer, {} as never), 'StepLR: stepSize must be a whole number > 0, not left out');
  refused((optimizer) => new optim.MultiStepLR(optimizer, { milestones: [1.5] }), 'MultiStepLR: milestones must be an array, each a whole number ≥ 0, not [1.5]');
  refused((optimizer) => new optim.ExponentialLR(optimizer, { gamma: NaN }), 'ExponentialLR: gamma must be a finite number, not NaN');
  refused((optimizer) => new optim.CosineAnnealingLR(optimizer, { tMax: -1 }), 'CosineAnnealingLR: tMax');
  refused((optimizer) => new optim.LinearLR(optimizer, { startFactor: 0 }), 'LinearLR: startFactor must be a number in (0, 1], not 0');
  refused((optimizer) => new optim.LambdaLR(optimizer, { lrLambda: [() => 1] }), 'LambdaLR: 1 values of lrLambda for 2 parameter groups');
  refused((optimizer) => new optim.OneCycleLR(optimizer, { maxLr: [1, 2, 3], totalSteps: 5 }), 'OneCycleLR: 3 values of maxLr for 2 parameter groups');
  refused((optimizer) => new optim.OneCycleLR(optimizer, { maxLr: 1, totalSteps: 5, annealStrategy: 'cosine' as never }), "annealStrategy must be 'cos' or 'linear', not 'cosine'");
  refused((optimizer) => new optim.ReduceLROnPlateau(optimizer, { factor: 1 }), 'ReduceLROnPlateau: factor must be a number in [0, 1), not 1');
  refused((optimizer) => new optim.SequentialLR(optimizer, { schedulers: [new optim.LinearLR(make())], milestones: [] }), 'SequentialLR: scheduler 0 is of another optimizer');
  refused((optimizer) => new optim.SequentialLR(optimizer, { schedulers: [new optim.LinearLR(optimizer)], milestones: [3] }), 'SequentialLR: 1 schedulers need 0 milestones between them, not 1');
  refused((optimizer) => new optim.SequentialLR(optimizer, { schedulers: [new optim.ReduceLROnPlateau(optimizer)], milestones: [] }), 'SequentialLR: schedulers must be an array, each a scheduler whose rates follow from the epoch, not [a ReduceLROnPlateau]');
  refused((optimizer) => new optim.SequentialLR(optimizer, {
    schedulers: [1, 2, 3].map(() => new optim.LinearLR(optimizer)), milestones: [4, 4],
  }), 'SequentialLR: milestones must rise');
});
