/** Functions that are constant between jumps: their gradient is 0, as in PyTorch. */
import { recordOp } from '../../autograd/tape.js';
import { checkTensor } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import { empty, full, zeros } from '../../tensor/create.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { sub } from './arithmetic.js';
import { gt, lt } from './compare.js';

const constant = (name: string, y: Tensor, x: Tensor): Tensor => recordOp(name, y, [x], {}, () => [zeros(x.shape)]);

function rounded(name: string, x: Tensor, kernel: typeof kernels.f32_floor): Tensor {
  checkTensor(name, x);
  if (x.dtype !== 'float32') return x;
  const y = empty(x.shape);
  kernel(addressOf(y), addressOf(x), 0, x.size);
  return constant(name, y, x);
}

/**
 * The largest integer ≤ x.
 *
 * Shapes:   any → the same; a tensor of integers is returned as it is
 * Backward: dx = 0
 * @see torch.floor
 */
export function floor(x: Tensor): Tensor {
  return rounded('floor', x, kernels.f32_floor);
}

/** The smallest integer ≥ x; otherwise as {@link floor}. @see torch.ceil */
export function ceil(x: Tensor): Tensor {
  return rounded('ceil', x, kernels.f32_ceil);
}

/**
 * The nearest integer; of two that are equally near, the even one. Otherwise as {@link floor}.
 *
 * @see torch.round
 * @example
 * tensor([0.5, 1.5, -2.7]).round().toArray();   // [0, 2, -3]
 */
export function round(x: Tensor): Tensor {
  return rounded('round', x, kernels.f32_nearest);
}

/**
 * −1 for x < 0, 1 for x > 0, else 0 (for NaN too, as in PyTorch).
 *
 * Shapes:   any → the same; integers give int32
 * Backward: dx = 0
 * @see torch.sign
 */
export function sign(x: Tensor): Tensor {
  checkTensor('sign', x);
  if (x.dtype !== 'float32') return sub(gt(x, 0), lt(x, 0));
  const y = full(x.shape, 1);
  kernels.f32_abs_backward(addressOf(y), addressOf(y), addressOf(x), 0, x.size);
  return constant('sign', y, x);
}
