import { type NllOptions, nllLoss } from '../../ops/loss/crossEntropy.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { BufferTensor } from '../core/buffer.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link nllLoss} with its options: the loss of log-probabilities (of LogSoftmax), given class ids.
 *
 * @see torch.nn.NLLLoss
 */
export class NLLLoss extends OptionLoss<[logProbabilities: Tensor, target: Tensor], NllOptions> {
  /** A copy of the class weights. */
  declare weight: BufferTensor | null;
  declare readonly ignoreIndex: number;
  declare readonly reduction: Reduction;

  constructor(options: NllOptions = {}) {
    super("reduction: 'mean'|'sum'|'none', weight, ignoreIndex: -100", options, {
      weight: null,
      ignoreIndex: -100,
      reduction: 'mean',
    });
  }

  protected compute(logProbabilities: Tensor, target: Tensor): Tensor {
    return nllLoss(logProbabilities, target, this.options);
  }
}
