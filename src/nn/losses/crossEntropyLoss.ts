import { type CrossEntropyOptions, crossEntropy } from '../../ops/loss/crossEntropy.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { type BufferTensor, bufferOf } from '../core/buffer.js';
import { Layer } from '../core/layer.js';

const CALL =
  "new nn.CrossEntropyLoss({ labelSmoothing: 0.1, reduction: 'mean'|'sum'|'none', weight, " + 'ignoreIndex: -100 })';

/**
 * The operation {@link crossEntropy} with its options: the loss of logits, given class ids or probabilities. @see
 * torch.nn.CrossEntropyLoss
 */
export class CrossEntropyLoss extends Layer<[logits: Tensor, target: Tensor]> {
  /** A copy of the class weights. */
  weight: BufferTensor | null;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;
  readonly labelSmoothing: number;

  constructor(options: CrossEntropyOptions = {}) {
    super();
    checkArguments(CALL, options);
    const { weight, ignoreIndex = -100, reduction = 'mean', labelSmoothing = 0 } = options;
    this.weight = bufferOf(weight);
    this.ignoreIndex = ignoreIndex;
    this.reduction = reduction;
    this.labelSmoothing = labelSmoothing;
  }

  protected compute(logits: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction, labelSmoothing } = this;
    return crossEntropy(logits, target, { weight: weight ?? undefined, ignoreIndex, reduction, labelSmoothing });
  }
}
