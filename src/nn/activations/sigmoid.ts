import { sigmoid } from '../../ops/elementwise/sigmoid.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Module } from '../core/module.js';
import type { Keeps } from '../core/sizes.js';

/** y = 1 / (1 + e⁻ˣ), elementwise. @see torch.nn.Sigmoid */
export class Sigmoid extends Module<[Tensor], Tensor, Keeps> {
  forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}
