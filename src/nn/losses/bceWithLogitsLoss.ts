import { type BceOptions, bceWithLogits } from '../../ops/loss/bceWithLogits.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { type BufferTensor, bufferOf } from '../core/buffer.js';
import { Layer } from '../core/layer.js';

/**
 * The operation {@link bceWithLogits} with its options: the loss of logits, given probabilities in [0, 1]. @see
 * torch.nn.BCEWithLogitsLoss
 */
export class BCEWithLogitsLoss extends Layer<[logits: Tensor, target: Tensor]> {
  /** A copy of the factors of the losses. */
  weight: BufferTensor | null;
  /** A copy of the weights of the positive examples. */
  posWeight: BufferTensor | null;
  readonly reduction: Reduction;

  constructor(options: BceOptions = {}) {
    super();
    checkArguments("new nn.BCEWithLogitsLoss({ reduction: 'mean'|'sum'|'none', weight, posWeight })", options);
    const { weight, reduction = 'mean', posWeight } = options;
    this.weight = bufferOf(weight);
    this.posWeight = bufferOf(posWeight);
    this.reduction = reduction;
  }

  protected compute(logits: Tensor, target: Tensor): Tensor {
    const { weight, posWeight, reduction } = this;
    return bceWithLogits(logits, target, { weight: weight ?? undefined, posWeight: posWeight ?? undefined, reduction });
  }
}
