import { adaptiveAvgPool2d } from '../ops/avgPool2d.js';
import { pairOf, type Pair } from '../ops/window.js';
import type { Tensor } from '../tensor/tensor.js';
import { shown } from './arguments.js';
import { Module } from './module.js';

/**
 * Means of an image over windows chosen so that the output has a given size; 1 makes it a global average pool.
 *
 * @see torch.nn.AdaptiveAvgPool2d
 */
export class AdaptiveAvgPool2d extends Module {
  readonly outputSize: readonly [number, number];

  constructor(outputSize: Pair) {
    super();
    this.outputSize = pairOf(outputSize, 'outputSize', 'AdaptiveAvgPool2d', 1);
  }

  forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }

  protected override extraRepr(): string {
    return shown('outputSize', this.outputSize).join(', ');
  }
}
