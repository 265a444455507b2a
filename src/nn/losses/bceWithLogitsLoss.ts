import { type BceOptions, bceWithLogits } from '../../ops/loss/bceWithLogits.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { BufferTensor } from '../core/buffer.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link bceWithLogits} with its options: the loss of logits, given probabilities in [0, 1].
 *
 * @see torch.nn.BCEWithLogitsLoss
 */
export class BCEWithLogitsLoss extends OptionLoss<[logits: Tensor, target: Tensor], BceOptions> {
  /** A copy of the factors of the losses. */
  declare weight: BufferTensor | null;
  /** A copy of the weights of the positive examples. */
  declare posWeight: BufferTensor | null;
  declare readonly reduction: Reduction;

  constructor(options: BceOptions = {}) {
    super("reduction: 'mean'|'sum'|'none', weight, posWeight", options, {
      weight: null,
      posWeight: null,
      reduction: 'mean',
    });
  }

  protected compute(logits: Tensor, target: Tensor): Tensor {
    return bceWithLogits(logits, target, this.options);
  }
}
