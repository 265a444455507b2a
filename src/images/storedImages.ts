/** Images that memory has no room for: each batch is read when it is asked for. */
import { type BatchOptions, type Dataset, TensorDataset } from '../data/dataset.js';
import { checkArguments } from '../runtime/arguments.js';
import { RangeIndexError } from '../runtime/errors.js';
import { empty, tensor } from '../tensor/create.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';
import { fill, type ImageStore } from './build.js';

/**
 * A data set whose images stay where they are stored. The order of the samples is that of a data set in memory; random
 * transforms are drawn for the rows of a batch, not for the samples of the data set.
 */
export class StoredImages implements Dataset {
  readonly length: number;
  readonly #store: ImageStore;
  readonly #places: readonly number[];
  readonly #labels: Int32Array;

  constructor(
    store: ImageStore,
    places: readonly number[],
    labels: Int32Array,
    /** Channels, height and width of an image. */
    readonly shape: readonly [number, number, number],
    readonly classes: readonly string[],
  ) {
    this.length = places.length;
    this.#store = store;
    this.#places = places;
    this.#labels = labels;
  }

  batch(indices: Int32Array, options: BatchOptions = {}): readonly [Tensor, Tensor] {
    checkArguments('dataset.batch(indices=numbers, { epoch: 0, seed: 0, transforms: [transform] })', indices, options);
    for (const index of indices) {
      if (index < 0 || index >= this.length)
        throw new RangeIndexError(`there is no sample ${index}, there are ${this.length}`, { where: 'StoredImages' });
    }
    return scope(() => {
      const x = empty([indices.length, ...this.shape], 'uint8');
      fill(
        x,
        this.#store,
        Array.from(indices, (index) => this.#places[index]!),
      );
      const y = tensor(
        indices.map((index) => this.#labels[index]!),
        { dtype: 'int32' },
      );
      const rows = new TensorDataset(x, y);
      try {
        return rows.batch(
          indices.map((_, row) => row),
          options,
        );
      } finally {
        rows.dispose();
      }
    });
  }
}
