import { elu } from '../../ops/elementwise/elu.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** y = x where x > 0, else alpha·(eˣ − 1). @see Clevert et al. 2015, arXiv 1511.07289; torch.nn.ELU */
export class ELU extends Layer<[Tensor], Tensor, Keeps> {
  constructor(readonly alpha = 1) {
    super();
    checkArguments('new nn.ELU(alpha?=1.0)', alpha);
  }

  protected compute(x: Tensor): Tensor {
    return elu(x, this.alpha);
  }

  protected override extraRepr(): string {
    return `alpha=${this.alpha}`;
  }
}
