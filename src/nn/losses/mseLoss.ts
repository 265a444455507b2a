import { mseLoss } from '../../ops/loss/pointwiseLoss.js';
import type { LossOptions, Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link mseLoss} with its options: the mean squared error.
 *
 * @see torch.nn.MSELoss
 */
export class MSELoss extends OptionLoss<[prediction: Tensor, target: Tensor], LossOptions> {
  declare readonly reduction: Reduction;

  constructor(options: LossOptions = {}) {
    super("reduction: 'mean'|'sum'|'none'", options, { reduction: 'mean' });
  }

  protected compute(prediction: Tensor, target: Tensor): Tensor {
    return mseLoss(prediction, target, this.options);
  }
}
