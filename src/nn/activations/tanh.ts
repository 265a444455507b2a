import { tanh } from '../../ops/elementwise/tanh.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Module } from '../core/module.js';
import type { Keeps } from '../core/sizes.js';

/** y = tanh x, elementwise. @see torch.nn.Tanh */
export class Tanh extends Module<[Tensor], Tensor, Keeps> {
  forward(x: Tensor): Tensor {
    return tanh(x);
  }
}
