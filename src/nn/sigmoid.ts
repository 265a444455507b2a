import { sigmoid } from '../ops/sigmoid.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** y = 1 / (1 + e⁻ˣ), elementwise. @see torch.nn.Sigmoid */
export class Sigmoid extends Module {
  forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}
