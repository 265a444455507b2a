import { softmax } from '../../ops/reduce/softmax.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/**
 * Probabilities along an axis: y = e^x / Σ e^x. (Not before a CrossEntropyLoss, which takes the logits themselves.)
 *
 * @see torch.nn.Softmax
 */
export class Softmax extends Layer<[Tensor], Tensor, Keeps> {
  constructor(readonly axis = -1) {
    super();
    checkArguments('new nn.Softmax(axis?=-1)', axis);
  }

  protected compute(x: Tensor): Tensor {
    return softmax(x, this.axis);
  }

  protected override extraRepr(): string {
    return `axis=${this.axis}`;
  }
}
