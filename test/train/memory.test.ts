import { expect, test } from 'vitest';
import { DataLoader, fit, memory, nn, optim, TensorDataset, tensor } from '../../src/index.js';
import { uniform } from '../support/random.js';

/** In a file of its own: what the collector frees of other tests must not be counted. */
test('2,000 steps of fit take as much memory as 10', async () => {
  const random = uniform(2);
  const data = new TensorDataset(
    tensor(Float32Array.from({ length: 200 }, random), { shape: [50, 4] }),
    tensor(Int32Array.from({ length: 50 }, (_, i) => i % 3)),
  );
  const [loader, testLoader] = [
    new DataLoader(data, { batchSize: 8, shuffle: true }),
    new DataLoader(data, { batchSize: 20 }),
  ];
  const model = new nn.Sequential(
    new nn.Linear(4, 8),
    new nn.BatchNorm1d(8),
    new nn.ReLU(),
    new nn.Dropout(0.5),
    new nn.Linear(8, 3),
  );
  const optimizer = new optim.Adam(model.parameters());
  const seen: object[] = [];
  const look = () => {
    const { bytes, tensors } = memory();
    seen.push({ bytes, tensors });
  };
  await fit(model, {
    optimizer,
    loader,
    testLoader,
    steps: 2000,
    onBatch: ({ step }) => {
      if (step === 10 || step === 2000) look();
    },
  });
  expect(seen[1]).toEqual(seen[0]);
});
