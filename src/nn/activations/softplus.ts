import { type SoftplusOptions, softplus } from '../../ops/elementwise/softplus.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** y = log(1 + e^(beta·x)) / beta, elementwise: a smooth ReLU. @see torch.nn.Softplus */
export class Softplus extends Layer<[Tensor], Tensor, Keeps> {
  readonly beta: number;
  readonly threshold: number;

  constructor(options: SoftplusOptions = {}) {
    super();
    checkArguments('new nn.Softplus({ beta: 1.0, threshold: 20.0 })', options);
    const { beta = 1, threshold = 20 } = options;
    this.beta = beta;
    this.threshold = threshold;
  }

  protected compute(x: Tensor): Tensor {
    return softplus(x, { beta: this.beta, threshold: this.threshold });
  }

  protected override extraRepr(): string {
    return `beta=${this.beta}, threshold=${this.threshold}`;
  }
}
