import { type MultiMarginOptions, multiMarginLoss } from '../../ops/loss/marginLosses.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { BufferTensor } from '../core/buffer.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link multiMarginLoss} with its options: the score of the right class above all others.
 *
 * @see torch.nn.MultiMarginLoss
 */
export class MultiMarginLoss extends OptionLoss<[scores: Tensor, target: Tensor], MultiMarginOptions> {
  /** A copy of the factors of the classes. */
  declare weight: BufferTensor | null;
  declare readonly p: number;
  declare readonly margin: number;
  declare readonly reduction: Reduction;

  constructor(options: MultiMarginOptions = {}) {
    super("margin: 1.0, p: 1, reduction: 'mean'|'sum'|'none', weight", options, {
      weight: null,
      p: 1,
      margin: 1,
      reduction: 'mean',
    });
  }

  protected compute(scores: Tensor, target: Tensor): Tensor {
    return multiMarginLoss(scores, target, this.options);
  }
}
