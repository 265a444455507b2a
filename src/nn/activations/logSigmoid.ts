import { logSigmoid } from '../../ops/elementwise/logSigmoid.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/** y = log(sigmoid(x)), elementwise. @see torch.nn.LogSigmoid */
export class LogSigmoid extends Layer<[Tensor], Tensor, Keeps> {
  protected compute(x: Tensor): Tensor {
    return logSigmoid(x);
  }
}
