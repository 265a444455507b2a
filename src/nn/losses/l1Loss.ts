import { l1Loss } from '../../ops/loss/pointwiseLoss.js';
import type { LossOptions, Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';

/** The operation {@link l1Loss} with its options: the mean absolute error. @see torch.nn.L1Loss */
export class L1Loss extends Layer<[prediction: Tensor, target: Tensor]> {
  readonly reduction: Reduction;

  constructor(options: LossOptions = {}) {
    super();
    checkArguments("new nn.L1Loss({ reduction: 'mean'|'sum'|'none' })", options);
    const { reduction = 'mean' } = options;
    this.reduction = reduction;
  }

  protected compute(prediction: Tensor, target: Tensor): Tensor {
    return l1Loss(prediction, target, { reduction: this.reduction });
  }
}
