import { silu } from '../../ops/elementwise/silu.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Module } from '../core/module.js';
import type { Keeps } from '../core/sizes.js';

/** y = x·sigmoid(x), elementwise. @see torch.nn.SiLU */
export class SiLU extends Module<[Tensor], Tensor, Keeps> {
  forward(x: Tensor): Tensor {
    return silu(x);
  }
}
