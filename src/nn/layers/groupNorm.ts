import { groupNorm } from '../../ops/norm/groupNorm.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Parameter } from '../core/parameter.js';
import type { Channels, Keeps } from '../core/sizes.js';
import { makeAffine, resetAffine } from './affine.js';

/** What is learned. */
export interface GroupNormOptions {
  /** Added to the variance. Default: 1e-5. */
  readonly eps?: number;
  /** Whether a scale and a shift per channel are learned. Default: true. */
  readonly affine?: boolean;
}

/**
 * Group normalisation: over the channels of a group and all further axes, of each sample by itself.
 *
 * y = (x − mean) / √(variance + eps)·weight + bias, with mean and (biased) variance of each group of channels
 *
 * Shapes: x [N,C,…] · weight, bias [C] → as x; the same in training and evaluation
 * Init:   weight 1, bias 0
 * @throws {ShapeError} in `forward`, when x has another number of channels
 * @see Wu & He 2018, arXiv 1803.08494; torch.nn.GroupNorm
 */
export class GroupNorm<C extends number = number> extends Layer<[Tensor], Tensor, Keeps<Channels<C>>> {
  weight: Parameter | null;
  bias: Parameter | null;
  readonly eps: number;

  constructor(
    readonly numGroups: number,
    readonly numChannels: C,
    options: GroupNormOptions = {},
  ) {
    super();
    checkArguments(
      'new nn.GroupNorm(numGroups=2, numChannels=6, { eps: 1e-5, affine: true })',
      numGroups,
      numChannels,
      options,
    );
    const { eps = 1e-5, affine = true } = options;
    if (numChannels % numGroups !== 0)
      throw new ArgumentError(`${numChannels} channels cannot be shared out among ${numGroups} groups`, {
        where: 'GroupNorm',
      });
    this.eps = eps;
    ({ weight: this.weight, bias: this.bias } = makeAffine([numChannels], affine));
  }

  /** Sets weight and bias back to 1 and 0. */
  resetParameters(): void {
    resetAffine(this);
  }

  protected compute(x: Tensor): Tensor {
    const { numGroups, weight, bias, eps } = this;
    return groupNorm(x, numGroups, { weight, bias, eps });
  }

  protected override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${this.eps}, affine=${this.weight !== null}`;
  }
}
