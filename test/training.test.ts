/** What holds of the library as a whole, seen from an ordinary training loop. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  add,
  crossEntropy,
  DataLoader,
  digest,
  init,
  manualSeed,
  memory,
  mul,
  nn,
  optim,
  scope,
  sub,
  type Tensor,
  TensorDataset,
  tensor,
  transforms,
} from '../src/index.js';
import { uniform } from './support/random.js';

beforeAll(async () => {
  await init();
});

/** Forty noisy pictures of 8×8 pixels, the brighter the higher their class. */
function pictures(): TensorDataset {
  const random = uniform(3);
  const pixels = Uint8Array.from({ length: 40 * 64 }, (_, i) => 40 * (Math.floor(i / 64) % 5) + random() * 90);
  return new TensorDataset(
    tensor(pixels, { shape: [40, 1, 8, 8] }),
    tensor(Int32Array.from({ length: 40 }, (_, i) => i % 5)),
  );
}

/** One of nearly every kind of layer. */
function network(): nn.Module {
  const half = new nn.Sequential(
    new nn.Conv2d(4, 6, 3, { stride: 2, padding: 1 }),
    new nn.BatchNorm2d(6),
    new nn.SiLU(),
    new nn.Conv2d(6, 6, 3, { padding: 1 }),
  );
  return new nn.Sequential(
    new nn.Conv2d(1, 4, 3, { padding: 1 }),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.Residual(half, new nn.Conv2d(4, 6, 1, { stride: 2 })),
    new nn.GroupNorm(2, 6),
    new nn.GELU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Dropout(0.3),
    new nn.Linear(24, 16),
    new nn.LayerNorm(16),
    new nn.Tanh(),
    new nn.Linear(16, 5),
  );
}

/** @param onStep called after each step, within the turn of the loop */
function train(
  { steps, seed = 5 }: { steps: number; seed?: number },
  onStep: (step: number, model: nn.Module, loss: Tensor) => void = () => {},
): string {
  manualSeed(seed);
  const data = pictures();
  const model = network();
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.002, amsgrad: true });
  const scheduler = new optim.CosineAnnealingLR(optimizer, { tMax: steps });
  const loader = new DataLoader(data, {
    batchSize: 6,
    shuffle: true,
    transforms: [transforms.randomCrop({ padding: 1 }), transforms.horizontalFlip()],
  });
  for (let step = 0; step < steps; ) {
    for (const [x, y] of loader) {
      if (step === steps) break;
      optimizer.zeroGrad();
      const loss = crossEntropy(model.forward(x), y, { labelSmoothing: 0.1 });
      loss.backward();
      optim.clipGradNorm(model.parameters(), 1);
      optimizer.step();
      scheduler.step();
      onStep(++step, model, loss);
    }
  }
  const result = digest(model.stateDict());
  optimizer.zeroGrad();
  optimizer.dispose();
  model.dispose();
  data.x.dispose();
  data.y.dispose();
  return result;
}

describe('a training loop', () => {
  test('of 2,000 steps takes as much memory at the end as at step 10', () => {
    const before = memory();
    const seen: { bytes: number; tensors: number }[] = [];
    // An epoch has 7 steps, the last of a smaller batch: both steps are the third of theirs.
    train({ steps: 2005 }, (step) => {
      const { bytes, tensors } = memory();
      if (step === 10 || step === 2005) seen.push({ bytes, tensors });
    });
    expect(seen).toHaveLength(2);
    expect(seen[1]).toEqual(seen[0]);
    const after = memory();
    expect({ bytes: after.bytes, tensors: after.tensors }, 'after all is disposed').toEqual({
      bytes: before.bytes,
      tensors: before.tensors,
    });
  });

  test('with one seed ends on the same bits every time, with another on others', () => {
    const once = train({ steps: 60 });
    expect(train({ steps: 60 })).toBe(once);
    expect(train({ steps: 60, seed: 6 })).not.toBe(once);
  });

  test('lowers the loss', () => {
    const losses: number[] = [];
    train({ steps: 300 }, (_, __, loss) => losses.push(loss.item()));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-20))).toBeLessThan(0.75 * mean(losses.slice(0, 20)));
  });
});

describe('gradients', () => {
  test('of two halves of a batch add up to those of the whole', () =>
    scope(() => {
      manualSeed(1);
      const random = uniform(4);
      const model = new nn.Sequential(
        new nn.Conv2d(1, 3, 3),
        new nn.Tanh(),
        new nn.Flatten(),
        new nn.Linear(3 * 36, 5),
      );
      const [first, second] = [0, 1].map(() =>
        tensor(Float32Array.from({ length: 4 * 64 }, random), { shape: [4, 1, 8, 8] }),
      );
      const [a, b] = [tensor(Int32Array.of(0, 1, 2, 3)), tensor(Int32Array.of(4, 0, 1, 2))];
      const gradients = () => model.parameters().map(({ grad }) => Array.from(grad!.view()));
      crossEntropy(model.forward(first!), a, { reduction: 'sum' }).backward();
      crossEntropy(model.forward(second!), b, { reduction: 'sum' }).backward();
      const halves = gradients();
      model.zeroGrad();
      add(
        crossEntropy(model.forward(first!), a, { reduction: 'sum' }),
        crossEntropy(model.forward(second!), b, { reduction: 'sum' }),
      ).backward();
      gradients().forEach((whole, i) => {
        const largest = Math.max(...whole.map(Math.abs));
        whole.forEach((value, j) => expect(Math.abs(value - halves[i]![j]!)).toBeLessThanOrEqual(1e-6 * largest));
      });
      model.zeroGrad();
      model.dispose();
    }));

  test('of a graph walked twice with retainGraph are twice those of one walk', () =>
    scope(() => {
      manualSeed(2);
      const model = network().eval();
      const x = tensor(Float32Array.from({ length: 2 * 64 }, uniform(6)), { shape: [2, 1, 8, 8], requiresGrad: true });
      const loss = crossEntropy(model.forward(x), tensor(Int32Array.of(1, 3)));
      loss.backward({ retainGraph: true });
      const once = [x, ...model.parameters()].map(({ grad }) => Array.from(grad!.view(), (value) => 2 * value));
      loss.backward();
      expect([x, ...model.parameters()].map(({ grad }) => Array.from(grad!.view()))).toEqual(once);
      x.zeroGrad();
      model.zeroGrad();
      model.dispose();
    }));

  test('of inner tensors are left where retainGrad asks for them, and equal those of a leaf there', () =>
    scope(() => {
      manualSeed(3);
      const [body, head] = [new nn.Sequential(new nn.Linear(6, 5), new nn.ReLU()), new nn.Linear(5, 3)];
      const [x, y] = [
        tensor(Float32Array.from({ length: 12 }, uniform(7)), { shape: [2, 6] }),
        tensor(Int32Array.of(0, 2)),
      ];
      const inner = body.forward(x).retainGrad();
      crossEntropy(head.forward(inner), y).backward();
      const leaf = inner.detach().requireGrad();
      crossEntropy(head.forward(leaf), y).backward();
      expect(inner.grad!.data()).toEqual(leaf.grad!.data());
      for (const tensor of [inner, leaf]) tensor.zeroGrad();
      for (const model of [body, head]) {
        model.zeroGrad();
        model.dispose();
      }
    }));

  test('pass through a chain of 20,000 operations', () =>
    scope(() => {
      const x = tensor([0.5, -0.25, 2], { requiresGrad: true });
      let y: Tensor = x;
      let slope = 1;
      for (let i = 0; i < 5_000; i++) {
        const factor = i % 2 === 0 ? 2 : 0.5;
        y = sub(add(mul(y, factor), x), x);
        y = i % 100 === 0 ? add(y, 0) : mul(y, 1);
        slope *= factor;
      }
      expect(Array.from(y.view())).toEqual(Array.from(x.view()));
      y.sum().backward();
      expect(Array.from(x.grad!.view())).toEqual([slope, slope, slope]);
      x.zeroGrad();
    }));
});
