import { type SmoothL1Options, smoothL1Loss } from '../../ops/loss/pointwiseLoss.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link smoothL1Loss} with its options: squared near zero, absolute further out.
 *
 * @see torch.nn.SmoothL1Loss
 */
export class SmoothL1Loss extends OptionLoss<[prediction: Tensor, target: Tensor], SmoothL1Options> {
  declare readonly reduction: Reduction;
  declare readonly beta: number;

  constructor(options: SmoothL1Options = {}) {
    super("beta: 1.0, reduction: 'mean'|'sum'|'none'", options, { reduction: 'mean', beta: 1 });
  }

  protected compute(prediction: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(prediction, target, this.options);
  }
}
