import { sigmoid } from '../../ops/elementwise/sigmoid.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** y = 1 / (1 + e⁻ˣ), elementwise. @see torch.nn.Sigmoid */
export class Sigmoid extends Layer<[Tensor], Tensor, Keeps> {
  protected compute(x: Tensor): Tensor {
    return sigmoid(x);
  }
}
