import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { reshape } from '../movement/reshape.js';
import { mul } from './arithmetic.js';
import { gt } from './compare.js';
import { where } from './where.js';

/**
 * A rectifier with a slope below zero that can be learned.
 *
 * y = x where x > 0, else weight·x; with several slopes, that of the channel
 *
 * Shapes:   x any · weight [1], or x [N,C,..] · weight [C] → as x
 * Backward: that of the operations it is made of; at 0 as below it, as in PyTorch
 * @throws {ShapeError} when there are several slopes and axis 1 of x has another length
 * @see torch.nn.functional.prelu; He et al., arXiv:1502.01852
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  checkArguments('prelu(x, weight)', x, weight);
  const { size } = weight;
  const channels = x.shape[1] ?? 1;
  if (weight.rank > 1 || (size !== 1 && size !== channels)) {
    const [given, input] = [formatShape(weight.shape), formatShape(x.shape)];
    throw new ShapeError(`weight ${given} must be [1] or, for input ${input}, [${channels}]`, { where: 'prelu' });
  }
  // [C] beside [N, C, …] is [C, 1, …], so that it broadcasts along the channels.
  const slopes = reshape(weight, size === 1 ? [] : [size, ...x.shape.slice(2).map(() => 1)]);
  return where(gt(x, 0), x, mul(x, slopes));
}
