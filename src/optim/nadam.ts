import { decays, flag, notNegative, type Rules } from '../runtime/arguments.js';
import { kernels } from '../runtime/runtime.js';
import { addressOf, type Tensor } from '../tensor/tensor.js';
import { power } from './math.js';
import { type CommonOptions, type Optimizable, Optimizer, type ParamGroup, type StateLayout } from './optimizer.js';

/** What decides the steps of NAdam. */
export interface NAdamOptions extends CommonOptions {
  /** What the averages of gradients and of their squares keep a step. Default: [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Keeps the divisor from 0. Default: 1e-8. */
  eps: number;
  /** How fast the momentum of a step rises to its final value. Default: 4e-3. */
  momentumDecay: number;
  /** Let the weight decay shrink the parameters directly, as in AdamW. Default: false. */
  decoupledWeightDecay: boolean;
}

const RULES: Rules<NAdamOptions> = {
  lr: notNegative,
  betas: decays,
  eps: notNegative,
  weightDecay: notNegative,
  momentumDecay: notNegative,
  decoupledWeightDecay: flag,
  maximize: flag,
};

/**
 * NAdam: Adam with Nesterov's momentum, which rises with the steps.
 *
 *   g += weightDecay·p                                  with decoupledWeightDecay: p = (1 − lr·weightDecay)·p
 *   m = β₁·m + (1 − β₁)·g      v = β₂·v + (1 − β₂)·g²
 *   μₜ = β₁·(1 − ½·0.96^(t·momentumDecay))
 *   m̂ = μₜ₊₁·m / (1 − μ₁·…·μₜ₊₁) + (1 − μₜ)·g / (1 − μ₁·…·μₜ)
 *   p −= lr·m̂ / (√v̂ + eps)                              v̂ = v / (1 − β₂ᵗ)
 *
 * Remembers `step` (t), `mu_product` (μ₁·…·μₜ), `exp_avg` (m), `exp_avg_sq` (v). Default lr: 2e-3.
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.NAdam; Dozat, "Incorporating Nesterov momentum into Adam" (2016)
 * @example new optim.NAdam(model.parameters(), { lr: 0.002 });
 */
export class NAdam extends Optimizer<NAdamOptions> {
  /** The options that hold where none are given. */
  static readonly defaults: Readonly<NAdamOptions> = {
    lr: 2e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    momentumDecay: 4e-3,
    decoupledWeightDecay: false,
    maximize: false,
  };

  constructor(parameters: Optimizable<NAdamOptions>, options: Partial<NAdamOptions> = {}) {
    super('NAdam', parameters, RULES, NAdam.defaults, options);
  }

  protected override layout(): StateLayout {
    const tensors = ['exp_avg', 'exp_avg_sq'];
    return { step: true, product: true, tensors, required: tensors };
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, betas: [beta1, beta2], eps, ...group }: ParamGroup<NAdamOptions>,
  ): void {
    const { weightDecay, momentumDecay, decoupledWeightDecay, maximize } = group;
    const step = this.countStep(param);
    const momentum = (t: number) => beta1 * (1 - 0.5 * power(0.96, Math.min(t * momentumDecay, 1e5)));
    const now = momentum(step);
    const next = momentum(step + 1);
    const product = this.multiplied(param, now);
    kernels.f32_nadam(
      addressOf(param),
      addressOf(this.remembered(param, 'exp_avg')),
      addressOf(this.remembered(param, 'exp_avg_sq')),
      addressOf(grad),
      maximize ? -1 : 1,
      decoupledWeightDecay ? 1 - lr * weightDecay : 1,
      decoupledWeightDecay ? 0 : weightDecay,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      1 / Math.sqrt(1 - power(beta2, step)),
      eps,
      (lr * (1 - now)) / (1 - product),
      (lr * next) / (1 - product * next),
      0,
      param.size,
    );
  }
}
