import { cosineEmbeddingLoss, type MarginOptions } from '../../ops/loss/marginLosses.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link cosineEmbeddingLoss} with its options: whether pairs of vectors are alike.
 *
 * @see torch.nn.CosineEmbeddingLoss
 */
export class CosineEmbeddingLoss extends OptionLoss<[a: Tensor, b: Tensor, target: Tensor], MarginOptions> {
  declare readonly margin: number;
  declare readonly reduction: Reduction;

  constructor(options: MarginOptions = {}) {
    super("margin: 0.5, reduction: 'mean'|'sum'|'none'", options, { margin: 0, reduction: 'mean' });
  }

  protected compute(a: Tensor, b: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(a, b, target, this.options);
  }
}
