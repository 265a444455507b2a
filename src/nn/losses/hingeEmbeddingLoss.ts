import { hingeEmbeddingLoss, type MarginOptions } from '../../ops/loss/marginLosses.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';

/**
 * The operation {@link hingeEmbeddingLoss} with its options: distances that should be small or large.
 *
 * @see torch.nn.HingeEmbeddingLoss
 */
export class HingeEmbeddingLoss extends Layer<[distance: Tensor, target: Tensor]> {
  readonly margin: number;
  readonly reduction: Reduction;

  constructor(options: MarginOptions = {}) {
    super();
    checkArguments("new nn.HingeEmbeddingLoss({ margin: 0.5, reduction: 'mean'|'sum'|'none' })", options);
    const { margin = 1, reduction = 'mean' } = options;
    this.margin = margin;
    this.reduction = reduction;
  }

  protected compute(distance: Tensor, target: Tensor): Tensor {
    const { margin, reduction } = this;
    return hingeEmbeddingLoss(distance, target, { margin, reduction });
  }
}
