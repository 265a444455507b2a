import { cosineEmbeddingLoss, type MarginOptions } from '../../ops/loss/marginLosses.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';

/**
 * The operation {@link cosineEmbeddingLoss} with its options: whether pairs of vectors are alike.
 *
 * @see torch.nn.CosineEmbeddingLoss
 */
export class CosineEmbeddingLoss extends Layer<[a: Tensor, b: Tensor, target: Tensor]> {
  readonly margin: number;
  readonly reduction: Reduction;

  constructor(options: MarginOptions = {}) {
    super();
    checkArguments("new nn.CosineEmbeddingLoss({ margin: 0.5, reduction: 'mean'|'sum'|'none' })", options);
    const { margin = 0, reduction = 'mean' } = options;
    this.margin = margin;
    this.reduction = reduction;
  }

  protected compute(a: Tensor, b: Tensor, target: Tensor): Tensor {
    const { margin, reduction } = this;
    return cosineEmbeddingLoss(a, b, target, { margin, reduction });
  }
}
