import { type TripletMarginOptions, tripletMarginLoss } from '../../ops/loss/marginLosses.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link tripletMarginLoss} with its options: anchors closer to positives than to negatives.
 *
 * @see torch.nn.TripletMarginLoss
 */
export class TripletMarginLoss extends OptionLoss<
  [anchor: Tensor, positive: Tensor, negative: Tensor],
  TripletMarginOptions
> {
  declare readonly margin: number;
  declare readonly p: number;
  declare readonly eps: number;
  declare readonly swap: boolean;
  declare readonly reduction: Reduction;

  constructor(options: TripletMarginOptions = {}) {
    super("margin: 1.0, p: 2.0, eps: 1e-6, swap: false, reduction: 'mean'|'sum'|'none'", options, {
      margin: 1,
      p: 2,
      eps: 1e-6,
      swap: false,
      reduction: 'mean',
    });
  }

  protected compute(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(anchor, positive, negative, this.options);
  }
}
