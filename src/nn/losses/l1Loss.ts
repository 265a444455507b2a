import { l1Loss } from '../../ops/loss/pointwiseLoss.js';
import type { LossOptions, Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link l1Loss} with its options: the mean absolute error.
 *
 * @see torch.nn.L1Loss
 */
export class L1Loss extends OptionLoss<[prediction: Tensor, target: Tensor], LossOptions> {
  declare readonly reduction: Reduction;

  constructor(options: LossOptions = {}) {
    super("reduction: 'mean'|'sum'|'none'", options, { reduction: 'mean' });
  }

  protected compute(prediction: Tensor, target: Tensor): Tensor {
    return l1Loss(prediction, target, this.options);
  }
}
