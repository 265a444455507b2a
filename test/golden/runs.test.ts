import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  crossEntropy,
  DataLoader,
  digest,
  init,
  type LoadedData,
  limit,
  manualSeed,
  models,
  type nn,
  optim,
} from '../../src/index.js';
import { loadMnist } from '../../src/node/index.js';
import { lanewise, removeWorkspace, workspace } from '../cli/lanewise.js';
import { golden } from './support.js';

interface RunCase {
  name: string;
  model: 'mlp' | 'cnn' | 'lenet5' | 'miniResNet';
  modelOptions: object;
  optimizer: 'SGD' | 'Adam';
  options: { lr: number };
  batch: number;
  /** Digest of the weights that the losses were computed from. */
  initial: string;
  /** Keys and shapes of the state dict of the model in PyTorch. */
  state: Record<string, number[]>;
  losses: number[];
}

const { cases, steps, seed } = golden<RunCase, { steps: number; seed: number }>('runs');

let mnist: LoadedData;

function expectLoss(step: number, got: number, want: number): void {
  const error = Math.abs(got - want) / want;
  if (!(error <= 1e-4))
    expect.fail(`the loss of step ${step} is ${got}, PyTorch's is ${want} (relative error ${error.toExponential(2)})`);
}

beforeAll(async () => {
  await init();
  mnist = await loadMnist({ subset: false });
});

describe(`${steps} steps of training as PyTorch's`, () => {
  for (const { name, model: factory, modelOptions, optimizer: kind, options, batch, initial, state, losses } of cases) {
    test(`${name}: the loss at every step within 1e-4`, () => {
      manualSeed(seed);
      const model: nn.Module = models[factory](modelOptions);
      expect(
        Object.entries(model.stateDict()).map(([key, { shape }]) => [key, shape]),
        'state dict',
      ).toEqual(Object.entries(state));
      expect(
        digest(model.stateDict()),
        'initial weights: if they are meant to have changed, run test/golden/runs.py again',
      ).toBe(initial);
      const optimizer = new optim[kind](model.parameters(), options);
      const loader = new DataLoader(limit(mnist.train, steps * batch), { batchSize: batch });
      let step = 0;
      for (const [x, y] of loader) {
        optimizer.zeroGrad();
        const loss = crossEntropy(model.forward(x), y);
        loss.backward();
        optimizer.step();
        expectLoss(++step, loss.item(), losses[step - 1]!);
      }
      expect(step).toBe(steps);
      optimizer.zeroGrad();
      optimizer.dispose();
      model.dispose();
    });
  }
});

describe('the same from the command line', () => {
  const { name, initial, options, batch, losses } = cases.find(
    ({ modelOptions }) => 'hidden' in modelOptions && String(modelOptions.hidden) === '1024,512',
  )!;
  const train = (out: string, ...more: string[]) =>
    lanewise([
      'train',
      '--model',
      'mlp',
      '--hidden',
      '1024,512',
      '--seed',
      String(seed),
      '--json',
      '--out',
      path.join(workspace(), out),
      ...more,
    ]);
  afterAll(removeWorkspace);

  test('--steps 0 writes the same initial weights', async () => {
    const { events } = await train('initial', '--steps', '0');
    expect(events.at(-1)).toMatchObject({ event: 'done', steps: 0, digest: initial });
  });

  test(`${name}: the loss at every step within 1e-4`, async () => {
    const { events } = await train(
      'run',
      '--steps',
      String(steps),
      '--no-shuffle',
      '--batch-size',
      String(batch),
      '--optimizer',
      'sgd',
      '--lr',
      String(options.lr),
      '--log-every',
      '1',
    );
    const told = events.filter(({ event }) => event === 'step');
    expect(told.map(({ step }) => step)).toEqual(losses.map((_, i) => i + 1));
    told.forEach(({ step, loss }) => expectLoss(step as number, loss as number, losses[(step as number) - 1]!));
  });
});
