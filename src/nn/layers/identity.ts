import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** y = x: a place for a layer that is left out. @see torch.nn.Identity */
export class Identity extends Layer<[Tensor], Tensor, Keeps> {
  protected compute(x: Tensor): Tensor {
    return x;
  }
}
