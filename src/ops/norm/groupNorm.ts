import { recordOp } from '../../autograd/tape.js';
import { type Address, offset } from '../../runtime/address.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { empty, zeros } from '../../tensor/create.js';
import { formatShape, sizeOf } from '../../tensor/shape.js';
import { addressOf, addressOrNull, type Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { type AffineOptions, checkParts } from './normalisation.js';

/**
 * Group normalisation: the channels of every sample in groups, each group by itself. One group is layer norm over all
 * channels, as many groups as channels are instance norm.
 *
 * y = (x − mean) / √(variance + eps) · weight + bias, mean and variance (biased) over C/groups channels and all
 * positions
 *
 * Shapes:   x [N,C] or [N,C,…] · groups: a divisor of C · weight, bias [C] → as x
 * Backward: saves x, weight and three numbers a group. With x̂ the normalised x and g = dy·weight:
 *           dx = (g − mean(g) − x̂·mean(g·x̂)) / √(variance + eps), dWeight = Σ dy·x̂, dBias = Σ dy by channel
 * @throws {ShapeError} when x has no channels, or weight or bias is not [C]
 * @throws {ArgumentError} when `groups` does not divide the channels
 * @throws {DTypeError} when a tensor is not float32
 * @see same as torch.nn.functional.group_norm; Wu and He, arXiv 1803.08494
 */
export function groupNorm(x: Tensor, groups: number, options: AffineOptions = {}): Tensor {
  checkArguments('groupNorm(x, groups=2, { weight: weight|null, bias: bias|null, eps: 1e-5 })', x, groups, options);
  const { weight, bias, eps = 1e-5 } = options;
  requireFloat('groupNorm', { x });
  if (x.rank < 2)
    throw new ShapeError(`the input must be [N, C] or [N, C, …], not ${formatShape(x.shape)}`, { where: 'groupNorm' });
  const [n, channels] = x.shape as [number, number];
  if (channels % groups !== 0) {
    throw new ArgumentError(
      `${groups} groups do not divide the ${channels} channels of an input of shape ${formatShape(x.shape)}`,
      { where: 'groupNorm' },
    );
  }
  checkParts('groupNorm', [channels], x, { weight, bias });
  const spatial = sizeOf(x.shape.slice(2));
  const rows = x.size === 0 ? 0 : n * groups;
  const y = empty(x.shape);
  const statistics = empty([3, rows]);
  kernels.f32_group_norm_forward(
    addressOf(y),
    addressOf(statistics),
    addressOf(x),
    addressOrNull(weight),
    addressOrNull(bias),
    n,
    channels,
    spatial,
    groups,
    eps,
    0,
    rows,
  );

  return recordOp(
    'groupNorm',
    y,
    [x, weight, bias].filter((input) => input != null),
    { weight, bias, eps, groups },
    (dy) => {
      const dx = x.requiresGrad ? empty(x.shape) : null;
      const sums = x.size === 0 ? zeros([2, n, channels]) : empty([2, n, channels]);
      kernels.f32_group_norm_backward(
        addressOrNull(dx),
        addressOf(sums),
        addressOf(dy),
        addressOf(x),
        addressOf(statistics),
        addressOrNull(weight),
        n,
        channels,
        spatial,
        groups,
        0,
        rows,
      );
      const overImages = (address: Address): Tensor => {
        const total = empty([channels]);
        kernels.f32_sum_columns(addressOf(total), address, n, channels, 0, channels);
        return total;
      };
      const gradients: (Tensor | null)[] = [dx];
      if (weight) gradients.push(weight.requiresGrad ? overImages(offset(addressOf(sums), 4 * n * channels)) : null);
      if (bias) gradients.push(bias.requiresGrad ? overImages(addressOf(sums)) : null);
      return gradients;
    },
    [statistics],
  );
}
