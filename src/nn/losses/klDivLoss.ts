import { type KLDivOptions, klDivLoss } from '../../ops/loss/klDivLoss.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';

/**
 * The operation {@link klDivLoss} with its options: the divergence of log-probabilities from probabilities.
 *
 * @see torch.nn.KLDivLoss
 */
export class KLDivLoss extends Layer<[logProbabilities: Tensor, target: Tensor]> {
  readonly reduction: Reduction | 'batchmean';
  readonly logTarget: boolean;

  constructor(options: KLDivOptions = {}) {
    super();
    checkArguments("new nn.KLDivLoss({ reduction: 'batchmean'|'mean'|'sum'|'none', logTarget: false })", options);
    const { reduction = 'mean', logTarget = false } = options;
    this.reduction = reduction;
    this.logTarget = logTarget;
  }

  protected compute(logProbabilities: Tensor, target: Tensor): Tensor {
    const { reduction, logTarget } = this;
    return klDivLoss(logProbabilities, target, { reduction, logTarget });
  }
}
