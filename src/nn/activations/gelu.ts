import { type GeluOptions, gelu } from '../../ops/elementwise/gelu.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/**
 * y = x·Φ(x), Φ the distribution function of the normal distribution. @see Hendrycks & Gimpel 2016, arXiv 1606.08415;
 * torch.nn.GELU
 */
export class GELU extends Layer<[Tensor], Tensor, Keeps> {
  readonly approximate: 'none' | 'tanh';

  constructor(options: GeluOptions = {}) {
    super();
    checkArguments("new nn.GELU({ approximate: 'none'|'tanh' })", options);
    const { approximate = 'none' } = options;
    this.approximate = approximate;
  }

  protected compute(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }

  protected override extraRepr(): string {
    return `approximate=${this.approximate}`;
  }
}
