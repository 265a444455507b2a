import { adaptiveAvgPool2d } from '../../ops/pool/avgPool2d.js';
import { type Pair, pairOf } from '../../ops/pool/window.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { shown } from '../core/shown.js';
import type { Pools } from '../core/sizes.js';

/**
 * Means of an image over windows chosen so that the output has a given size; 1 makes it a global average pool.
 *
 * @see torch.nn.AdaptiveAvgPool2d
 */
export class AdaptiveAvgPool2d<const Size extends Pair = Pair> extends Layer<
  [Tensor],
  Tensor,
  Pools<Size extends 1 | readonly [1, 1] ? 1 : number>
> {
  readonly outputSize: readonly [number, number];

  constructor(outputSize: Size) {
    super();
    checkArguments('new nn.AdaptiveAvgPool2d(outputSize=1|[1, 1])', outputSize);
    this.outputSize = pairOf(outputSize, 'outputSize', 'AdaptiveAvgPool2d', 1);
  }

  protected compute(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }

  protected override extraRepr(): string {
    return shown('outputSize', this.outputSize).join(', ');
  }
}
