import { type MarginOptions, marginRankingLoss } from '../../ops/loss/marginLosses.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';

/**
 * The operation {@link marginRankingLoss} with its options: which of two scores should be the higher one.
 *
 * @see torch.nn.MarginRankingLoss
 */
export class MarginRankingLoss extends Layer<[a: Tensor, b: Tensor, target: Tensor]> {
  readonly margin: number;
  readonly reduction: Reduction;

  constructor(options: MarginOptions = {}) {
    super();
    checkArguments("new nn.MarginRankingLoss({ margin: 0.5, reduction: 'mean'|'sum'|'none' })", options);
    const { margin = 0, reduction = 'mean' } = options;
    this.margin = margin;
    this.reduction = reduction;
  }

  protected compute(a: Tensor, b: Tensor, target: Tensor): Tensor {
    const { margin, reduction } = this;
    return marginRankingLoss(a, b, target, { margin, reduction });
  }
}
