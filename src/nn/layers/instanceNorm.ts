import { noGrad } from '../../autograd/tape.js';
import { add, mul } from '../../ops/elementwise/arithmetic.js';
import { reshape, unsqueeze } from '../../ops/movement/reshape.js';
import { batchNorm } from '../../ops/norm/batchNorm.js';
import { groupNorm } from '../../ops/norm/groupNorm.js';
import { mean } from '../../ops/reduce/sum.js';
import { variance } from '../../ops/reduce/variance.js';
import { checkTensor, isRecord } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { BufferTensor } from '../core/buffer.js';
import type { Channels } from '../core/sizes.js';
import { BatchNorm, type BatchNormOptions } from './batchNorm.js';

/**
 * What instance normalisation of any rank shares: each channel of each sample by itself.
 *
 * y = (x − mean) / √(variance + eps)·weight + bias, with mean and (biased) variance over the positions
 *
 * With `trackRunningStats`, evaluation uses running statistics in their place: means over the samples, moved as those
 * of {@link BatchNorm}. `affine` and `trackRunningStats` are false by default, as in PyTorch.
 *
 * @see Ulyanov et al. 2016, arXiv 1607.08022
 */
abstract class InstanceNorm<N extends number = number> extends BatchNorm<N, Channels<N>> {
  /** Axes of an input with a batch. */
  protected abstract readonly rank: number;

  constructor(numFeatures: N, options: BatchNormOptions = {}) {
    // What is no object is left to the checker.
    super(numFeatures, isRecord(options) ? { affine: false, trackRunningStats: false, ...options } : options);
  }

  protected override checkRank(x: Tensor): void {
    const { rank, numFeatures } = this;
    const axes = rank === 3 ? 'L' : 'H, W';
    if ((x.rank !== rank && x.rank !== rank - 1) || x.shape.at(1 - rank) !== numFeatures)
      throw new ShapeError(
        `the input must be [N, ${numFeatures}, ${axes}] or [${numFeatures}, ${axes}], not ${formatShape(x.shape)}`,
        { where: this.constructor.name, hint: 'give the layer numFeatures = the channels of its input' },
      );
  }

  protected override compute(x: Tensor): Tensor {
    checkTensor('instanceNorm', x);
    this.checkRank(x);
    if (x.rank < this.rank) return reshape(this.compute(unsqueeze(x, 0)), x.shape);
    const { runningMean, runningVar, weight, bias, eps, numFeatures, training } = this;
    if (!training && runningMean !== null) return batchNorm(x, { runningMean, runningVar, weight, bias, eps });
    if (training && x.size === x.shape[0]! * numFeatures)
      throw new ShapeError(`training needs more than 1 value per channel, an input of ${formatShape(x.shape)} has 1`, {
        where: this.constructor.name,
      });
    if (runningMean !== null) this.#track(reshape(x, [x.shape[0]!, numFeatures, -1]), runningMean, runningVar!);
    return groupNorm(x, numFeatures, { weight, bias, eps });
  }

  #track(x: Tensor, runningMean: BufferTensor, runningVar: BufferTensor): void {
    const share = this.momentum ?? 0;
    noGrad(() => {
      const move = (running: BufferTensor, now: Tensor): void => {
        running.assign(add(mul(running, 1 - share), mul(now, share)));
      };
      move(runningMean, mean(x, [0, 2]));
      move(runningVar, mean(variance(x, 2), 0));
    });
  }
}

/**
 * Instance normalisation of sequences: each channel of each sample by itself.
 *
 * y = (x − mean) / √(variance + eps)·weight + bias, with mean and (biased) variance over the positions. By default
 * there are no weight and bias, and evaluation does the same as training.
 *
 * Shapes: x [N,C,L] (or [C,L]) → the same
 * @throws {ShapeError} in `forward`, when x has other axes or channels, or in training one position
 * @see torch.nn.InstanceNorm1d; Ulyanov et al. 2016, arXiv 1607.08022
 */
export class InstanceNorm1d<N extends number = number> extends InstanceNorm<N> {
  protected override get rank(): number {
    return 3;
  }
}

/**
 * Instance normalisation of images. Formula and defaults: {@link InstanceNorm1d}.
 *
 * Shapes: x [N,C,H,W] (or [C,H,W]) → the same
 * @throws {ShapeError} in `forward`, when x has other axes or channels, or in training one pixel
 * @see torch.nn.InstanceNorm2d; Ulyanov et al. 2016, arXiv 1607.08022
 */
export class InstanceNorm2d<N extends number = number> extends InstanceNorm<N> {
  protected override get rank(): number {
    return 4;
  }
}
