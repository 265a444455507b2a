import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { empty, zeros } from '../../tensor/create.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { randomMask } from '../random/random.js';

/** Whether anything is dropped. */
export interface DropoutOptions {
  /** Drop elements; else y = x. Default: true. */
  readonly training?: boolean;
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
  requireFloat('dropout', { x });
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`p is a probability in [0, 1], not ${p}`, { where: 'dropout' });
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
