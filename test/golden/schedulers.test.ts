import { beforeAll, describe, expect, test } from 'vitest';
import { init, optim, scope, tensor } from '../../src/index.js';
import { golden } from './support.js';

interface SchedulerCase {
  name: string;
  scheduler: string;
  optimizer: 'SGD' | 'Adam';
  optimizerOptions: object;
  /** Learning rate of each group. */
  rates: number[];
  options: Options;
  /** Of each group, at the beginning and after each step. */
  lrs: number[][];
  momenta?: number[][];
  /** A group that joins after so many steps, with this rate. */
  joins?: { after: number; lr: number };
}
interface Options {
  lrLambda?: Lambda | Lambda[];
  schedulers?: { scheduler: string; options: Options }[];
  milestones?: number[];
  mode?: string;
  annealStrategy?: string;
  totalSteps?: number;
}

const { cases, metrics } = golden<SchedulerCase, { metrics: number[] }>('schedulers');

/** The functions of LambdaLR, by name. */
const lambdas = { halves: (epoch: number) => 0.5 ** epoch, rises: (epoch: number) => 1 + epoch / 4 };
type Lambda = keyof typeof lambdas;

function build(
  kind: string,
  optimizer: optim.Optimizer,
  options: Options,
): { step(metric?: number): void; getLastLr(): number[] } {
  const Scheduler =
    (
      optim as unknown as Record<
        string,
        new (
          optimizer: optim.Optimizer,
          ...given: unknown[]
        ) => ReturnType<typeof build>
      >
    )[kind] ?? expect.fail(`there is no optim.${kind}`);
  const { lrLambda, schedulers } = options;
  if (lrLambda !== undefined)
    return new Scheduler(optimizer, {
      lrLambda: Array.isArray(lrLambda) ? lrLambda.map((name) => lambdas[name]) : lambdas[lrLambda],
    });
  if (schedulers !== undefined)
    return new Scheduler(optimizer, {
      ...options,
      schedulers: schedulers.map((part) => build(part.scheduler, optimizer, part.options)),
    });
  return new Scheduler(optimizer, options);
}

/** Both count in double precision; cosines and powers may differ in the last places. */
function expectSequence(got: number[][], want: number[][], what: string): void {
  expect(got.length).toBe(want.length);
  want.forEach((groups, step) =>
    groups.forEach((value, group) => {
      const error = Math.abs(got[step]![group]! - value);
      if (!(error <= 1e-12 * Math.max(Math.abs(value), 1e-3)))
        expect.fail(`${what} of group ${group} after ${step} steps is ${got[step]![group]}, PyTorch's is ${value}`);
    }),
  );
}

beforeAll(async () => {
  await init();
});

describe("schedulers as PyTorch's", () => {
  for (const { name, scheduler: kind, optimizer: optimizerKind, ...given } of cases) {
    const { optimizerOptions, rates, options, lrs, momenta, joins } = given;
    test(name, () =>
      scope(() => {
        const Optimizer = optim[optimizerKind] as new (groups: unknown, options: object) => optim.Optimizer;
        const optimizer = new Optimizer(
          rates.map((lr) => ({ params: [tensor([0], { requiresGrad: true })], lr })),
          { lr: 1, ...optimizerOptions },
        );
        const scheduler = build(kind, optimizer, options);
        const rate = () => optimizer.paramGroups.map(({ lr }) => lr as number);
        const momentum = () =>
          (optimizer.paramGroups as { betas?: number[]; momentum?: number }[]).map(
            ({ betas, momentum: own }) => betas?.[0] ?? own!,
          );
        const [gotRates, gotMomenta] = [[rate()], [momentum()]];
        for (let step = 0; step < lrs.length - 1; step++) {
          if (step === joins?.after) {
            optimizer.addParamGroup({ params: [tensor([0], { requiresGrad: true })], lr: joins.lr });
          }
          if (kind === 'ReduceLROnPlateau') scheduler.step(options.mode === 'max' ? -metrics[step]! : metrics[step]!);
          else scheduler.step();
          gotRates.push(rate());
          gotMomenta.push(momentum());
          expect(scheduler.getLastLr(), 'getLastLr()').toEqual(rate());
        }
        if (options.annealStrategy === 'linear' && lrs.length === options.totalSteps! + 1) {
          // One step past the end PyTorch goes on along the line: to rates below 0, and momenta above those of the
          // cycle. Here both stay as they are at the end.
          expect(lrs.at(-1)!.every((lr) => lr < 0)).toBe(true);
          lrs[lrs.length - 1] = lrs.at(-2)!;
          momenta![momenta!.length - 1] = momenta!.at(-2)!;
        }
        expectSequence(gotRates, lrs, 'learning rate');
        if (momenta !== undefined) expectSequence(gotMomenta, momenta, 'momentum');
        optimizer.dispose();
      }),
    );
  }
});
