import { decays, flag, notNegative, type Rules } from '../runtime/arguments.js';
import { kernels } from '../runtime/runtime.js';
import { addressOf, type Tensor } from '../tensor/tensor.js';
import { power } from './math.js';
import { type CommonOptions, type Optimizable, Optimizer, type ParamGroup, type StateLayout } from './optimizer.js';

/** What decides the steps of RAdam. */
export interface RAdamOptions extends CommonOptions {
  /** What the averages of gradients and of their squares keep a step. Default: [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Keeps the divisor from 0. Default: 1e-8. */
  eps: number;
  /** Let the weight decay shrink the parameters directly, as in AdamW. Default: false. */
  decoupledWeightDecay: boolean;
}

const RULES: Rules<RAdamOptions> = {
  lr: notNegative,
  betas: decays,
  eps: notNegative,
  weightDecay: notNegative,
  decoupledWeightDecay: flag,
  maximize: flag,
};

/**
 * RAdam: Adam whose first steps are smaller, while the average of squares is of few gradients.
 *
 *   g += weightDecay·p                                  with decoupledWeightDecay: p = (1 − lr·weightDecay)·p
 *   m = β₁·m + (1 − β₁)·g      v = β₂·v + (1 − β₂)·g²      m̂ = m / (1 − β₁ᵗ)
 *   ρ = 2 / (1 − β₂) − 1       ρₜ = ρ − 2·t·β₂ᵗ / (1 − β₂ᵗ)
 *   p −= lr·m̂·r·√(1 − β₂ᵗ) / (√v + eps), r² = (ρₜ − 4)·(ρₜ − 2)·ρ / ((ρ − 4)·(ρ − 2)·ρₜ), where ρₜ > 5
 *   p −= lr·m̂                                           before that
 *
 * Remembers `step` (t), `exp_avg` (m), `exp_avg_sq` (v).
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.RAdam; Liu et al., arXiv 1908.03265
 * @example new optim.RAdam(model.parameters(), { lr: 0.001 });
 */
export class RAdam extends Optimizer<RAdamOptions> {
  /** The options that hold where none are given. */
  static readonly defaults: Readonly<RAdamOptions> = {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    decoupledWeightDecay: false,
    maximize: false,
  };

  constructor(parameters: Optimizable<RAdamOptions>, options: Partial<RAdamOptions> = {}) {
    super('RAdam', parameters, RULES, RAdam.defaults, options);
  }

  protected override layout(): StateLayout {
    const tensors = ['exp_avg', 'exp_avg_sq'];
    return { step: true, tensors, required: tensors };
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, betas: [beta1, beta2], eps, weightDecay, decoupledWeightDecay, maximize }: ParamGroup<RAdamOptions>,
  ): void {
    const step = this.countStep(param);
    const kept = power(beta2, step);
    const most = 2 / (1 - beta2) - 1;
    const length = most - (2 * step * kept) / (1 - kept);
    const rectified = length > 5;
    const square = ((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length);
    kernels.f32_adam(
      addressOf(param),
      addressOf(this.remembered(param, 'exp_avg')),
      addressOf(this.remembered(param, 'exp_avg_sq')),
      0,
      addressOf(grad),
      maximize ? -1 : 1,
      decoupledWeightDecay ? 1 - lr * weightDecay : 1,
      decoupledWeightDecay ? 0 : weightDecay,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      // Not rectified: √v·0 + 1.
      rectified ? 1 : 0,
      rectified ? eps : 1,
      (lr / (1 - power(beta1, step))) * (rectified ? Math.sqrt(square * (1 - kept)) : 1),
      0,
      param.size,
    );
  }
}
