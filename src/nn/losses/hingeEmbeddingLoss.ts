import { hingeEmbeddingLoss, type MarginOptions } from '../../ops/loss/marginLosses.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link hingeEmbeddingLoss} with its options: distances that should be small or large.
 *
 * @see torch.nn.HingeEmbeddingLoss
 */
export class HingeEmbeddingLoss extends OptionLoss<[distance: Tensor, target: Tensor], MarginOptions> {
  declare readonly margin: number;
  declare readonly reduction: Reduction;

  constructor(options: MarginOptions = {}) {
    super("margin: 0.5, reduction: 'mean'|'sum'|'none'", options, { margin: 1, reduction: 'mean' });
  }

  protected compute(distance: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(distance, target, this.options);
  }
}
