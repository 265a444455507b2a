import { hardswish } from '../../ops/elementwise/relu6.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** y = x·min(max(x + 3, 0), 6) / 6, elementwise. @see torch.nn.Hardswish */
export class Hardswish extends Layer<[Tensor], Tensor, Keeps> {
  protected compute(x: Tensor): Tensor {
    return hardswish(x);
  }
}
