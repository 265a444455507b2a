import { relu6 } from '../../ops/elementwise/relu6.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** y = min(max(x, 0), 6), elementwise. @see torch.nn.ReLU6 */
export class ReLU6 extends Layer<[Tensor], Tensor, Keeps> {
  protected compute(x: Tensor): Tensor {
    return relu6(x);
  }
}
