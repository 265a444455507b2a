/** Groups that join an optimizer after its schedulers were made. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError, CheckpointError, init, optim, type Tensor, tensor } from '../../src/index.js';
import { eachTestInScope } from '../support/scope.js';

beforeAll(async () => {
  await init();
});
eachTestInScope();

const LR = 0.1;
const JOINED = 0.2;
const EPOCHS = 12;

const make = () => new optim.SGD([tensor([1])], { lr: LR, momentum: 0.5 });
const join = (optimizer: optim.Optimizer) => optimizer.addParamGroup({ params: [tensor([1])], lr: JOINED });
const ratesOf = (optimizer: optim.Optimizer) => optimizer.paramGroups.map(({ lr }) => lr);

type Build = (optimizer: optim.Optimizer) => optim.Scheduler;

/** Schedulers, and the factor of a group that joined after `joined` steps: of its own rate, at a later epoch. */
const kinds: Record<string, { build: Build; factor: (epoch: number, joined: number) => number }> = {
  StepLR: {
    build: (optimizer) => new optim.StepLR(optimizer, { stepSize: 3, gamma: 0.5 }),
    factor: (epoch, joined) => 0.5 ** (Math.floor(epoch / 3) - Math.floor(joined / 3)),
  },
  MultiStepLR: {
    build: (optimizer) => new optim.MultiStepLR(optimizer, { milestones: [2, 5, 5], gamma: 0.5 }),
    factor: (epoch, joined) => 0.5 ** [2, 5, 5].filter((drop) => drop <= epoch && drop > joined).length,
  },
  ExponentialLR: {
    build: (optimizer) => new optim.ExponentialLR(optimizer, { gamma: 0.9 }),
    factor: (epoch, joined) => 0.9 ** (epoch - joined),
  },
  LinearLR: {
    build: (optimizer) => new optim.LinearLR(optimizer, { startFactor: 0.25, totalIters: 6 }),
    factor: (epoch) => 0.25 + (0.75 * Math.min(epoch, 6)) / 6,
  },
  'LinearLR to 0': {
    build: (optimizer) => new optim.LinearLR(optimizer, { startFactor: 1, endFactor: 0, totalIters: 8 }),
    factor: (epoch) => 1 - Math.min(epoch, 8) / 8,
  },
  CosineAnnealingLR: {
    build: (optimizer) => new optim.CosineAnnealingLR(optimizer, { tMax: 5 }),
    factor: (epoch) => (1 + Math.cos((Math.PI * epoch) / 5)) / 2,
  },
  'CosineAnnealingLR of one epoch': {
    build: (optimizer) => new optim.CosineAnnealingLR(optimizer, { tMax: 1 }),
    factor: (epoch) => (epoch + 1) % 2,
  },
  LambdaLR: {
    build: (optimizer) => new optim.LambdaLR(optimizer, { lrLambda: (epoch) => 1 / (1 + epoch) }),
    factor: (epoch) => 1 / (1 + epoch),
  },
  ConstantLR: {
    build: (optimizer) => new optim.ConstantLR(optimizer, { factor: 0.5, totalIters: 6 }),
    factor: (epoch) => (epoch < 6 ? 0.5 : 1),
  },
  PolynomialLR: {
    build: (optimizer) => new optim.PolynomialLR(optimizer, { totalIters: 8, power: 2 }),
    factor: (epoch) => (1 - Math.min(epoch, 8) / 8) ** 2,
  },
  CosineAnnealingWarmRestarts: {
    build: (optimizer) => new optim.CosineAnnealingWarmRestarts(optimizer, { t0: 4 }),
    factor: (epoch) => (1 + Math.cos((Math.PI * (epoch % 4)) / 4)) / 2,
  },
  SWALR: {
    build: (optimizer) =>
      new optim.SWALR(optimizer, { swaLr: 0.5 * JOINED, annealEpochs: 5, annealStrategy: 'linear' }),
    factor: (epoch) => 1 - 0.5 * Math.min(1, epoch / 5),
  },
  OneCycleLR: {
    build: (optimizer) =>
      new optim.OneCycleLR(optimizer, { maxLr: 0.3, totalSteps: 15, pctStart: 0.4, annealStrategy: 'linear' }),
    factor: (epoch) => (0.3 / JOINED) * (epoch <= 5 ? 0.04 + 0.192 * epoch : 1 - ((epoch - 5) * (1 - 4e-6)) / 9),
  },
  SequentialLR: {
    build: (optimizer) =>
      new optim.SequentialLR(optimizer, {
        schedulers: [
          new optim.LinearLR(optimizer, { startFactor: 0.5, totalIters: 4 }),
          new optim.LambdaLR(optimizer, { lrLambda: (epoch) => 1 / (1 + epoch) }),
          new optim.CosineAnnealingLR(optimizer, { tMax: 4 }),
        ],
        milestones: [4, 7],
      }),
    factor: (epoch) => {
      if (epoch < 4) return 0.5 + (0.5 * epoch) / 4;
      return epoch < 7 ? 1 / (epoch - 3) : (1 + Math.cos((Math.PI * (epoch - 7)) / 4)) / 2;
    },
  },
  'SequentialLR of schedulers that multiply': {
    build: (optimizer) =>
      new optim.SequentialLR(optimizer, {
        schedulers: [
          new optim.ExponentialLR(optimizer, { gamma: 0.5 }),
          new optim.StepLR(optimizer, { stepSize: 2, gamma: 0.5 }),
        ],
        milestones: [3],
      }),
    factor: (epoch, joined) => {
      if (epoch < 3) return 0.5 ** (epoch - joined);
      return 0.5 ** (Math.floor((epoch - 3) / 2) - Math.max(0, Math.floor((joined - 3) / 2)));
    },
  },
};

describe.each(Object.entries(kinds))('a group that joins under %s', (_name, { build, factor }) => {
  test('follows the schedule with its own rate, whenever it joins', () => {
    for (let joined = 0; joined < EPOCHS; joined++) {
      const optimizer = make();
      const scheduler = build(optimizer);
      const alone = make();
      const other = build(alone);
      for (let epoch = 0; epoch < joined; epoch++) for (const each of [scheduler, other]) each.step();
      join(optimizer);
      expect(optimizer.paramGroups[1]).toMatchObject({ lr: JOINED, initialLr: JOINED });
      for (let epoch = joined + 1; epoch <= EPOCHS; epoch++) {
        for (const each of [scheduler, other]) each.step();
        const [first, second] = ratesOf(optimizer) as [number, number];
        expect(first, 'the other group is as it would be without it').toBe(alone.paramGroups[0]!.lr);
        const want = JOINED * factor(epoch, joined);
        expect(Math.abs(second - want), `epoch ${epoch}, joined after ${joined}: ${second}`).toBeLessThan(1e-15);
      }
      const { momentum } = optimizer.paramGroups[0]!;
      expect(optimizer.paramGroups[1]!.momentum).toBe(momentum);
    }
  });

  test('goes on from a saved state to the same bits, saved before or after the scheduler took it in', () => {
    for (const joined of [0, 4, 7]) {
      for (const saved of [joined, joined + 1, joined + 3]) {
        const optimizer = make();
        const scheduler = build(optimizer);
        for (let epoch = 0; epoch < saved; epoch++) {
          if (epoch === joined) join(optimizer);
          scheduler.step();
        }
        if (saved === joined) join(optimizer);
        const resumed = make();
        join(resumed);
        const other = build(resumed);
        resumed.loadStateDict(optimizer.stateDict());
        other.loadStateDict(JSON.parse(JSON.stringify(scheduler.stateDict())) as optim.SchedulerState);
        for (let epoch = saved; epoch < EPOCHS; epoch++) {
          expect(resumed.stateDict().paramGroups).toEqual(optimizer.stateDict().paramGroups);
          expect(other.stateDict()).toEqual(scheduler.stateDict());
          for (const each of [scheduler, other]) each.step();
        }
      }
    }
  });

  test('is missing from a state of before: that state is refused, and nothing changes', () => {
    const optimizer = make();
    const scheduler = build(optimizer);
    scheduler.step();
    const [old, oldOptimizer] = [scheduler.stateDict(), optimizer.stateDict()];
    join(optimizer);
    scheduler.step();
    const [before, groups] = [scheduler.stateDict(), optimizer.stateDict().paramGroups];
    expect(() => scheduler.loadStateDict(old)).toThrow(CheckpointError);
    expect(() => scheduler.loadStateDict(old)).toThrow('_last_lr must be 2 numbers, one for each parameter group');
    expect(() => optimizer.loadStateDict(oldOptimizer)).toThrow('the state has 1 parameter groups, the optimizer 2');
    expect(scheduler.stateDict()).toEqual(before);
    expect(optimizer.stateDict().paramGroups).toEqual(groups);
  });
});

test('under ReduceLROnPlateau, it is reduced with the others from then on', () => {
  const optimizer = make();
  const scheduler = new optim.ReduceLROnPlateau(optimizer, { patience: 0, factor: 0.5, minLr: 0.03 });
  for (let epoch = 0; epoch < 2; epoch++) scheduler.step(1);
  join(optimizer);
  const seen = [1, 1, 1, 1].map((metric) => {
    scheduler.step(metric);
    return ratesOf(optimizer);
  });
  expect(seen).toEqual([
    [0.03, 0.1],
    [0.03, 0.05],
    [0.03, 0.03],
    [0.03, 0.03],
  ]);
});

describe('a list with a value for each group has none for one that joins', () => {
  const half = (epoch: number) => 1 / (1 + epoch);
  const lists: Record<string, { build: Build; option: string }> = {
    LambdaLR: { build: (optimizer) => new optim.LambdaLR(optimizer, { lrLambda: [half] }), option: 'lrLambda' },
    'OneCycleLR, maxLr': {
      build: (optimizer) => new optim.OneCycleLR(optimizer, { maxLr: [0.3], totalSteps: 10 }),
      option: 'maxLr',
    },
    'OneCycleLR, baseMomentum': {
      build: (optimizer) => new optim.OneCycleLR(optimizer, { maxLr: 0.3, totalSteps: 10, baseMomentum: [0.8] }),
      option: 'baseMomentum',
    },
    ReduceLROnPlateau: {
      build: (optimizer) => new optim.ReduceLROnPlateau(optimizer, { minLr: [0.01] }),
      option: 'minLr',
    },
    SequentialLR: {
      build: (optimizer) =>
        new optim.SequentialLR(optimizer, {
          schedulers: [new optim.LambdaLR(optimizer, { lrLambda: [half] }), new optim.LinearLR(optimizer)],
          milestones: [9],
        }),
      option: 'lrLambda',
    },
    'SequentialLR, at its milestone': {
      build: (optimizer) =>
        new optim.SequentialLR(optimizer, {
          schedulers: [new optim.LinearLR(optimizer), new optim.LambdaLR(optimizer, { lrLambda: [half] })],
          milestones: [2],
        }),
      option: 'lrLambda',
    },
  };

  test.each(Object.entries(lists))('%s: step() says so, and changes nothing', (_name, { build, option }) => {
    const optimizer = make();
    const scheduler = build(optimizer);
    scheduler.step(1);
    join(optimizer);
    const [before, groups] = [scheduler.stateDict(), optimizer.stateDict().paramGroups];
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => scheduler.step(1)).toThrow(ArgumentError);
      expect(() => scheduler.step(1)).toThrow(
        `1 values of ${option} for 2 parameter groups\n  hint: give one value for all`,
      );
      expect(scheduler.stateDict()).toEqual(before);
      expect(optimizer.stateDict().paramGroups).toEqual(groups);
    }
  });
});

test('two schedulers on one optimizer both take it in', () => {
  for (const reversed of [false, true]) {
    const optimizer = make();
    const builds: Build[] = [
      (o) => new optim.LinearLR(o, { startFactor: 0.5, totalIters: 6 }),
      (o) => new optim.ExponentialLR(o, { gamma: 0.9 }),
      (o) => new optim.ReduceLROnPlateau(o, { patience: 0, factor: 0.5, threshold: 0, cooldown: 100 }),
    ];
    const schedulers = (reversed ? builds.reverse() : builds).map((build) => build(optimizer));
    for (let epoch = 0; epoch < 2; epoch++) for (const scheduler of schedulers) scheduler.step(-epoch);
    join(optimizer);
    for (let epoch = 3; epoch <= 8; epoch++) {
      for (const scheduler of schedulers) scheduler.step(epoch);
      const factor = (0.5 + (0.5 * Math.min(epoch, 6)) / 6) * 0.9 ** (epoch - 2) * 0.5;
      expect(optimizer.paramGroups[1]!.lr).toBeCloseTo(JOINED * factor, 14);
      expect(optimizer.paramGroups[1]!.initialLr).toBe(JOINED);
    }
  }
});

test('a group that is taken away is noticed', () => {
  const optimizer = make();
  join(optimizer);
  const scheduler = new optim.ExponentialLR(optimizer, { gamma: 0.5 });
  optimizer.paramGroups.pop();
  expect(() => scheduler.step()).toThrow('ExponentialLR: the optimizer has 1 parameter groups, and had 2 before');
  expect(ratesOf(optimizer)).toEqual([LR]);
});

test('a group without schedulers has no initial rate; one that names its own keeps it', () => {
  const optimizer = make();
  join(optimizer);
  expect(optimizer.paramGroups[1]).not.toHaveProperty('initialLr');
  const scheduler = new optim.LambdaLR(optimizer, { lrLambda: (epoch) => 1 / (1 + epoch) });
  optimizer.addParamGroup({ params: [tensor([1])], lr: 0.4, initialLr: 0.8 } as { params: Tensor[]; lr: number });
  scheduler.step();
  expect(ratesOf(optimizer)).toEqual([0.05, 0.1, 0.4]);
});
