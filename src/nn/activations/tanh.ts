import { tanh } from '../../ops/elementwise/tanh.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** y = tanh x, elementwise. @see torch.nn.Tanh */
export class Tanh extends Layer<[Tensor], Tensor, Keeps> {
  protected compute(x: Tensor): Tensor {
    return tanh(x);
  }
}
