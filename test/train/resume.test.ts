import { describe, expect, test } from 'vitest';
import { CheckpointError, DataLoader, digest, type FitOptions, fit, manualSeed, nn, optim } from '../../src/index.js';
import { adam, failure, network, points, Store } from './points.js';

describe('a run that was interrupted', () => {
  const options = (optimizer: optim.Optimizer): FitOptions => ({
    optimizer,
    loader: points(),
    testLoader: points({ shuffle: false }),
    scheduler: new optim.CosineAnnealingLR(optimizer, { tMax: 4 }),
    epochs: 4,
  });

  async function whole() {
    const model = network();
    const store = new Store();
    const result = await fit(model, { ...options(adam(model)), checkpoints: store, checkpointEvery: { steps: 1 } });
    return { digest: digest(model.stateDict()), result, store };
  }

  const untimed = (history: readonly object[]) =>
    history.map((metrics) => ({ ...metrics, seconds: 0, imagesPerSecond: 0 }));

  test('goes on from any checkpoint to the same bits and the same history', async () => {
    const { digest: want, result, store } = await whole();
    expect(store.kept.map(({ progress }) => [progress.epoch, progress.batch])).toEqual([
      ...[0, 1, 2, 3].flatMap((epoch) => [0, 1, 2, 3, 4, 5, 6].map((batch) => [epoch, batch])),
      [4, 0],
    ]);
    for (const { state, progress } of store.kept) {
      const model = network();
      manualSeed(12345);
      const steps: number[] = [];
      const resumed = await fit(model, {
        ...options(adam(model)),
        checkpoints: new Store(state),
        onBatch: ({ step }) => steps.push(step),
      });
      expect(digest(model.stateDict()), `from step ${progress.step}`).toBe(want);
      expect(untimed(resumed.history)).toEqual(untimed(result.history));
      expect(steps[0] ?? 29).toBe(progress.step + 1);
    }
  });

  test('by a signal leaves a checkpoint of the batch at hand, from which it goes on', async () => {
    const { digest: want } = await whole();
    for (const at of [1, 5, 7, 16]) {
      const store = new Store();
      const model = network();
      const controller = new AbortController();
      const result = await fit(model, {
        ...options(adam(model)),
        checkpoints: store,
        signal: controller.signal,
        onBatch: ({ step }) => {
          if (step === at) controller.abort();
        },
      });
      expect(result).toMatchObject({ ended: 'aborted', steps: at });
      expect(store.kept.at(-1)!.progress.step).toBe(at);
      const other = network();
      await fit(other, { ...options(adam(other)), checkpoints: new Store(store.kept.at(-1)!.state) });
      expect(digest(other.stateDict())).toBe(want);
    }
  });

  test('says which epoch was the best', async () => {
    const { store, result } = await whole();
    const best = store.kept.filter(({ isBest }) => isBest).map(({ progress }) => progress.epoch);
    const expected: number[] = [];
    let highest = -1;
    for (const { epoch, testAccuracy } of result.history)
      if (testAccuracy! > highest) {
        highest = testAccuracy!;
        expected.push(epoch);
      }
    expect(best).toEqual(expected);
  });

  test('goes on with the settings that it was begun with, and with no others', async () => {
    const store = new Store();
    const go = async (settings: FitOptions['settings'], from: Store) => {
      const model = network();
      await fit(model, { ...options(adam(model)), ...(settings && { settings }), checkpoints: from });
      return digest(model.stateDict());
    };
    const settings = { seed: 7, hidden: [8, 4], limit: null, rate: Infinity };
    const want = await go(settings, store);
    const { state } = store.kept[1]!;
    expect(await go({ limit: null, rate: Infinity, hidden: [8, 4], seed: 7, later: true }, new Store(state))).toBe(
      want,
    );
    expect(await go(undefined, new Store(state))).toBe(want);
    for (const [other, message] of [
      [
        { ...settings, seed: 8 },
        /the checkpoint: the run was saved with seed 7, not 8\n {2}hint: restore the settings/,
      ],
      [{ ...settings, hidden: [4, 8] }, /saved with hidden \[8,4\], not \[4,8\]/],
      [{ seed: 7, hidden: [8, 4], rate: Infinity }, /saved with limit null, not undefined/],
    ] as const) {
      const resumed = new Store(state);
      const error = await failure(go(other, resumed));
      expect(error).toBeInstanceOf(CheckpointError);
      expect(error.message).toMatch(message);
      expect(resumed.kept, 'nothing is written').toEqual([]);
    }
    const { store: without } = await whole();
    expect(await go(settings, new Store(without.kept[1]!.state)), 'a state without settings').toBe(want);
  });

  test('saves its weights once more when nothing is left to train', async () => {
    const { store, digest: want } = await whole();
    const last = store.kept.at(-1)!;
    const again = new Store(last.state);
    const model = network();
    await fit(model, { ...options(adam(model)), checkpoints: again });
    expect(again.kept.map(({ weights, isBest, progress }) => [weights, isBest, progress.step])).toEqual([
      [last.weights, false, 28],
    ]);
    expect(digest(model.stateDict())).toBe(want);
  });

  test('cannot go on with another loader, scheduler or model', async () => {
    const { store } = await whole();
    const go = (change: Partial<FitOptions>, model = network()) =>
      failure(fit(model, { ...options(adam(model)), ...change, checkpoints: new Store(store.kept[3]!.state) }));
    const short = new DataLoader(points().dataset, { batchSize: 10 });
    expect((await go({ loader: short })).message).toMatch(/saved with 7 batches per epoch, this loader has 5/);
    expect((await go({}, new nn.Sequential(new nn.Linear(2, 3)))).message).toMatch(/does not fit/);
    const model = network();
    const { scheduler: _, ...without } = options(adam(model));
    const error = await failure(fit(model, { ...without, checkpoints: new Store(store.kept[3]!.state) }));
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.message).toMatch(/saved with a scheduler/);
  });
});
