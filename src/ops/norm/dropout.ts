import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { empty, ones, zeros } from '../../tensor/create.js';
import { formatShape } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { mul } from '../elementwise/arithmetic.js';
import { requireFloat } from '../elementwise/float.js';
import { randomMask } from '../random/random.js';

/** Whether anything is dropped. */
export interface DropoutOptions {
  /** Drop elements; else y = x. Default: true. */
  readonly training?: boolean;
}

function check(where: string, x: Tensor, p: number): void {
  requireFloat(where, { x });
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`p is a probability in [0, 1], not ${p}`, { where });
}

/**
 * Sets elements to 0 at random, each with probability p, and scales the others so that the mean stays.
 *
 * y = x·m / (1 − p), m 0 with probability p, else 1 (to a multiple of 2⁻²⁴); in evaluation y = x
 *
 * Shapes:   any → the same
 * Backward: saves m, a byte an element; dx = dy·m / (1 − p)
 * Units:    p in [0, 1]; at 1 all elements are dropped
 * @throws {ArgumentError} when p is outside [0, 1]
 * @throws {DTypeError} when x is not float32
 * @see same as torch.nn.functional.dropout; draws from the stream "dropout"
 */
export function dropout(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  checkArguments('dropout(x, p?=0.5, { training: true })', x, p, options);
  const { training = true } = options;
  check('dropout', x, p);
  if (!training || p === 0) return recordOp('dropout', x.alias(x.shape), [x], { p: 0 }, (dy) => [dy]);
  if (p === 1) return recordOp('dropout', zeros(x.shape), [x], { p }, () => [zeros(x.shape)]);
  const scale = 1 / (1 - p);
  const mask = randomMask(x.shape, 1 - p, 'uint8', 'dropout', 'dropout');
  const y = empty(x.shape);
  kernels.f32_dropout(addressOf(y), addressOf(x), addressOf(mask), scale, 0, x.size);
  return recordOp(
    'dropout',
    y,
    [x],
    { p },
    (dy) => {
      const dx = empty(x.shape);
      kernels.f32_dropout(addressOf(dx), addressOf(dy), addressOf(mask), scale, 0, x.size);
      return [dx];
    },
    [mask],
  );
}

/** One draw for each channel of each sample. */
function dropChannels(where: string, x: Tensor, p: number, options: DropoutOptions, channelAxis: number): Tensor {
  checkArguments(`${where}(x, p?=0.5, { training: true })`, x, p, options);
  check(where, x, p);
  const at = channelAxis + x.rank;
  if (at !== 0 && at !== 1)
    throw new ShapeError(`shape ${formatShape(x.shape)} does not have the axes that it takes`, {
      where,
      hint: channelAxis === -3 ? 'it takes [N, C, H, W] or [C, H, W]' : 'it takes [N, C, L] or [C, L]',
    });
  if (options.training === false) return dropout(x, 0);
  return mul(x, dropout(ones(x.shape.map((length, axis) => (axis <= at ? length : 1))), p));
}

/**
 * Sets whole channels of images to 0 at random, each with probability p, and scales the others so that the mean stays.
 *
 * y[n,c,…] = x[n,c,…]·m[n,c] / (1 − p), m 0 with probability p, else 1; in evaluation y = x
 *
 * Shapes:   x [N,C,H,W] (or [C,H,W]) → the same
 * Backward: dx[n,c,…] = dy[n,c,…]·m[n,c] / (1 − p)
 * @throws {ArgumentError} when p is outside [0, 1]
 * @see torch.nn.functional.dropout2d; draws from the stream "dropout"; Tompson et al. 2015, arXiv 1411.4280
 */
export function dropout2d(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  return dropChannels('dropout2d', x, p, options, -3);
}

/**
 * Sets whole channels of sequences to 0 at random. As {@link dropout2d}.
 *
 * Shapes:   x [N,C,L] (or [C,L]) → the same
 * @throws {ArgumentError} when p is outside [0, 1]
 * @see torch.nn.functional.dropout1d
 */
export function dropout1d(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  return dropChannels('dropout1d', x, p, options, -2);
}
