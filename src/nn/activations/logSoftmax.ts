import { logSoftmax } from '../../ops/reduce/softmax.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** Logarithms of the probabilities along an axis: y = x − log Σ e^x, for a NLLLoss. @see torch.nn.LogSoftmax */
export class LogSoftmax extends Layer<[Tensor], Tensor, Keeps> {
  constructor(readonly axis = -1) {
    super();
    checkArguments('new nn.LogSoftmax(axis?=-1)', axis);
  }

  protected compute(x: Tensor): Tensor {
    return logSoftmax(x, this.axis);
  }

  protected override extraRepr(): string {
    return `axis=${this.axis}`;
  }
}
