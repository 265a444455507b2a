import { type HuberOptions, huberLoss } from '../../ops/loss/pointwiseLoss.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link huberLoss} with its options: squared near zero, linear further out.
 *
 * @see torch.nn.HuberLoss
 */
export class HuberLoss extends OptionLoss<[prediction: Tensor, target: Tensor], HuberOptions> {
  declare readonly reduction: Reduction;
  declare readonly delta: number;

  constructor(options: HuberOptions = {}) {
    super("delta: 1.0, reduction: 'mean'|'sum'|'none'", options, { reduction: 'mean', delta: 1 });
  }

  protected compute(prediction: Tensor, target: Tensor): Tensor {
    return huberLoss(prediction, target, this.options);
  }
}
