import { type GeluOptions, gelu } from '../../ops/elementwise/gelu.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Module } from '../core/module.js';
import type { Keeps } from '../core/sizes.js';

/**
 * y = x·Φ(x), Φ the distribution function of the normal distribution. @see Hendrycks & Gimpel 2016, arXiv 1606.08415;
 * torch.nn.GELU
 */
export class GELU extends Module<[Tensor], Tensor, Keeps> {
  readonly approximate: 'none' | 'tanh';

  constructor({ approximate = 'none' }: GeluOptions = {}) {
    super();
    this.approximate = approximate;
  }

  forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }

  protected override extraRepr(): string {
    return `approximate=${this.approximate}`;
  }
}
