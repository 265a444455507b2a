import { randomPermutation } from '../ops/random/random.js';
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError } from '../runtime/errors.js';
import { drawAt } from '../runtime/generator.js';
import { closeScope, openScope, type Scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Dataset, originOf } from './dataset.js';
import type { Transform } from './transforms.js';

/** How a dataset is dealt out in batches. */
export interface DataLoaderOptions {
  /** Samples per batch. Default: 1. */
  readonly batchSize?: number;
  /** Take the samples in another random order in each epoch. Default: false, in the order of the dataset. */
  readonly shuffle?: boolean;
  /** Decides the orders and the random transforms. Default: that of `manualSeed`. */
  readonly seed?: number;
  /** Leave out the last batch of an epoch where it is not full. Default: false. */
  readonly dropLast?: boolean;
  /** What to do to the inputs; see `transforms`. */
  readonly transforms?: readonly Transform[];
}

const CALL =
  'new DataLoader(dataset, { batchSize: 100, shuffle: true, seed: 0, dropLast: true, transforms: [transform] })';

/**
 * The samples of a dataset, batch by batch.
 *
 * Each turn of a loop over it is a scope: asking for the next batch, or leaving the loop in any way, frees the batch
 * and every tensor that the turn made, except those kept (`keep()`), parameters, and optimizer state.
 *
 * An iterator that is left without `return()` (what `for…of` calls) keeps its turn open. A new loop over the same
 * loader closes it; so loops within one another need a loader each.
 *
 * A loop runs one epoch, and the next loop the next one. The order of an epoch depends on the seed and the number of
 * the epoch alone, so a run can be taken up anywhere: `from(epoch, batch)`.
 *
 * @throws {ArgumentError} on a batch size or seed that is none
 * @example
 * for (const [x, y] of new DataLoader(train, { batchSize: 100, shuffle: true })) {
 *   optimizer.zeroGrad();
 *   crossEntropy(model.forward(x), y).backward();
 *   optimizer.step();
 * }
 */
export class DataLoader implements Iterable<readonly [Tensor, Tensor]> {
  /** Number of the epoch that the next loop runs, counted from 0; it counts itself up at the end of a loop. */
  epoch = 0;
  readonly batchSize: number;
  readonly #options: DataLoaderOptions;
  /** The turn that is open. */
  #turn: Scope | undefined;
  #order: { readonly key: string; readonly indices: Int32Array } | undefined;

  constructor(
    readonly dataset: Dataset,
    options: DataLoaderOptions = {},
  ) {
    checkArguments(CALL, dataset, options);
    const { batchSize = 1, seed = 0 } = options;
    if (seed > 0xffff_ffff) {
      throw new ArgumentError(`the seed must be an integer from 0 to ${0xffff_ffff}, not ${seed}`, {
        where: 'DataLoader',
      });
    }
    this.batchSize = batchSize;
    this.#options = options;
  }

  /** Batches in an epoch. */
  get length(): number {
    const { dropLast = false } = this.#options;
    return (dropLast ? Math.floor : Math.ceil)(this.dataset.length / this.batchSize);
  }

  /** The batches of one epoch, as [inputs, labels]; each turn frees what the last one made. */
  *[Symbol.iterator](): Generator<readonly [Tensor, Tensor], void, undefined> {
    const { epoch } = this;
    try {
      yield* this.from(epoch);
    } finally {
      this.epoch = epoch + 1;
    }
  }

  /**
   * The batches of an epoch, from one of them on: the same ones, bit for bit, that a whole loop gives there. Leaves
   * `this.epoch` alone.
   *
   * @throws {ArgumentError} when one of the numbers is not a whole number ≥ 0
   */
  from(epoch: number, batch = 0): Generator<readonly [Tensor, Tensor], void, undefined> {
    checkArguments('loader.from(epoch=0, batch?=0)', epoch, batch);
    return this.#batches(epoch, batch);
  }

  *#batches(epoch: number, batch: number): Generator<readonly [Tensor, Tensor], void, undefined> {
    if (this.#turn !== undefined) closeScope(this.#turn, 'a new loop over the same DataLoader');
    const order = this.#orderOf(epoch);
    const { transforms, seed } = this.#options;
    const options = {
      epoch,
      ...(transforms === undefined ? {} : { transforms }),
      ...(seed === undefined ? {} : { seed }),
    };
    for (; batch < this.length; batch++) {
      const turn = openScope('the end of its turn of the loop over a DataLoader');
      this.#turn = turn;
      try {
        yield this.dataset.batch(order.subarray(batch * this.batchSize, (batch + 1) * this.batchSize), options);
      } finally {
        closeScope(turn);
        if (this.#turn === turn) this.#turn = undefined;
      }
    }
  }

  /**
   * The samples of a batch, row by row: their indices in the data set, below a `Subset`, `limit` or split.
   *
   * @param epoch counted from 0, as is `batch`
   */
  samples(epoch: number, batch: number): Int32Array {
    checkArguments('loader.samples(epoch=0, batch=0)', epoch, batch);
    const rows = this.#orderOf(epoch).subarray(batch * this.batchSize, (batch + 1) * this.batchSize);
    return rows.map((index) => originOf(this.dataset, index));
  }

  /** The samples in the order of an epoch. The last one asked for is kept: a loop may be taken up many times. */
  #orderOf(epoch: number): Int32Array {
    const { length } = this.dataset;
    const draw = this.#options.shuffle === true ? drawAt('shuffle', epoch, this.#options.seed) : null;
    const key = draw === null ? `${length}` : `${length} ${draw.seed} ${draw.draw}`;
    if (this.#order?.key !== key) {
      this.#order = {
        key,
        indices: draw === null ? Int32Array.from({ length }, (_, i) => i) : randomPermutation(length, draw),
      };
    }
    return this.#order.indices;
  }
}
