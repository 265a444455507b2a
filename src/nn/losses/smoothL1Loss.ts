import { type SmoothL1Options, smoothL1Loss } from '../../ops/loss/pointwiseLoss.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';

/**
 * The operation {@link smoothL1Loss} with its options: squared near zero, absolute further out. @see
 * torch.nn.SmoothL1Loss
 */
export class SmoothL1Loss extends Layer<[prediction: Tensor, target: Tensor]> {
  readonly reduction: Reduction;
  readonly beta: number;

  constructor(options: SmoothL1Options = {}) {
    super();
    checkArguments("new nn.SmoothL1Loss({ beta: 1.0, reduction: 'mean'|'sum'|'none' })", options);
    const { reduction = 'mean', beta = 1 } = options;
    this.reduction = reduction;
    this.beta = beta;
  }

  protected compute(prediction: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(prediction, target, { reduction: this.reduction, beta: this.beta });
  }
}
