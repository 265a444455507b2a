import { checkArguments } from '../runtime/arguments.js';
import { DTypeError, RangeIndexError, ShapeError } from '../runtime/errors.js';
import { drawAt } from '../runtime/generator.js';
import { formatShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { gatherRows, gatherSamples } from './gather.js';
import { planGather } from './plan.js';
import type { Transform } from './transforms.js';

/** What a `DataLoader` reads: numbered samples, handed out a batch at a time. */
export interface Dataset {
  /** Number of samples. */
  readonly length: number;
  /** Names of the classes, where the targets are classes: target 3 is `classes[3]`. */
  readonly classes?: readonly string[];
  /** Inputs and targets of the samples named, in that order, as fresh tensors; sample n is row n of both. */
  batch(indices: Int32Array, options?: BatchOptions): readonly [Tensor, Tensor];
}

/** How a batch is gathered. */
export interface BatchOptions {
  /** What to do to the inputs on the way. Default: nothing (but bytes are always scaled to [0, 1]). */
  readonly transforms?: readonly Transform[];
  /** What random transforms are drawn for, together with the seed and the sample's index. Default: 0. */
  readonly epoch?: number;
  /** Default: that of `manualSeed`. */
  readonly seed?: number;
}

/** What is known of the samples besides. */
export interface TensorDatasetOptions {
  readonly classes?: readonly string[];
}

/**
 * Samples that are the rows of two tensors. Bytes (images) stay bytes until a batch is gathered: then they become
 * float32, v/255 correctly rounded, so 0 is exactly 0 and 255 exactly 1.
 *
 * The tensors belong to the dataset from then on: they outlive their scope, until `dispose()`.
 *
 * Shapes: x [N, …], images [N,C,H,W] (uint8, float32 or int32) · y [N] or [N, …] (int32 class ids, or float32)
 *
 * @throws {ShapeError} when x and y differ in N
 * @throws {DTypeError} when y is uint8
 * @example
 * const x = tensor([[0, 0], [0, 1], [1, 0], [1, 1]]);
 * const dataset = new TensorDataset(x, tensor([0, 1, 1, 0], { dtype: 'int32' }));
 */
export class TensorDataset implements Dataset {
  readonly length: number;
  readonly classes?: readonly string[];

  constructor(
    readonly x: Tensor,
    readonly y: Tensor,
    options: TensorDatasetOptions = {},
  ) {
    checkArguments('new TensorDataset(x, y, { classes: ["cat"] })', x, y, options);
    const [length] = x.shape;
    if (length === undefined || y.shape[0] !== length) {
      throw new ShapeError(
        `inputs ${formatShape(x.shape)} and targets ${formatShape(y.shape)} must have the same number of rows`,
        { where: 'TensorDataset' },
      );
    }
    if (y.dtype === 'uint8')
      throw new DTypeError('targets must be int32 (classes) or float32, not uint8', {
        where: 'TensorDataset',
        hint: "convert them: y.to('int32')",
      });
    this.length = length;
    if (options.classes !== undefined) this.classes = options.classes;
    x.keep();
    y.keep();
  }

  /**
   * @throws {RangeIndexError} when an index is not a sample
   * @throws {ArgumentError | ShapeError} when a transform does not fit the inputs
   */
  batch(indices: Int32Array, options: BatchOptions = {}): readonly [Tensor, Tensor] {
    checkArguments('dataset.batch(indices=numbers, { epoch: 0, seed: 0, transforms: [transform] })', indices, options);
    const { transforms = [], epoch = 0, seed } = options;
    checkSamples('TensorDataset', indices, this.length);
    const { x } = this;
    const plain = x.dtype !== 'uint8' && transforms.length === 0;
    return [
      plain
        ? gatherRows(x, indices)
        : gatherSamples(x, indices, planGather(transforms, x), drawAt('augment', epoch, seed)),
      gatherRows(this.y, indices),
    ];
  }

  /** Frees the tensors. */
  dispose(): void {
    this.x.dispose();
    this.y.dispose();
  }
}

/**
 * Some samples of another dataset, in the order of `indices`. It copies nothing. Random transforms of a sample are the
 * same as in the whole dataset.
 *
 * @throws {RangeIndexError} when an index is not a sample of `dataset`
 */
export class Subset implements Dataset {
  readonly classes?: readonly string[];
  readonly indices: Int32Array;

  constructor(
    readonly dataset: Dataset,
    indices: ArrayLike<number>,
  ) {
    checkArguments('new Subset(dataset, indices=numbers)', dataset, indices);
    checkSamples('Subset', indices, dataset.length);
    this.indices = Int32Array.from(indices);
    if (dataset.classes !== undefined) this.classes = dataset.classes;
  }

  get length(): number {
    return this.indices.length;
  }

  batch(indices: Int32Array, options?: BatchOptions): readonly [Tensor, Tensor] {
    checkArguments('dataset.batch(indices=numbers, { epoch: 0, seed: 0, transforms: [transform] })', indices, options);
    checkSamples('Subset', indices, this.length);
    return this.dataset.batch(
      indices.map((index) => this.indices[index]!),
      options,
    );
  }
}

/** @throws {RangeIndexError} when an index is not a whole number from 0 to `length` − 1 */
function checkSamples(where: string, indices: ArrayLike<number>, length: number): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (!Number.isInteger(index) || index < 0 || index >= length)
      throw new RangeIndexError(`there is no sample ${String(index)}, there are ${length}`, { where });
  }
}

/** The index of a sample in the data set below all subsets. @internal */
export function originOf(dataset: Dataset, index: number): number {
  return dataset instanceof Subset ? originOf(dataset.dataset, dataset.indices[index]!) : index;
}

/**
 * The first `count` samples (all, where there are no more).
 *
 * @throws {ArgumentError} when `count` is not a whole number ≥ 0
 */
export function limit(dataset: Dataset, count: number): Dataset {
  checkArguments('limit(dataset, count=1000|0)', dataset, count);
  return count >= dataset.length
    ? dataset
    : new Subset(
        dataset,
        Int32Array.from({ length: count }, (_, i) => i),
      );
}
