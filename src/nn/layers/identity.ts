import type { Tensor } from '../../tensor/tensor.js';
import { Module } from '../core/module.js';
import type { Keeps } from '../core/sizes.js';

/** y = x: a place for a layer that is left out. @see torch.nn.Identity */
export class Identity extends Module<[Tensor], Tensor, Keeps> {
  forward(x: Tensor): Tensor {
    return x;
  }
}
