import { mish } from '../../ops/elementwise/mish.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** y = x·tanh(softplus(x)), elementwise. @see torch.nn.Mish */
export class Mish extends Layer<[Tensor], Tensor, Keeps> {
  protected compute(x: Tensor): Tensor {
    return mish(x);
  }
}
