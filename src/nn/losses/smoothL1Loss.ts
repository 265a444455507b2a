import { type Reduction, type SmoothL1Options, smoothL1Loss } from '../../ops/loss/pointwiseLoss.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';

/**
 * The operation {@link smoothL1Loss} with its options: squared near zero, absolute further out. @see
 * torch.nn.SmoothL1Loss
 */
export class SmoothL1Loss extends Layer<[prediction: Tensor, target: Tensor]> {
  readonly reduction: Reduction;
  readonly beta: number;

  constructor({ reduction = 'mean', beta = 1 }: SmoothL1Options = {}) {
    super();
    this.reduction = reduction;
    this.beta = beta;
  }

  protected compute(prediction: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(prediction, target, { reduction: this.reduction, beta: this.beta });
  }
}
