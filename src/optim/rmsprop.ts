import { decay, flag, notNegative, type Rules } from '../runtime/arguments.js';
import { kernels } from '../runtime/runtime.js';
import { addressOf, type Tensor } from '../tensor/tensor.js';
import { type CommonOptions, type Optimizable, Optimizer, type ParamGroup, type StateLayout } from './optimizer.js';

/** What decides the steps of RMSprop. */
export interface RMSpropOptions extends CommonOptions {
  /** What the averages keep a step. Default: 0.99. */
  alpha: number;
  /** Keeps the divisor from 0. Default: 1e-8. */
  eps: number;
  /** How much of the last direction is kept. Default: 0. */
  momentum: number;
  /** Divide by the deviation of the gradient rather than by its root mean square. Default: false. */
  centered: boolean;
}

const RULES: Rules<RMSpropOptions> = {
  lr: notNegative,
  momentum: notNegative,
  alpha: decay,
  eps: notNegative,
  centered: flag,
  weightDecay: notNegative,
  maximize: flag,
};

/**
 * RMSprop: steps scaled by a running average of the squared gradient.
 *
 *   g += weightDecay·p
 *   v = alpha·v + (1 − alpha)·g²      a = alpha·a + (1 − alpha)·g   (a only if centered)
 *   d = g / (√v + eps), or g / (√(v − a²) + eps) if centered        (v − a² at least 0)
 *   p −= lr·d, or with momentum b = momentum·b + d; p −= lr·b
 *
 * Remembers `step`, `square_avg` (v), if centered `grad_avg` (a), with momentum `momentum_buffer` (b).
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.RMSprop; Tieleman and Hinton (2012); centered: Graves, arXiv 1308.0850
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  /** The options that hold where none are given. */
  static readonly defaults: Readonly<RMSpropOptions> = {
    lr: 1e-2,
    momentum: 0,
    alpha: 0.99,
    eps: 1e-8,
    centered: false,
    weightDecay: 0,
    maximize: false,
  };

  constructor(parameters: Optimizable<RMSpropOptions>, options: Partial<RMSpropOptions> = {}) {
    super('RMSprop', parameters, RULES, RMSprop.defaults, options);
  }

  protected override layout({ momentum, centered }: RMSpropOptions): StateLayout {
    const required = ['square_avg', ...(momentum > 0 ? ['momentum_buffer'] : []), ...(centered ? ['grad_avg'] : [])];
    return { step: true, tensors: ['square_avg', 'momentum_buffer', 'grad_avg'], required };
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, momentum, alpha, eps, centered, weightDecay, maximize }: ParamGroup<RMSpropOptions>,
  ): void {
    this.countStep(param);
    const square = addressOf(this.remembered(param, 'square_avg'));
    const average = centered ? addressOf(this.remembered(param, 'grad_avg')) : 0;
    const buffer = momentum > 0 ? addressOf(this.remembered(param, 'momentum_buffer')) : 0;
    kernels.f32_rmsprop(
      addressOf(param),
      square,
      average,
      buffer,
      addressOf(grad),
      lr,
      maximize ? -1 : 1,
      weightDecay,
      alpha,
      1 - alpha,
      momentum,
      eps,
      0,
      param.size,
    );
  }
}
