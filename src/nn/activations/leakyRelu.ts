import { leakyRelu } from '../../ops/elementwise/leakyRelu.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** y = x where x > 0, else negativeSlope·x. @see torch.nn.LeakyReLU */
export class LeakyReLU extends Layer<[Tensor], Tensor, Keeps> {
  constructor(readonly negativeSlope = 0.01) {
    super();
    checkArguments('new nn.LeakyReLU(negativeSlope?=0.01)', negativeSlope);
  }

  protected compute(x: Tensor): Tensor {
    return leakyRelu(x, this.negativeSlope);
  }

  protected override extraRepr(): string {
    return `negativeSlope=${this.negativeSlope}`;
  }
}
