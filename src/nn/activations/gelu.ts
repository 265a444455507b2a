import { type GeluOptions, gelu } from '../../ops/elementwise/gelu.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/**
 * y = x·Φ(x), Φ the distribution function of the normal distribution. @see Hendrycks & Gimpel 2016, arXiv 1606.08415;
 * torch.nn.GELU
 */
export class GELU extends Layer<[Tensor], Tensor, Keeps> {
  readonly approximate: 'none' | 'tanh';

  constructor({ approximate = 'none' }: GeluOptions = {}) {
    super();
    this.approximate = approximate;
  }

  protected compute(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }

  protected override extraRepr(): string {
    return `approximate=${this.approximate}`;
  }
}
