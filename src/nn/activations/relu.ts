import { relu } from '../../ops/elementwise/relu.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Module } from '../core/module.js';
import type { Keeps } from '../core/sizes.js';

/** y = max(x, 0), elementwise. @see torch.nn.ReLU */
export class ReLU extends Module<[Tensor], Tensor, Keeps> {
  forward(x: Tensor): Tensor {
    return relu(x);
  }
}
