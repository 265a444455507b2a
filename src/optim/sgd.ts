import type { OptionalAddress } from '../runtime/address.js';
import { finite, flag, notNegative, type Rules } from '../runtime/arguments.js';
import { ArgumentError } from '../runtime/errors.js';
import { kernels } from '../runtime/runtime.js';
import { addressOf, type Tensor } from '../tensor/tensor.js';
import { type CommonOptions, type Optimizable, Optimizer, type ParamGroup, type StateLayout } from './optimizer.js';

/** What decides the steps of SGD. */
export interface SGDOptions extends CommonOptions {
  /** How much of the last direction is kept. Default: 0. */
  momentum: number;
  /** How much of the new gradient is held back from the direction. Default: 0. */
  dampening: number;
  /** Look ahead along the direction (Nesterov's momentum). Default: false. */
  nesterov: boolean;
}

const RULES: Rules<SGDOptions> = {
  lr: notNegative,
  momentum: notNegative,
  dampening: finite,
  weightDecay: notNegative,
  nesterov: flag,
  maximize: flag,
};

/**
 * Stochastic gradient descent, with momentum or without.
 *
 *   d = g + weightDecay·p
 *   b = momentum·b + (1 − dampening)·d, on the first step b = d      (only where momentum ≠ 0)
 *   p −= lr·d, or lr·b with momentum, or lr·(d + momentum·b) with nesterov
 *
 * Remembers `momentum_buffer` (b), where momentum ≠ 0. Units: lr per step, momentum in [0, 1).
 *
 * @throws {ArgumentError} when an option is outside its range, or nesterov goes without momentum or with dampening
 * @see torch.optim.SGD; Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013)
 * @example new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
 */
export class SGD extends Optimizer<SGDOptions> {
  /** The options that hold where none are given; `lr` must be given. */
  static readonly defaults: Readonly<SGDOptions> = {
    lr: NaN,
    momentum: 0,
    dampening: 0,
    weightDecay: 0,
    nesterov: false,
    maximize: false,
  };

  constructor(parameters: Optimizable<SGDOptions>, options: Partial<SGDOptions> & Pick<SGDOptions, 'lr'>) {
    super('SGD', parameters, RULES, SGD.defaults, options);
  }

  protected override checkTogether({ nesterov, momentum, dampening }: SGDOptions): void {
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new ArgumentError(
        `nesterov needs a momentum and no dampening, not momentum ${momentum} and dampening ${dampening}`,
        { where: this.name },
      );
    }
  }

  protected override layout({ momentum }: SGDOptions): StateLayout {
    // A parameter without gradients so far has no entries at all, so none is required.
    return { step: false, tensors: ['momentum_buffer'], required: momentum === 0 ? [] : ['momentum_buffer'] };
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, momentum, dampening, weightDecay, nesterov, maximize }: ParamGroup<SGDOptions>,
  ): void {
    let buffer: OptionalAddress = 0;
    let [decay, gain] = [0, 0];
    if (momentum !== 0) {
      [decay, gain] = this.remembers(param, 'momentum_buffer') ? [momentum, 1 - dampening] : [0, 1];
      buffer = addressOf(this.remembered(param, 'momentum_buffer'));
    }
    kernels.f32_sgd(
      addressOf(param),
      buffer,
      addressOf(grad),
      lr,
      maximize ? -1 : 1,
      weightDecay,
      decay,
      gain,
      nesterov ? momentum : 0,
      0,
      param.size,
    );
  }
}
