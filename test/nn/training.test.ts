import { beforeEach, describe, expect, test } from 'vitest';
import { manualSeed, memory, models, nn, optim, rand, randint, scope } from '../../src/index.js';

beforeEach(() => manualSeed(1));

/** Trains on one batch; returns the losses, and the memory after each step. */
function train(model: nn.Module, inputShape: readonly number[], steps: number): { losses: number[]; bytes: number[] } {
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const lossOf = new nn.CrossEntropyLoss();
  const [losses, bytes]: [number[], number[]] = [[], []];
  scope(() => {
    const x = rand([8, ...inputShape]);
    const labels = randint(0, 3, [8]);
    for (let step = 0; step < steps; step++) {
      scope(() => {
        optimizer.zeroGrad();
        const loss = lossOf.forward(model.forward(x), labels);
        loss.backward();
        optimizer.step();
        losses.push(loss.item());
      });
      bytes.push(memory().bytes);
    }
  });
  optimizer.dispose();
  return { losses, bytes };
}

describe('training', () => {
  const rows: [string, () => nn.Module, readonly number[]][] = [
    ['mlp', () => models.mlp({ inputShape: [1, 6, 6], hidden: [16], classes: 3, batchNorm: true }), [1, 6, 6]],
    ['cnn', () => models.cnn({ inputShape: [2, 8, 8], classes: 3, batchNorm: true }), [2, 8, 8]],
    ['miniResNet', () => models.miniResNet({ inputShape: [1, 6, 6], classes: 3 }), [1, 6, 6]],
    [
      'layer norm, GELU and dropout',
      () =>
        new nn.Sequential(
          new nn.Flatten(),
          new nn.Linear(4, 16),
          new nn.LayerNorm(16),
          new nn.GELU(),
          new nn.Dropout(0.1),
          new nn.Linear(16, 3),
        ),
      [4],
    ],
  ];
  for (const [name, make, inputShape] of rows) {
    test(`${name}: the loss falls, memory stays flat, and a seed repeats it to the bit`, () => {
      const run = () => {
        manualSeed(7);
        const before = memory().tensors;
        const model = make();
        const { losses, bytes } = train(model, inputShape, 40);
        const weights = Object.values(model.stateDict()).map((value) => value.toArray());
        model.dispose();
        expect(memory().tensors).toBe(before);
        return { losses, bytes, weights };
      };
      const { losses, bytes, weights } = run();
      expect(losses.at(-1)!).toBeLessThan(0.3 * losses[0]!);
      expect(bytes[39]).toBe(bytes[1]);
      expect(run()).toEqual({ losses, bytes, weights });
    });
  }
});
