/** The table of learning-rate schedulers. */
import { optim, tensor } from '../../src/index.js';

/** Learning rates of the two groups to begin with. */
export const RATES = [0.1, 0.02];
export const make = () =>
  new optim.SGD(
    RATES.map((lr) => ({ params: [tensor([1])], lr })),
    { lr: 1, momentum: 0.5 },
  );

/** Each scheduler, and what the rate of a group that began at `lr` is after `epoch` steps. */
export const kinds: Record<
  string,
  { build: (optimizer: optim.Optimizer) => optim.Scheduler; rate?: (lr: number, epoch: number) => number }
> = {
  StepLR: {
    build: (optimizer) => new optim.StepLR(optimizer, { stepSize: 3, gamma: 0.5 }),
    rate: (lr, epoch) => lr * 0.5 ** Math.floor(epoch / 3),
  },
  MultiStepLR: {
    build: (optimizer) => new optim.MultiStepLR(optimizer, { milestones: [2, 5, 5] }),
    rate: (lr, epoch) => lr * (epoch < 2 ? 1 : epoch < 5 ? 0.1 : 0.001),
  },
  ExponentialLR: {
    build: (optimizer) => new optim.ExponentialLR(optimizer, { gamma: 0.9 }),
    rate: (lr, epoch) => lr * 0.9 ** epoch,
  },
  CosineAnnealingLR: {
    build: (optimizer) => new optim.CosineAnnealingLR(optimizer, { tMax: 5, etaMin: 0.01 }),
    rate: (lr, epoch) => 0.01 + ((lr - 0.01) * (1 + Math.cos((Math.PI * epoch) / 5))) / 2,
  },
  LambdaLR: {
    build: (optimizer) => new optim.LambdaLR(optimizer, { lrLambda: [(epoch) => 1 / (1 + epoch), () => 0.5] }),
    rate: (lr, epoch) => lr * (lr === 0.1 ? 1 / (1 + epoch) : 0.5),
  },
  LinearLR: {
    build: (optimizer) => new optim.LinearLR(optimizer, { startFactor: 0.25, totalIters: 6 }),
    rate: (lr, epoch) => lr * (0.25 + (0.75 * Math.min(epoch, 6)) / 6),
  },
  'LinearLR to 0': {
    build: (optimizer) => new optim.LinearLR(optimizer, { startFactor: 1, endFactor: 0, totalIters: 7 }),
    rate: (lr, epoch) => lr * (1 - Math.min(epoch, 7) / 7),
  },
  SequentialLR: {
    build: (optimizer) =>
      new optim.SequentialLR(optimizer, {
        schedulers: [
          new optim.LinearLR(optimizer, { startFactor: 0.5, totalIters: 4 }),
          new optim.ExponentialLR(optimizer, { gamma: 0.5 }),
        ],
        milestones: [4],
      }),
    rate: (lr, epoch) => lr * (epoch < 4 ? 0.5 + (0.5 * epoch) / 4 : 0.5 ** (epoch - 4)),
  },
  ConstantLR: {
    build: (optimizer) => new optim.ConstantLR(optimizer, { factor: 0.3, totalIters: 4 }),
    rate: (lr, epoch) => lr * (epoch < 4 ? 0.3 : 1),
  },
  PolynomialLR: {
    build: (optimizer) => new optim.PolynomialLR(optimizer, { totalIters: 7, power: 1.7 }),
    rate: (lr, epoch) => lr * (1 - Math.min(epoch, 7) / 7) ** 1.7,
  },
  CosineAnnealingWarmRestarts: {
    build: (optimizer) => new optim.CosineAnnealingWarmRestarts(optimizer, { t0: 3, tMult: 2, etaMin: 0.01 }),
    rate: (lr, epoch) => {
      const [t, length] = epoch < 3 ? [epoch, 3] : epoch < 9 ? [epoch - 3, 6] : [epoch - 9, 12];
      return 0.01 + ((lr - 0.01) * (1 + Math.cos((Math.PI * t) / length))) / 2;
    },
  },
  CyclicLR: {
    build: (optimizer) => new optim.CyclicLR(optimizer, { baseLr: 0.1, maxLr: 1, stepSizeUp: 2, stepSizeDown: 3 }),
    rate: (_, epoch) => 0.1 + 0.9 * [0, 0.5, 1, 2 / 3, 1 / 3][epoch % 5]!,
  },
  'CyclicLR with a function': {
    build: (optimizer) =>
      new optim.CyclicLR(optimizer, {
        baseLr: 0.1,
        maxLr: [1, 2],
        stepSizeUp: 2,
        scaleFn: (step) => 1 / (1 + step),
        scaleMode: 'iterations',
      }),
    rate: (lr, epoch) => 0.1 + ((lr === 0.1 ? 0.9 : 1.9) * [0, 0.5, 1, 0.5][epoch % 4]!) / (1 + epoch),
  },
  SWALR: {
    build: (optimizer) => new optim.SWALR(optimizer, { swaLr: 0.05, annealEpochs: 6 }),
    rate: (lr, epoch) => {
      const share = (1 - Math.cos((Math.PI * Math.min(epoch, 6)) / 6)) / 2;
      return 0.05 * share + lr * (1 - share);
    },
  },
  OneCycleLR: {
    build: (optimizer) =>
      new optim.OneCycleLR(optimizer, {
        maxLr: [1, 2],
        totalSteps: 21,
        pctStart: 0.5,
        divFactor: 10,
        finalDivFactor: 100,
        annealStrategy: 'linear',
      }),
    rate: (lr, epoch) =>
      (lr === 0.1 ? 1 : 2) * (epoch <= 9.5 ? 0.1 + (0.9 * epoch) / 9.5 : 1 - (0.999 * (epoch - 9.5)) / 10.5),
  },
  ReduceLROnPlateau: {
    build: (optimizer) => new optim.ReduceLROnPlateau(optimizer, { patience: 1, factor: 0.5, cooldown: 1 }),
  },
};

/** A loss that comes down, stays, and comes down again. */
export const loss = (epoch: number) => (epoch < 3 ? 3 - epoch : epoch < 8 ? 1 : 0.5);
