import { adaptiveMaxPool2d } from '../../ops/pool/maxPool2d.js';
import { type Pair, pairOf } from '../../ops/pool/window.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { shown } from '../core/shown.js';
import type { Pools } from '../core/sizes.js';

/**
 * Largest elements of an image over windows chosen so that the output has a given size; 1 makes it a global maximum
 * pool.
 *
 * @see torch.nn.AdaptiveMaxPool2d
 */
export class AdaptiveMaxPool2d<const Size extends Pair = Pair> extends Layer<
  [Tensor],
  Tensor,
  Pools<Size extends 1 | readonly [1, 1] ? 1 : number>
> {
  readonly outputSize: readonly [number, number];

  constructor(outputSize: Size) {
    super();
    checkArguments('new nn.AdaptiveMaxPool2d(outputSize=1|[1, 1])', outputSize);
    this.outputSize = pairOf(outputSize, 'outputSize', 'AdaptiveMaxPool2d', 1);
  }

  protected compute(x: Tensor): Tensor {
    return adaptiveMaxPool2d(x, this.outputSize);
  }

  protected override extraRepr(): string {
    return shown('outputSize', this.outputSize).join(', ');
  }
}
