import { silu } from '../ops/silu.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';
import type { Keeps } from './sizes.js';

/** y = x·sigmoid(x), elementwise. @see torch.nn.SiLU */
export class SiLU extends Module<[Tensor], Tensor, Keeps> {
  forward(x: Tensor): Tensor {
    return silu(x);
  }
}
