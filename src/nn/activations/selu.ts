import { selu } from '../../ops/elementwise/selu.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** y = 1.0507·(x where x > 0, else 1.6733·(eˣ − 1)), elementwise. @see torch.nn.SELU */
export class SELU extends Layer<[Tensor], Tensor, Keeps> {
  protected compute(x: Tensor): Tensor {
    return selu(x);
  }
}
