import { mseLoss } from '../../ops/loss/pointwiseLoss.js';
import type { LossOptions, Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';

/** The operation {@link mseLoss} with its options: the mean squared error. @see torch.nn.MSELoss */
export class MSELoss extends Layer<[prediction: Tensor, target: Tensor]> {
  readonly reduction: Reduction;

  constructor(options: LossOptions = {}) {
    super();
    checkArguments("new nn.MSELoss({ reduction: 'mean'|'sum'|'none' })", options);
    const { reduction = 'mean' } = options;
    this.reduction = reduction;
  }

  protected compute(prediction: Tensor, target: Tensor): Tensor {
    return mseLoss(prediction, target, { reduction: this.reduction });
  }
}
