import { decays, flag, notNegative, type Rules } from '../runtime/arguments.js';
import { kernels } from '../runtime/runtime.js';
import { addressOf, type Tensor } from '../tensor/tensor.js';
import { power } from './math.js';
import { type CommonOptions, type Optimizable, Optimizer, type ParamGroup, type StateLayout } from './optimizer.js';

/** What decides the steps of Adam and AdamW. */
export interface AdamOptions extends CommonOptions {
  /** What the averages of gradients and of their squares keep a step. Default: [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Keeps the divisor from 0. Default: 1e-8. */
  eps: number;
  /** Divide by the largest average of squares so far (AMSGrad). Default: false. */
  amsgrad: boolean;
}

const RULES: Rules<AdamOptions> = {
  lr: notNegative,
  betas: decays,
  eps: notNegative,
  weightDecay: notNegative,
  amsgrad: flag,
  maximize: flag,
};
const DEFAULTS: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};

/** What Adam and AdamW share: all but where the weight decay acts. */
abstract class AdamBase extends Optimizer<AdamOptions> {
  protected override layout({ amsgrad }: AdamOptions): StateLayout {
    const averages = ['exp_avg', 'exp_avg_sq'];
    return {
      step: true,
      tensors: [...averages, 'max_exp_avg_sq'],
      required: amsgrad ? [...averages, 'max_exp_avg_sq'] : averages,
    };
  }

  /**
   * One step of one parameter.
   *
   * @param shrink what the parameter is multiplied by first
   */
  protected move(
    param: Tensor,
    grad: Tensor,
    { lr, betas: [beta1, beta2], eps, amsgrad, maximize }: ParamGroup<AdamOptions>,
    shrink: number,
    weightDecay: number,
  ): void {
    const step = this.countStep(param);
    const average = addressOf(this.remembered(param, 'exp_avg'));
    const square = addressOf(this.remembered(param, 'exp_avg_sq'));
    const largest = amsgrad ? addressOf(this.remembered(param, 'max_exp_avg_sq')) : 0;
    const correction = 1 / Math.sqrt(1 - power(beta2, step));
    const stepSize = lr / (1 - power(beta1, step));
    kernels.f32_adam(
      addressOf(param),
      average,
      square,
      largest,
      addressOf(grad),
      maximize ? -1 : 1,
      shrink,
      weightDecay,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      correction,
      eps,
      stepSize,
      0,
      param.size,
    );
  }
}

/**
 * Adam: steps scaled by running averages of the gradient and of its square.
 *
 *   g += weightDecay·p
 *   m = β₁·m + (1 − β₁)·g      v = β₂·v + (1 − β₂)·g²
 *   p −= lr·m̂ / (√v̂ + eps)     m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ); with amsgrad the largest v so far for v
 *
 * Remembers `step` (t), `exp_avg` (m), `exp_avg_sq` (v), with amsgrad `max_exp_avg_sq`.
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.Adam; Kingma and Ba, arXiv 1412.6980; AMSGrad: Reddi et al., "On the convergence of Adam and beyond"
 *   (2018)
 */
export class Adam extends AdamBase {
  /** The options that hold where none are given. */
  static readonly defaults: Readonly<AdamOptions> = DEFAULTS;

  constructor(parameters: Optimizable<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super('Adam', parameters, RULES, Adam.defaults, options);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<AdamOptions>): void {
    this.move(param, grad, group, 1, group.weightDecay);
  }
}

/**
 * AdamW: Adam whose weight decay shrinks the parameters directly, past the averages.
 *
 *   p = (1 − lr·weightDecay)·p, then as Adam without weight decay
 *
 * Default weightDecay: 0.01; the rest as {@link Adam}.
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.AdamW; Loshchilov and Hutter, "Decoupled weight decay regularization", arXiv 1711.05101
 */
export class AdamW extends AdamBase {
  /** The options that hold where none are given. */
  static readonly defaults: Readonly<AdamOptions> = { ...DEFAULTS, weightDecay: 1e-2 };

  constructor(parameters: Optimizable<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super('AdamW', parameters, RULES, AdamW.defaults, options);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<AdamOptions>): void {
    this.move(param, grad, group, 1 - group.lr * group.weightDecay, 0);
  }
}
