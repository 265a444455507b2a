import { beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError, CheckpointError, init, optim, tensor } from '../../src/index.js';
import { kinds, loss, make, RATES } from '../cases/schedulers.js';
import { eachTestInScope } from '../support/scope.js';

beforeAll(async () => {
  await init();
});
eachTestInScope();

describe.each(Object.entries(kinds))('%s', (_name, { build, rate }) => {
  const rates = (optimizer: optim.Optimizer) => optimizer.paramGroups.map(({ lr }) => lr);

  if (rate !== undefined) {
    test('has the rates of its closed form', () => {
      const optimizer = make();
      const scheduler = build(optimizer);
      for (let epoch = 0; epoch <= 12; epoch++) {
        rates(optimizer).forEach((lr, group) => {
          const want = rate(RATES[group]!, epoch);
          const error = Math.abs(lr - want);
          expect(error, `epoch ${epoch}, group ${group}: ${lr} for ${want}`).toBeLessThanOrEqual(1e-12 * want);
        });
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
    refused({ ...good, _last_lr: [1, NaN] }, '_last_lr must be finite numbers ≥ 0, not [1, NaN]');
    refused({ ...good, _last_lr: [1, '1'] }, "_last_lr must be finite numbers ≥ 0, not [1, '1']");
    refused({ ...good, _last_lr: [1, -0.1] }, '_last_lr must be finite numbers ≥ 0, not [1, -0.1]');
    refused({ ...good, speed: 3 }, 'the state has the entry speed, which');
    refused([], 'no scheduler');
    for (const wrong of [undefined, null, NaN, 1.5, '1', 10n]) {
      refused({ ...good, last_epoch: wrong }, 'last_epoch must be a whole number');
    }
    for (const key of Object.keys(good)) refused({ ...good, [key]: undefined }, 'loadStateDict');
    if ('base_lrs' in good) {
      const wrongLists = [[1, 2, 3], [NaN, 1], [1, -1], 'none'];
      for (const wrong of wrongLists) refused({ ...good, base_lrs: wrong }, 'base_lrs must be');
    }
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
    const scheduler = new optim.ReduceLROnPlateau(optimizer, {
      mode: 'max',
      patience: 0,
      factor: 0.5,
      threshold: 0.1,
      thresholdMode: 'abs',
    });
    const seen = [0.5, 0.65, 0.7, 0.9].map((metric) => {
      scheduler.step(metric);
      return optimizer.paramGroups[0]!.lr;
    });
    expect(seen).toEqual([0.1, 0.1, 0.05, 0.05]);
  });
});

test('two schedulers on one optimizer multiply', () => {
  const optimizer = make();
  const schedulers = [
    new optim.StepLR(optimizer, { stepSize: 2, gamma: 0.5 }),
    new optim.ExponentialLR(optimizer, { gamma: 0.9 }),
  ];
  for (let epoch = 0; epoch < 4; epoch++) for (const scheduler of schedulers) scheduler.step();
  expect(optimizer.paramGroups[0]!.lr).toBeCloseTo(0.1 * 0.25 * 0.9 ** 4, 14);
  expect(optimizer.paramGroups[0]!.initialLr).toBe(0.1);
});

test('options outside their range are refused', () => {
  const refused = (build: (optimizer: optim.Optimizer) => unknown, message: string) => {
    expect(() => build(make())).toThrow(ArgumentError);
    expect(() => build(make())).toThrow(message);
  };
  refused(
    (optimizer) => new optim.StepLR(optimizer, { stepSize: 0 }),
    'StepLR: stepSize must be a whole number ≥ 1, not 0',
  );
  refused(
    (optimizer) => new optim.StepLR(optimizer, {} as never),
    'StepLR: stepSize must be a whole number ≥ 1, not left out',
  );
  refused(
    (optimizer) => new optim.MultiStepLR(optimizer, { milestones: [1.5] }),
    'MultiStepLR: milestones[0] must be a whole number ≥ 0, not 1.5',
  );
  const atLeast0 = 'must be a finite number ≥ 0, not';
  refused((o) => new optim.ExponentialLR(o, { gamma: NaN }), `ExponentialLR: gamma ${atLeast0} NaN`);
  refused((o) => new optim.StepLR(o, { stepSize: 1, gamma: -1 }), `StepLR: gamma ${atLeast0} -1`);
  refused((o) => new optim.MultiStepLR(o, { milestones: [], gamma: -1 }), `MultiStepLR: gamma ${atLeast0} -1`);
  refused((o) => new optim.CosineAnnealingLR(o, { tMax: 1, etaMin: -1 }), `CosineAnnealingLR: etaMin ${atLeast0} -1`);
  refused((optimizer) => new optim.CosineAnnealingLR(optimizer, { tMax: -1 }), 'CosineAnnealingLR: tMax');
  refused(
    (optimizer) => new optim.LinearLR(optimizer, { startFactor: 0 }),
    'LinearLR: startFactor must be a number in (0, 1], not 0',
  );
  refused(
    (optimizer) => new optim.LambdaLR(optimizer, { lrLambda: [() => 1] }),
    'LambdaLR: 1 values of lrLambda for 2 parameter groups',
  );
  refused(
    (optimizer) => new optim.OneCycleLR(optimizer, { maxLr: [1, 2, 3], totalSteps: 5 }),
    'OneCycleLR: 3 values of maxLr for 2 parameter groups',
  );
  refused(
    (optimizer) => new optim.OneCycleLR(optimizer, { maxLr: 1, totalSteps: 5, annealStrategy: 'cosine' as never }),
    "annealStrategy must be 'cos' or 'linear', not 'cosine'",
  );
  refused((o) => new optim.ReduceLROnPlateau(o, { minLr: [1] }), '1 values of minLr for 2 parameter groups');
  refused(
    (optimizer) => new optim.ReduceLROnPlateau(optimizer, { factor: 1 }),
    'ReduceLROnPlateau: factor must be a number in [0, 1), not 1',
  );
  refused(
    (optimizer) => new optim.SequentialLR(optimizer, { schedulers: [new optim.LinearLR(make())], milestones: [] }),
    'SequentialLR: scheduler 0 is of another optimizer',
  );
  refused(
    (optimizer) => new optim.SequentialLR(optimizer, { schedulers: [new optim.LinearLR(optimizer)], milestones: [3] }),
    'SequentialLR: 1 schedulers need 0 milestones between them, not 1',
  );
  refused(
    (optimizer) =>
      new optim.SequentialLR(optimizer, { schedulers: [new optim.ReduceLROnPlateau(optimizer)], milestones: [] }),
    'SequentialLR: schedulers[0] must be a scheduler whose rates follow from the epoch, not a ReduceLROnPlateau',
  );
  refused(
    (optimizer) =>
      new optim.SequentialLR(optimizer, {
        schedulers: [1, 2, 3].map(() => new optim.LinearLR(optimizer)),
        milestones: [4, 4],
      }),
    'SequentialLR: milestones must rise',
  );
});

test('a scheduler that is refused leaves no trace on the optimizer', () => {
  const optimizer = make();
  expect(() => new optim.StepLR(optimizer, { stepSize: 0 })).toThrow(ArgumentError);
  expect(() => new optim.LambdaLR(optimizer, { lrLambda: () => NaN })).toThrow(ArgumentError);
  const short = { maxLr: [1, 2], totalSteps: 5, baseMomentum: [1] };
  expect(() => new optim.OneCycleLR(optimizer, short)).toThrow(ArgumentError);
  const rates = optimizer.paramGroups.map(({ lr, initialLr }) => [lr, initialLr]);
  expect(rates).toEqual([
    [0.1, undefined],
    [0.02, undefined],
  ]);
});

describe('a rate that is not a finite number ≥ 0 is refused before anything has changed', () => {
  test.each([-0.1, NaN, Infinity, undefined, 'half'])('when lrLambda returns %s', (wrong) => {
    const optimizer = make();
    const lrLambda = [() => 1, (epoch: number) => (epoch === 2 ? (wrong as number) : 0.5)];
    const scheduler = new optim.LambdaLR(optimizer, { lrLambda });
    scheduler.step();
    const [before, groups] = [scheduler.stateDict(), optimizer.stateDict().paramGroups];
    expect(() => scheduler.step()).toThrow(ArgumentError);
    expect(() => scheduler.step()).toThrow('LambdaLR: the learning rate of group 1 would be ');
    expect(scheduler.stateDict()).toEqual(before);
    expect(optimizer.stateDict().paramGroups).toEqual(groups);
  });

  test('when it grows past all numbers, in a sequence too', () => {
    const optimizer = make();
    const scheduler = new optim.SequentialLR(optimizer, {
      schedulers: [new optim.ExponentialLR(optimizer, { gamma: 1e300 }), new optim.LinearLR(optimizer)],
      milestones: [9],
    });
    scheduler.step();
    const before = scheduler.stateDict();
    expect(() => scheduler.step()).toThrow('ExponentialLR: the learning rate of group 0 would be Infinity at epoch 2');
    expect(scheduler.stateDict()).toEqual(before);
  });

  test('when it was set by hand', () => {
    const optimizer = make();
    const scheduler = new optim.StepLR(optimizer, { stepSize: 2 });
    optimizer.paramGroups[1]!.lr = NaN;
    expect(() => scheduler.step()).toThrow('StepLR: the learning rate of group 1 would be NaN at epoch 1');
    expect(scheduler.lastEpoch).toBe(0);
  });
});

describe('rates of a state that rounding left below 0', () => {
  const load = (rates: number[]) => {
    const optimizer = make();
    const scheduler = new optim.LinearLR(optimizer, { endFactor: 0 });
    scheduler.loadStateDict({ ...scheduler.stateDict(), _last_lr: rates });
    return optimizer.paramGroups.map(({ lr }) => lr);
  };

  test('are taken for 0, as earlier versions saved them', () => expect(load([-1.85e-18, -1e-8])).toEqual([0, 0]));

  test('are refused where they are truly below', () => {
    expect(() => load([0.1, -1e-7])).toThrow(CheckpointError);
  });
});

test('LinearLR ends on the initial rate times endFactor to the last bit, whatever the lengths', () => {
  for (const endFactor of [0, 1e-30, 0.1, 1 / 3, 0.8, 1]) {
    for (const startFactor of [1e-3, 1 / 3, 0.7, 1]) {
      for (let totalIters = 1; totalIters <= 40; totalIters++) {
        const optimizer = make();
        const scheduler = new optim.LinearLR(optimizer, { startFactor, endFactor, totalIters });
        for (let epoch = 0; epoch < totalIters + 2; epoch++) {
          expect(optimizer.paramGroups.every(({ lr }) => lr >= 0)).toBe(true);
          scheduler.step();
        }
        expect(optimizer.paramGroups.map(({ lr }) => lr)).toEqual(RATES.map((lr) => lr * endFactor));
      }
    }
  }
});

test('CosineAnnealingLR stays between 0 and the higher of its ends over many turns, as on its curve', () => {
  for (const [lr, etaMin] of [
    [0.1, 0],
    [0, 0.01],
    [0.001, 0.01],
    [0.1, 1e-9],
  ] as const) {
    for (const tMax of [1, 2, 3, 7, 10, 50, 300]) {
      const optimizer = new optim.SGD([tensor([1])], { lr });
      const scheduler = new optim.CosineAnnealingLR(optimizer, { tMax, etaMin });
      for (let epoch = 1; epoch <= 20 * tMax; epoch++) {
        scheduler.step();
        const rate = optimizer.paramGroups[0]!.lr;
        const want = etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * (epoch % (2 * tMax))) / tMax))) / 2;
        expect(rate >= 0 && Math.abs(rate - want) < 1e-9 * Math.max(lr, etaMin), `${rate} for ${want}`).toBe(true);
      }
    }
  }
});

test('no two schedulers together take a rate below 0', () => {
  const optimizer = new optim.SGD([tensor([1])], { lr: 0.1 });
  const schedulers = [
    new optim.ExponentialLR(optimizer, { gamma: 0.2 }),
    new optim.CosineAnnealingLR(optimizer, { tMax: 5, etaMin: 0.02 }),
  ];
  for (let epoch = 0; epoch < 40; epoch++) {
    for (const scheduler of schedulers) scheduler.step();
    expect(optimizer.paramGroups[0]!.lr).toBeGreaterThanOrEqual(0);
  }
});
