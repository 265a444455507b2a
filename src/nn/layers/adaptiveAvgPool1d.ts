import { adaptiveAvgPool1d } from '../../ops/pool/pool1d.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { shown } from '../core/shown.js';
import type { Pools } from '../core/sizes.js';

/**
 * Means of a sequence over windows chosen so that the output has a given length; 1 makes it a global average pool.
 *
 * @see torch.nn.AdaptiveAvgPool1d
 */
export class AdaptiveAvgPool1d<const Size extends number = number> extends Layer<
  [Tensor],
  Tensor,
  Pools<Size extends 1 ? 1 : number>
> {
  constructor(readonly outputSize: Size) {
    super();
    checkArguments('new nn.AdaptiveAvgPool1d(outputSize=1)', outputSize);
  }

  protected compute(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, this.outputSize);
  }

  protected override extraRepr(): string {
    return shown('outputSize', this.outputSize).join(', ');
  }
}
