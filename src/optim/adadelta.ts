import { flag, fraction, notNegative, type Rules } from '../runtime/arguments.js';
import { kernels } from '../runtime/runtime.js';
import { addressOf, type Tensor } from '../tensor/tensor.js';
import { type CommonOptions, type Optimizable, Optimizer, type ParamGroup, type StateLayout } from './optimizer.js';

/** What decides the steps of Adadelta. */
export interface AdadeltaOptions extends CommonOptions {
  /** What the averages of squares keep a step. Default: 0.9. */
  rho: number;
  /** Keeps the divisor from 0, and the first steps above it. Default: 1e-6. */
  eps: number;
}

const RULES: Rules<AdadeltaOptions> = {
  lr: notNegative,
  rho: fraction,
  eps: notNegative,
  weightDecay: notNegative,
  maximize: flag,
};

/**
 * Adadelta: steps of the size of past steps, scaled by a running average of the squared gradient.
 *
 *   g += weightDecay·p
 *   v = rho·v + (1 − rho)·g²
 *   s = √(u + eps) / √(v + eps)·g
 *   u = rho·u + (1 − rho)·s²
 *   p −= lr·s
 *
 * Remembers `step`, `square_avg` (v), `acc_delta` (u). Default lr: 1.
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.Adadelta; Zeiler, arXiv 1212.5701
 * @example new optim.Adadelta(model.parameters());
 */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  /** The options that hold where none are given. */
  static readonly defaults: Readonly<AdadeltaOptions> = { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false };

  constructor(parameters: Optimizable<AdadeltaOptions>, options: Partial<AdadeltaOptions> = {}) {
    super('Adadelta', parameters, RULES, Adadelta.defaults, options);
  }

  protected override layout(): StateLayout {
    const tensors = ['square_avg', 'acc_delta'];
    return { step: true, tensors, required: tensors };
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, rho, eps, weightDecay, maximize }: ParamGroup<AdadeltaOptions>,
  ): void {
    this.countStep(param);
    kernels.f32_adadelta(
      addressOf(param),
      addressOf(this.remembered(param, 'square_avg')),
      addressOf(this.remembered(param, 'acc_delta')),
      addressOf(grad),
      lr,
      maximize ? -1 : 1,
      weightDecay,
      rho,
      1 - rho,
      eps,
      0,
      param.size,
    );
  }
}
