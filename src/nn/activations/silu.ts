import { silu } from '../../ops/elementwise/silu.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** y = x·sigmoid(x), elementwise. @see torch.nn.SiLU */
export class SiLU extends Layer<[Tensor], Tensor, Keeps> {
  protected compute(x: Tensor): Tensor {
    return silu(x);
  }
}
