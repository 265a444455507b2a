import { relu } from '../../ops/elementwise/relu.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Fused, FusesBefore, Stage } from '../core/fuse.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** y = max(x, 0), elementwise. @see torch.nn.ReLU */
export class ReLU extends Layer<[Tensor], Tensor, Keeps> implements FusesBefore {
  protected compute(x: Tensor): Tensor {
    return relu(x);
  }

  /** The layer and what is before it, in one pass: see {@link FusesBefore}. */
  fuseWith({ withRelu }: Stage): Fused | undefined {
    return withRelu && { run: withRelu };
  }
}
