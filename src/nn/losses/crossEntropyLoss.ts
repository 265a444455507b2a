import { type CrossEntropyOptions, crossEntropy } from '../../ops/loss/crossEntropy.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { BufferTensor } from '../core/buffer.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link crossEntropy} with its options: the loss of logits, given class ids or probabilities.
 *
 * @see torch.nn.CrossEntropyLoss
 */
export class CrossEntropyLoss extends OptionLoss<[logits: Tensor, target: Tensor], CrossEntropyOptions> {
  /** A copy of the class weights. */
  declare weight: BufferTensor | null;
  declare readonly ignoreIndex: number;
  declare readonly reduction: Reduction;
  declare readonly labelSmoothing: number;

  constructor(options: CrossEntropyOptions = {}) {
    super("labelSmoothing: 0.1, reduction: 'mean'|'sum'|'none', weight, ignoreIndex: -100", options, {
      weight: null,
      ignoreIndex: -100,
      reduction: 'mean',
      labelSmoothing: 0,
    });
  }

  protected compute(logits: Tensor, target: Tensor): Tensor {
    return crossEntropy(logits, target, this.options);
  }
}
