import { type TripletMarginOptions, tripletMarginLoss } from '../../ops/loss/marginLosses.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';

/**
 * The operation {@link tripletMarginLoss} with its options: anchors closer to positives than to negatives.
 *
 * @see torch.nn.TripletMarginLoss
 */
export class TripletMarginLoss extends Layer<[anchor: Tensor, positive: Tensor, negative: Tensor]> {
  readonly margin: number;
  readonly p: number;
  readonly eps: number;
  readonly swap: boolean;
  readonly reduction: Reduction;

  constructor(options: TripletMarginOptions = {}) {
    super();
    checkArguments(
      "new nn.TripletMarginLoss({ margin: 1.0, p: 2.0, eps: 1e-6, swap: false, reduction: 'mean'|'sum'|'none' })",
      options,
    );
    const { margin = 1, p = 2, eps = 1e-6, swap = false, reduction = 'mean' } = options;
    this.margin = margin;
    this.p = p;
    this.eps = eps;
    this.swap = swap;
    this.reduction = reduction;
  }

  protected compute(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { margin, p, eps, swap, reduction } = this;
    return tripletMarginLoss(anchor, positive, negative, { margin, p, eps, swap, reduction });
  }
}
