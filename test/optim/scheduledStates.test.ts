/** Every state that an optimizer under a schedule comes to can be loaded, at every step and behind the end. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  DataLoader,
  fit,
  init,
  manualSeed,
  nn,
  optim,
  rand,
  randint,
  type Tensor,
  TensorDataset,
  tensor,
} from '../../src/index.js';
import { eachTestInScope } from '../support/scope.js';
import { contentOf } from './content.js';

beforeAll(async () => {
  await init();
});
eachTestInScope();

type Build = (optimizer: optim.Optimizer) => optim.Scheduler[];

/** Four parameters; the third begins with the rate 0, and the last gets its first gradient at the fifth step. */
const groups = (): { params: Tensor[]; lr?: number }[] => [
  { params: [tensor([1]), tensor([2, 1])] },
  { params: [tensor([1])], lr: 0 },
  { params: [tensor([3])] },
];

const optimizers: Record<string, () => optim.Optimizer> = {
  SGD: () => new optim.SGD(groups(), { lr: 0.1 }),
  'SGD with momentum': () => new optim.SGD(groups(), { lr: 0.1, momentum: 0.9, dampening: 0.1 }),
  'SGD with nesterov': () => new optim.SGD(groups(), { lr: 0.1, momentum: 0.9, nesterov: true }),
  Adam: () => new optim.Adam(groups(), { lr: 0.1, amsgrad: true }),
  AdamW: () => new optim.AdamW(groups(), { lr: 0.1 }),
  Adagrad: () => new optim.Adagrad(groups(), { lr: 0.1 }),
  NAdam: () => new optim.NAdam(groups(), { lr: 0.1 }),
  RMSprop: () => new optim.RMSprop(groups(), { lr: 0.1 }),
  'RMSprop with momentum': () => new optim.RMSprop(groups(), { lr: 0.1, momentum: 0.5, centered: true }),
};

const one =
  (build: (optimizer: optim.Optimizer) => optim.Scheduler): Build =>
  (optimizer) => [build(optimizer)];
const cycle = (options: Partial<optim.OneCycleLROptions>) =>
  one((optimizer) => {
    const hasMomentum = ['momentum', 'betas'].some((option) => option in optimizer.paramGroups[0]!);
    return new optim.OneCycleLR(optimizer, { maxLr: 0.3, totalSteps: 10, cycleMomentum: hasMomentum, ...options });
  });

const schedules: Record<string, Build> = {
  StepLR: one((o) => new optim.StepLR(o, { stepSize: 3 })),
  'StepLR, gamma 0': one((o) => new optim.StepLR(o, { stepSize: 2, gamma: 0 })),
  MultiStepLR: one((o) => new optim.MultiStepLR(o, { milestones: [2, 5, 5] })),
  ExponentialLR: one((o) => new optim.ExponentialLR(o, { gamma: 0.3 })),
  'ExponentialLR, rising': one((o) => new optim.ExponentialLR(o, { gamma: 1.5 })),
  'ExponentialLR, to the smallest numbers': one((o) => new optim.ExponentialLR(o, { gamma: 1e-40 })),
  LinearLR: one((o) => new optim.LinearLR(o)),
  'LinearLR to 0': one((o) => new optim.LinearLR(o, { endFactor: 0, totalIters: 4 })),
  'LinearLR to 0 in 7': one((o) => new optim.LinearLR(o, { startFactor: 1, endFactor: 0, totalIters: 7 })),
  'LinearLR to nearly 0': one((o) => new optim.LinearLR(o, { startFactor: 1, endFactor: 1e-19, totalIters: 6 })),
  CosineAnnealingLR: one((o) => new optim.CosineAnnealingLR(o, { tMax: 5 })),
  'CosineAnnealingLR of one epoch': one((o) => new optim.CosineAnnealingLR(o, { tMax: 1 })),
  'CosineAnnealingLR above a rate': one((o) => new optim.CosineAnnealingLR(o, { tMax: 5, etaMin: 0.01 })),
  LambdaLR: one((o) => new optim.LambdaLR(o, { lrLambda: (epoch) => 1 / (1 + epoch) })),
  'LambdaLR that rounds below 0': one((o) => new optim.LambdaLR(o, { lrLambda: (e) => 0.3 - 0.1 * Math.min(e, 3) })),
  ConstantLR: one((o) => new optim.ConstantLR(o)),
  PolynomialLR: one((o) => new optim.PolynomialLR(o, { totalIters: 7, power: 0.9 })),
  CosineAnnealingWarmRestarts: one((o) => new optim.CosineAnnealingWarmRestarts(o, { t0: 3, tMult: 2 })),
  CyclicLR: one((o) => {
    const cycleMomentum = ['momentum', 'betas'].some((option) => option in o.paramGroups[0]!);
    return new optim.CyclicLR(o, { baseLr: 0, maxLr: 0.3, stepSizeUp: 2, mode: 'triangular2', cycleMomentum });
  }),
  SWALR: one((o) => new optim.SWALR(o, { swaLr: 0.01, annealEpochs: 4 })),
  OneCycleLR: cycle({}),
  'OneCycleLR, linear': cycle({ annealStrategy: 'linear' }),
  'OneCycleLR, linear, low momentum': cycle({ annealStrategy: 'linear', baseMomentum: 0.1, maxMomentum: 0.99 }),
  'OneCycleLR, from the top, without momentum there': one((o) => {
    const base = 'nesterov' in o.paramGroups[0]! && o.paramGroups[0].nesterov === true ? 0.1 : 0;
    return cycle({ pctStart: 0.1, baseMomentum: base })(o)[0]!;
  }),
  'OneCycleLR, linear, of one step': cycle({ annealStrategy: 'linear', totalSteps: 1 }),
  'OneCycleLR, linear, of two steps': cycle({ annealStrategy: 'linear', totalSteps: 2 }),
  'OneCycleLR, linear, of three phases': cycle({ annealStrategy: 'linear', threePhase: true }),
  'OneCycleLR, linear, to nearly 0': cycle({ annealStrategy: 'linear', finalDivFactor: 1e30 }),
  'OneCycleLR, linear, all rising': cycle({ annealStrategy: 'linear', pctStart: 1 }),
  ReduceLROnPlateau: one((o) => new optim.ReduceLROnPlateau(o, { patience: 0, factor: 0.3, eps: 0 })),
  SequentialLR: one(
    (o) =>
      new optim.SequentialLR(o, {
        schedulers: [
          new optim.LinearLR(o, { totalIters: 3 }),
          new optim.CosineAnnealingLR(o, { tMax: 4, etaMin: 0.01 }),
        ],
        milestones: [3],
      }),
  ),
  'SequentialLR of linear ones': one(
    (o) =>
      new optim.SequentialLR(o, {
        schedulers: [0, 1, 2].map(() => new optim.LinearLR(o, { startFactor: 1, endFactor: 0, totalIters: 3 })),
        milestones: [3, 8],
      }),
  ),
  'SequentialLR of cycles': (o) => [
    new optim.SequentialLR(o, {
      schedulers: [
        ...cycle({ totalSteps: 5, annealStrategy: 'linear' })(o),
        ...cycle({ maxLr: 0.1 })(o),
      ] as optim.OneCycleLR[],
      milestones: [5],
    }),
  ],
  'two of them': (o) => [
    new optim.ExponentialLR(o, { gamma: 0.5 }),
    new optim.CosineAnnealingLR(o, { tMax: 3, etaMin: 0.02 }),
  ],
  'three of them': (o) => [
    new optim.LinearLR(o, { startFactor: 1, endFactor: 0, totalIters: 5 }),
    new optim.StepLR(o, { stepSize: 2 }),
    new optim.ReduceLROnPlateau(o, { patience: 1 }),
  ],
};

/** One step of all; false when the cycle of a scheduler is at its end. */
function advance(optimizer: optim.Optimizer, schedulers: readonly optim.Scheduler[], step: number): boolean {
  const params = optimizer.paramGroups.flatMap((group) => group.params);
  params.forEach((param, i) => {
    param.grad = i < 3 || step >= 4 ? tensor(new Float32Array(param.size).fill(0.1 * (step % 3) + 0.1 * i)) : null;
  });
  optimizer.step();
  try {
    for (const scheduler of schedulers) scheduler.step(Math.max(1, 4 - step));
  } catch (error) {
    expect(String(error)).toContain('of a cycle of');
    return false;
  }
  return true;
}

describe.each(Object.entries(optimizers))('%s', (_optimizer, make) => {
  test.each(Object.entries(schedules))('under %s', (_schedule, build) => {
    const optimizer = make();
    const schedulers = build(optimizer);
    const disposable = [optimizer];
    for (let step = 0; step < 14; step++) {
      for (const { lr } of optimizer.paramGroups) expect(Number.isFinite(lr) && lr >= 0, `rate ${lr}`).toBe(true);
      const [state, texts] = [
        optimizer.stateDict(),
        schedulers.map((scheduler) => JSON.stringify(scheduler.stateDict())),
      ];
      const resumed = [true, false].map((optimizerFirst) => {
        const other = make();
        disposable.push(other);
        other.paramGroups.forEach(({ params }, i) =>
          params.forEach((param, j) => param.assign(optimizer.paramGroups[i]!.params[j]!)),
        );
        const others = build(other);
        const loads = [
          () => other.loadStateDict(state),
          () =>
            others.forEach((scheduler, i) => scheduler.loadStateDict(JSON.parse(texts[i]!) as optim.SchedulerState)),
        ];
        for (const load of optimizerFirst ? loads : loads.reverse()) load();
        expect(JSON.stringify(contentOf(other)), `loaded at step ${step}`).toBe(JSON.stringify(contentOf(optimizer)));
        return { other, others };
      });
      const more = advance(optimizer, schedulers, step);
      for (const { other, others } of resumed) {
        expect(advance(other, others, step)).toBe(more);
        expect(JSON.stringify(contentOf(other)), `a step after step ${step}`).toBe(
          JSON.stringify(contentOf(optimizer)),
        );
      }
      if (!more) break;
    }
    for (const each of disposable) each.dispose();
  });
});

test('a run under fit that reached its end opens again', async () => {
  const data = [rand([20, 3]), randint(0, 2, [20])] as const;
  for (const [epochs, build] of [
    [2, (o) => new optim.OneCycleLR(o, { maxLr: 0.3, totalSteps: 8, annealStrategy: 'linear' })],
    [2, (o) => new optim.OneCycleLR(o, { maxLr: 0.3, totalSteps: 8 })],
    [4, (o) => new optim.LinearLR(o, { endFactor: 0, totalIters: 4 })],
    [10, (o) => new optim.CosineAnnealingLR(o, { tMax: 5 })],
  ] as [number, (optimizer: optim.Optimizer) => optim.Scheduler][]) {
    let kept: Uint8Array | null = null;
    const checkpoints = {
      load: () => kept,
      save: ({ state }: { state: Uint8Array }) => {
        kept = state;
      },
    };
    const results: unknown[] = [];
    for (let run = 0; run < 2; run++) {
      manualSeed(1);
      const model = new nn.Linear(3, 2);
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
      const loader = new DataLoader(new TensorDataset(...data), { batchSize: 5 });
      await fit(model, { optimizer, scheduler: build(optimizer), loader, epochs, checkpoints });
      results.push([optimizer.paramGroups[0]!.lr, Array.from(model.weight.data())]);
      optimizer.zeroGrad();
      optimizer.dispose();
      model.dispose();
    }
    expect(results[1]).toEqual(results[0]);
  }
  for (const each of data) each.dispose(); // The data set has kept them.
});
