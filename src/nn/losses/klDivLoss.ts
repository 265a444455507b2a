import { type KLDivOptions, klDivLoss } from '../../ops/loss/klDivLoss.js';
import type { Reduction } from '../../ops/loss/reduction.js';
import type { Tensor } from '../../tensor/tensor.js';
import { OptionLoss } from './optionLoss.js';

/**
 * The operation {@link klDivLoss} with its options: the divergence of log-probabilities from probabilities.
 *
 * @see torch.nn.KLDivLoss
 */
export class KLDivLoss extends OptionLoss<[logProbabilities: Tensor, target: Tensor], KLDivOptions> {
  declare readonly reduction: Reduction | 'batchmean';
  declare readonly logTarget: boolean;

  constructor(options: KLDivOptions = {}) {
    super("reduction: 'batchmean'|'mean'|'sum'|'none', logTarget: false", options, {
      reduction: 'mean',
      logTarget: false,
    });
  }

  protected compute(logProbabilities: Tensor, target: Tensor): Tensor {
    return klDivLoss(logProbabilities, target, this.options);
  }
}
