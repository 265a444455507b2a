import { type MultiMarginOptions, multiMarginLoss } from '../../ops/loss/marginLosses.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { type BufferTensor, bufferOf } from '../core/buffer.js';
import { Layer } from '../core/layer.js';

/**
 * The operation {@link multiMarginLoss} with its options: the right class above all others.
 *
 * @see torch.nn.MultiMarginLoss
 */
export class MultiMarginLoss extends Layer<[scores: Tensor, target: Tensor]> {
  /** A copy of the factors. */
  weight: BufferTensor | null;
  readonly p: number;
  readonly margin: number;
  readonly reduction: Reduction;

  constructor(options: MultiMarginOptions = {}) {
    super();
    checkArguments("new nn.MultiMarginLoss({ margin: 1.0, p: 1, reduction: 'mean'|'sum'|'none', weight })", options);
    const { weight, p = 1, margin = 1, reduction = 'mean' } = options;
    this.weight = bufferOf(weight);
    this.p = p;
    this.margin = margin;
    this.reduction = reduction;
  }

  protected compute(scores: Tensor, target: Tensor): Tensor {
    const { weight, p, margin, reduction } = this;
    return multiMarginLoss(scores, target, { weight: weight ?? undefined, p, margin, reduction });
  }
}
