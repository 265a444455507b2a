/** A small training that the tests of `fit` share. */
import {
  type Checkpoint,
  type CheckpointStore,
  DataLoader,
  manualSeed,
  nn,
  optim,
  TensorDataset,
  tensor,
} from '../../src/index.js';
import { uniform } from '../support/random.js';

export const CLASSES = 3;
export const SAMPLES = 50;

/** Points in the plane, the class by the angle, in batches of 8 (the last one of 2). */
export function points(options: { shuffle?: boolean; scale?: number } = {}): DataLoader {
  const random = uniform(3);
  const { shuffle = true, scale = 1 } = options;
  const x = Float32Array.from({ length: 2 * SAMPLES }, () => scale * (random() * 2 - 1));
  const y = Int32Array.from(
    { length: SAMPLES },
    (_, i) => Math.floor(((Math.atan2(x[2 * i]!, x[2 * i + 1]!) / Math.PI + 1) / 2) * CLASSES) % CLASSES,
  );
  return new DataLoader(new TensorDataset(tensor(x, { shape: [SAMPLES, 2] }), tensor(y)), {
    batchSize: 8,
    shuffle,
    seed: 5,
  });
}

/** A model with everything that a checkpoint must carry: batch norm's buffers and dropout's random stream among it. */
export function network(): nn.Sequential {
  manualSeed(1);
  return new nn.Sequential(
    new nn.Linear(2, 16),
    new nn.BatchNorm1d(16),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(16, CLASSES),
  );
}

export const adam = (model: nn.Module) => new optim.Adam(model.parameters(), { lr: 0.02 });

/** Keeps every checkpoint. */
export class Store implements CheckpointStore {
  readonly kept: Checkpoint[] = [];
  constructor(private readonly from: Uint8Array | null = null) {}
  load(): Uint8Array | null {
    return this.from;
  }
  save(checkpoint: Checkpoint): void {
    this.kept.push(checkpoint);
  }
}

export const failure = async (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: Error) => error,
  );
