import { type MarginOptions, marginRankingLoss } from '../../ops/loss/marginLosses.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link marginRankingLoss} with its options: which of two scores should be the higher one.
 *
 * @see torch.nn.MarginRankingLoss
 */
export class MarginRankingLoss extends OptionLoss<[a: Tensor, b: Tensor, target: Tensor], MarginOptions> {
  declare readonly margin: number;
  declare readonly reduction: Reduction;

  constructor(options: MarginOptions = {}) {
    super("margin: 0.5, reduction: 'mean'|'sum'|'none'", options, { margin: 0, reduction: 'mean' });
  }

  protected compute(a: Tensor, b: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(a, b, target, this.options);
  }
}
