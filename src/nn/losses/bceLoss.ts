import { type BceLossOptions, bceLoss } from '../../ops/loss/bceLoss.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { BufferTensor } from '../core/buffer.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link bceLoss} with its options: the loss of probabilities, given targets in [0, 1].
 *
 * @see torch.nn.BCELoss
 */
export class BCELoss extends OptionLoss<[probabilities: Tensor, target: Tensor], BceLossOptions> {
  /** A copy of the factors of the losses. */
  declare weight: BufferTensor | null;
  declare readonly reduction: Reduction;

  constructor(options: BceLossOptions = {}) {
    super("reduction: 'mean'|'sum'|'none', weight", options, { weight: null, reduction: 'mean' });
  }

  protected compute(probabilities: Tensor, target: Tensor): Tensor {
    return bceLoss(probabilities, target, this.options);
  }
}
