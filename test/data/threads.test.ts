/** In a file, and so a process, of its own: it starts worker threads. */
import { expect, test } from 'vitest';
import {
  DataLoader,
  encodeSafetensors,
  init,
  runtimeInfo,
  Sha256,
  stopThreads,
  TensorDataset,
  tensor,
  transforms,
} from '../../src/index.js';

test('batches, and files of tensors, are the same bits on three threads as on one', async () => {
  expect((await init({ threads: 3, oversubscribe: true })).threads).toBe(3);
  const bytes = Uint8Array.from({ length: 150 * 784 }, (_, i) => (i * 2_654_435_761) >>> 24);
  const dataset = new TensorDataset(
    tensor(bytes, { shape: [150, 1, 28, 28] }),
    tensor(Int32Array.from({ length: 150 }, (_, i) => i)),
  );
  const lists = [
    [],
    [transforms.normalize({ mean: 0.1307, std: 0.3081 })],
    [transforms.randomCrop({ padding: 4 }), transforms.horizontalFlip()],
  ];
  const run = () =>
    lists.map((list) =>
      Array.from(new DataLoader(dataset, { batchSize: 71, shuffle: true, seed: 2, transforms: list }), ([x, y]) =>
        new Sha256().update(encodeSafetensors({ x, y })).hex(),
      ),
    );
  const several = run();
  stopThreads();
  expect(runtimeInfo().threads).toBe(1);
  expect(run()).toEqual(several);
  expect(new Set(several.flat()).size).toBe(9);
  dataset.dispose();
});
