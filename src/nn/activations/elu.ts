import { elu } from '../../ops/elementwise/elu.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Module } from '../core/module.js';
import type { Keeps } from '../core/sizes.js';

/** y = x where x > 0, else alpha·(eˣ − 1). @see Clevert et al. 2015, arXiv 1511.07289; torch.nn.ELU */
export class ELU extends Module<[Tensor], Tensor, Keeps> {
  constructor(readonly alpha = 1) {
    super();
  }

  forward(x: Tensor): Tensor {
    return elu(x, this.alpha);
  }

  protected override extraRepr(): string {
    return `alpha=${this.alpha}`;
  }
}
