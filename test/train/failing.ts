/** Trains until a batch fails, and looks whether all is as it was before that batch. */
import { expect } from 'vitest';
import {
  type BatchSource,
  type Checkpoint,
  DataLoader,
  type Dataset,
  digest,
  type FitOptions,
  fit,
  generatorState,
  type LanewiseError,
  manualSeed,
  nn,
  optim,
  Tensor,
  TensorDataset,
  tensor,
} from '../../src/index.js';
import { uniform } from '../support/random.js';

export const CLASSES = 3;
export const SAMPLES = 40;
/** Which sample is bad. */
export const BAD = 29;

interface Spoilt {
  readonly x?: number;
  readonly label?: number;
}

/** Points in the plane, one of which is spoilt. */
export function points({ x: bad, label }: Spoilt = {}): TensorDataset {
  const random = uniform(3);
  const x = Float32Array.from({ length: 2 * SAMPLES }, (_, i) =>
    i === 2 * BAD + 1 && bad !== undefined ? bad : random() * 2 - 1,
  );
  const y = Int32Array.from({ length: SAMPLES }, (_, i) => (i === BAD && label !== undefined ? label : i % CLASSES));
  return new TensorDataset(tensor(x, { shape: [SAMPLES, 2] }), tensor(y));
}

export const loaderOf = (data: Dataset) => new DataLoader(data, { batchSize: 8, shuffle: true, seed: 5 });

/** Batch normalisation and dropout, behind `first`. */
export function network(...first: nn.Module[]): nn.Sequential {
  manualSeed(1);
  return new nn.Sequential(
    ...first,
    new nn.BatchNorm1d(2),
    new nn.Linear(2, 16),
    new nn.BatchNorm1d(16),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(16, CLASSES),
  );
}

/** All that a step may change. */
function stateOf(model: nn.Module, optimizer: optim.Optimizer): object {
  const { state, paramGroups } = optimizer.stateDict();
  const values = (entries: Record<string, Tensor | number>) =>
    Object.entries(entries).map(([name, value]) => [name, value instanceof Tensor ? Array.from(value.data()) : value]);
  return {
    weights: digest(model.stateDict()),
    remembered: Object.entries(state).map(([key, entries]) => [key, values(entries)]),
    paramGroups,
    streams: generatorState(),
  };
}

export async function failure(promise: Promise<unknown>): Promise<LanewiseError> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: LanewiseError) => error,
  );
}

export interface Outcome {
  readonly error: LanewiseError;
  readonly steps: number;
}

/** Trains until it fails, and makes sure that all is as it was after the step before. */
export async function failing(
  loader: BatchSource,
  model: nn.Module,
  options: Partial<FitOptions> = {},
): Promise<Outcome> {
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
  const kept: Checkpoint[] = [];
  let [steps, before] = [0, stateOf(model, optimizer)];
  const error = await failure(
    fit(model, {
      optimizer,
      loader,
      epochs: 3,
      checkpoints: {
        load: () => null,
        save: (checkpoint) => {
          kept.push(checkpoint);
        },
      },
      checkpointEvery: { steps: 1 },
      onBatch: ({ step }) => {
        [steps, before] = [step, stateOf(model, optimizer)];
      },
      ...options,
    }),
  );
  expect(stateOf(model, optimizer)).toEqual(before);
  // That of the last step of an epoch follows the evaluation.
  expect(kept.at(-1)!.progress.step).toBe(steps === loader.length ? steps - 1 : steps);
  return { error, steps };
}

/** Where the bad sample comes in the first epoch. */
export function placeOf(loader: DataLoader, bad = BAD): { index: number; row: number; batch: number } {
  for (let batch = 0; batch < loader.length; batch++) {
    const row = loader.samples(0, batch).indexOf(bad);
    if (row >= 0) return { index: bad, row, batch: batch + 1 };
  }
  throw new Error('it does not come');
}

export function expectBlamed({ error, steps }: Outcome, loader: DataLoader, bad = BAD): void {
  const place = placeOf(loader, bad);
  expect(error.sample).toEqual(place);
  expect(error.message).toContain(`(sample ${bad} of the data set, row ${place.row} of batch ${place.batch})`);
  expect(steps).toBe(place.batch - 1);
}
