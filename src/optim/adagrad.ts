import { flag, notNegative, type Rules } from '../runtime/arguments.js';
import { kernels } from '../runtime/runtime.js';
import { addressOf, type Tensor } from '../tensor/tensor.js';
import { type CommonOptions, type Optimizable, Optimizer, type ParamGroup, type StateLayout } from './optimizer.js';

/** What decides the steps of Adagrad. */
export interface AdagradOptions extends CommonOptions {
  /** How the learning rate falls with the steps. Default: 0. */
  lrDecay: number;
  /** What the sums of squares begin at. Default: 0. */
  initialAccumulatorValue: number;
  /** Keeps the divisor from 0. Default: 1e-10. */
  eps: number;
}

const RULES: Rules<AdagradOptions> = {
  lr: notNegative,
  lrDecay: notNegative,
  weightDecay: notNegative,
  initialAccumulatorValue: notNegative,
  eps: notNegative,
  maximize: flag,
};

/**
 * Adagrad: steps scaled by the root of the sum of all squared gradients so far.
 *
 *   g += weightDecay·p
 *   s += g²                                            from initialAccumulatorValue
 *   p −= lr / (1 + (t − 1)·lrDecay) · g / (√s + eps)
 *
 * Remembers `step` (t), `sum` (s).
 *
 * @throws {ArgumentError} when an option is outside its range
 * @see torch.optim.Adagrad; Duchi, Hazan and Singer, "Adaptive subgradient methods" (JMLR 2011)
 */
export class Adagrad extends Optimizer<AdagradOptions> {
  /** The options that hold where none are given. */
  static readonly defaults: Readonly<AdagradOptions> = {
    lr: 1e-2,
    lrDecay: 0,
    weightDecay: 0,
    initialAccumulatorValue: 0,
    eps: 1e-10,
    maximize: false,
  };

  constructor(parameters: Optimizable<AdagradOptions>, options: Partial<AdagradOptions> = {}) {
    super('Adagrad', parameters, RULES, Adagrad.defaults, options);
  }

  protected override layout(): StateLayout {
    return { step: true, tensors: ['sum'], required: ['sum'] };
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize }: ParamGroup<AdagradOptions>,
  ): void {
    const step = this.countStep(param);
    const sum = addressOf(this.remembered(param, 'sum', initialAccumulatorValue));
    kernels.f32_adagrad(
      addressOf(param),
      sum,
      addressOf(grad),
      lr / (1 + (step - 1) * lrDecay),
      maximize ? -1 : 1,
      weightDecay,
      eps,
      0,
      param.size,
    );
  }
}
