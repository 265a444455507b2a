import { relu } from '../ops/relu.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** y = max(x, 0), elementwise. @see torch.nn.ReLU */
export class ReLU extends Module {
  forward(x: Tensor): Tensor {
    return relu(x);
  }
}
