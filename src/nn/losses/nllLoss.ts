import { type NllOptions, nllLoss } from '../../ops/loss/crossEntropy.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { type BufferTensor, bufferOf } from '../core/buffer.js';
import { Layer } from '../core/layer.js';

/**
 * The operation {@link nllLoss} with its options: the loss of log-probabilities (of LogSoftmax), given class ids. @see
 * torch.nn.NLLLoss
 */
export class NLLLoss extends Layer<[logProbabilities: Tensor, target: Tensor]> {
  /** A copy of the class weights. */
  weight: BufferTensor | null;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;

  constructor(options: NllOptions = {}) {
    super();
    checkArguments("new nn.NLLLoss({ reduction: 'mean'|'sum'|'none', weight, ignoreIndex: -100 })", options);
    const { weight, ignoreIndex = -100, reduction = 'mean' } = options;
    this.weight = bufferOf(weight);
    this.ignoreIndex = ignoreIndex;
    this.reduction = reduction;
  }

  protected compute(logProbabilities: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction } = this;
    return nllLoss(logProbabilities, target, { weight: weight ?? undefined, ignoreIndex, reduction });
  }
}
