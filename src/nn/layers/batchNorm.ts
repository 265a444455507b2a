import { batchNorm } from '../../ops/norm/batchNorm.js';
import { checkArguments, checkTensor } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { ones, zeros } from '../../tensor/create.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { BufferTensor } from '../core/buffer.js';
import { Layer } from '../core/layer.js';
import type { Parameter } from '../core/parameter.js';
import type { Keeps } from '../core/sizes.js';
import * as init from '../init.js';
import { makeAffine, resetAffine } from './affine.js';

/** What is learned and what is kept. */
export interface BatchNormOptions {
  /** Added to the variance. Default: 1e-5. */
  readonly eps?: number;
  /**
   * Weight of the new batch in the running statistics: running = (1 − momentum)·running + momentum·batch; null: they
   * are the plain average over all batches. Default: 0.1.
   *
   * Papers (and other libraries) that write momentum = 0.9 mean the weight of the old: running = 0.9·running +
   * 0.1·batch. That is momentum = 0.1 here, as in PyTorch.
   */
  readonly momentum?: number | null;
  /** Whether a scale and a shift per channel are learned. Default: true. */
  readonly affine?: boolean;
  /** Whether running statistics are kept; without them, evaluation uses those of the batch too. Default: true. */
  readonly trackRunningStats?: boolean;
}

/**
 * What batch normalisation of any rank shares.
 *
 * y = (x − mean) / √(variance + eps)·weight + bias, with mean and variance of each channel (axis 1) over all other axes
 *
 * In training these are the mean and the (biased) variance of the batch, and the running ones move towards them (by
 * the unbiased variance, as in PyTorch). In evaluation they are the running ones.
 *
 * Init: weight 1, bias 0, running mean 0, running variance 1
 * @see Ioffe & Szegedy 2015, arXiv 1502.03167
 */
export abstract class BatchNorm<N extends number = number, Takes = unknown> extends Layer<
  [Tensor],
  Tensor,
  Keeps<Takes>
> {
  weight: Parameter | null;
  bias: Parameter | null;
  runningMean: BufferTensor | null;
  runningVar: BufferTensor | null;
  /** How many batches went into the running statistics. */
  numBatchesTracked: BufferTensor | null;
  readonly eps: number;
  readonly momentum: number | null;

  constructor(
    readonly numFeatures: N,
    options: BatchNormOptions = {},
  ) {
    super();
    const where = this.constructor.name;
    const taken = '{ momentum: 0.1|null, eps: 1e-5, affine: true, trackRunningStats: true }';
    checkArguments(`new nn.${where}(numFeatures=16, ${taken})`, numFeatures, options);
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    if (momentum !== null && !(momentum >= 0 && momentum <= 1))
      throw new ArgumentError(`momentum lies in [0, 1], or is null, not ${momentum}`, { where });
    this.eps = eps;
    this.momentum = momentum;
    ({ weight: this.weight, bias: this.bias } = makeAffine([numFeatures], affine));
    this.runningMean = trackRunningStats ? new BufferTensor(zeros([numFeatures])) : null;
    this.runningVar = trackRunningStats ? new BufferTensor(ones([numFeatures])) : null;
    this.numBatchesTracked = trackRunningStats ? new BufferTensor(zeros([], { dtype: 'int32' })) : null;
  }

  /** @throws {ShapeError} when the layer cannot take an input of this rank */
  protected abstract checkRank(x: Tensor): void;

  /** Sets the running statistics back to mean 0 and variance 1. */
  resetRunningStats(): void {
    if (this.runningMean !== null) init.zeros(this.runningMean);
    if (this.runningVar !== null) init.ones(this.runningVar);
    if (this.numBatchesTracked !== null) init.zeros(this.numBatchesTracked);
  }

  /** Sets everything back to its initial value. */
  resetParameters(): void {
    this.resetRunningStats();
    resetAffine(this);
  }

  protected compute(x: Tensor): Tensor {
    return this.normalise(x, false);
  }

  /** The output; with `relu`, followed by a ReLU in the same pass. @internal */
  normalise(x: Tensor, relu: boolean): Tensor {
    checkTensor('batchNorm', x);
    this.checkRank(x);
    if (x.shape[1] !== this.numFeatures) {
      throw new ShapeError(
        `the input (shape ${formatShape(x.shape)}) has ${x.shape[1]} channels on ` +
          `axis 1, but the layer has ${this.numFeatures}`,
        {
          where: this.constructor.name,
          hint: `make the layer for ${x.shape[1]} channels, or reshape the input`,
        },
      );
    }
    const { runningMean, runningVar, weight, bias, eps } = this;
    const training = this.training || runningMean === null;
    const momentum = this.momentum ?? 1 / ((this.numBatchesTracked?.item() ?? 0) + 1);
    const y = batchNorm(x, { runningMean, runningVar, weight, bias, eps, training, momentum, relu });
    if (training && this.numBatchesTracked !== null) this.numBatchesTracked.view()[0]!++;
    return y;
  }

  protected override extraRepr(): string {
    const { numFeatures, eps, momentum, weight, runningMean } = this;
    return (
      `${numFeatures}, eps=${eps}, momentum=${momentum}, affine=${weight !== null}, ` +
      `trackRunningStats=${runningMean !== null}`
    );
  }
}
