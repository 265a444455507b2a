import { flatten } from '../ops/reshape.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/**
 * Joins the axes from `startAxis` to `endAxis` into one: by default all but the batch. Copies nothing.
 *
 * Shapes: x [N,…] → [N,M]
 * @see torch.nn.Flatten
 */
export class Flatten extends Module {
  constructor(readonly startAxis = 1, readonly endAxis = -1) {
    super();
  }

  forward(x: Tensor): Tensor {
    return flatten(x, { startAxis: this.startAxis, endAxis: this.endAxis });
  }

  protected override extraRepr(): string {
    return `startAxis=${this.startAxis}, endAxis=${this.endAxis}`;
  }
}
