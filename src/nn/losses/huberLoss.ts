import { type HuberOptions, huberLoss } from '../../ops/loss/pointwiseLoss.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';

/**
 * The operation {@link huberLoss} with its options: squared near zero, linear further out.
 *
 * @see torch.nn.HuberLoss
 */
export class HuberLoss extends Layer<[prediction: Tensor, target: Tensor]> {
  readonly reduction: Reduction;
  readonly delta: number;

  constructor(options: HuberOptions = {}) {
    super();
    checkArguments("new nn.HuberLoss({ delta: 1.0, reduction: 'mean'|'sum'|'none' })", options);
    const { reduction = 'mean', delta = 1 } = options;
    this.reduction = reduction;
    this.delta = delta;
  }

  protected compute(prediction: Tensor, target: Tensor): Tensor {
    const { reduction, delta } = this;
    return huberLoss(prediction, target, { reduction, delta });
  }
}
