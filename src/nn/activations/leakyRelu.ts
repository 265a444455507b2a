import { leakyRelu } from '../../ops/elementwise/leakyRelu.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Module } from '../core/module.js';
import type { Keeps } from '../core/sizes.js';

/** y = x where x > 0, else negativeSlope·x. @see torch.nn.LeakyReLU */
export class LeakyReLU extends Module<[Tensor], Tensor, Keeps> {
  constructor(readonly negativeSlope = 0.01) {
    super();
  }

  forward(x: Tensor): Tensor {
    return leakyRelu(x, this.negativeSlope);
  }

  protected override extraRepr(): string {
    return `negativeSlope=${this.negativeSlope}`;
  }
}
