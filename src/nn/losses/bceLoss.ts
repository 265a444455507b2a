import { type BceLossOptions, bceLoss } from '../../ops/loss/bceLoss.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { type BufferTensor, bufferOf } from '../core/buffer.js';
import { Layer } from '../core/layer.js';

/**
 * The operation {@link bceLoss} with its options: the loss of probabilities, given targets in [0, 1].
 *
 * @see torch.nn.BCELoss
 */
export class BCELoss extends Layer<[probabilities: Tensor, target: Tensor]> {
  /** A copy of the factors. */
  weight: BufferTensor | null;
  readonly reduction: Reduction;

  constructor(options: BceLossOptions = {}) {
    super();
    checkArguments("new nn.BCELoss({ reduction: 'mean'|'sum'|'none', weight })", options);
    const { weight, reduction = 'mean' } = options;
    this.weight = bufferOf(weight);
    this.reduction = reduction;
  }

  protected compute(probabilities: Tensor, target: Tensor): Tensor {
    const { weight, reduction } = this;
    return bceLoss(probabilities, target, { weight: weight ?? undefined, reduction });
  }
}
