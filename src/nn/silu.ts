import { silu } from '../ops/silu.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** y = x·sigmoid(x), elementwise. @see torch.nn.SiLU */
export class SiLU extends Module {
  forward(x: Tensor): Tensor {
    return silu(x);
  }
}
