import { recordOp } from '../../autograd/tape.js';
import { checkTensor } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { combine } from './binary.js';
import { applied } from './unary.js';

/** sin(x + quarter·π/2), not recorded. */
const turned = (x: Tensor, quarter: number): Tensor =>
  applied(x, (y, from, begin, end) => kernels.f32_sine(y, from, quarter, begin, end));

function wave(name: string, x: Tensor, quarter: number): Tensor {
  checkTensor(name, x);
  return recordOp(name, turned(x, quarter), [x], {}, (dy) => [combine('mul', dy, turned(x, quarter + 1))]);
}

/**
 * The sine of angles in radians. Absolute error below 2⁻²³ for |x| ≤ 10⁸; NaN for ±∞.
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves x; dx = dy·cos x
 * @see torch.sin
 */
export function sin(x: Tensor): Tensor {
  return wave('sin', x, 0);
}

/**
 * The cosine of angles in radians; otherwise as {@link sin}.
 *
 * Backward: saves x; dx = −dy·sin x
 * @see torch.cos
 */
export function cos(x: Tensor): Tensor {
  return wave('cos', x, 1);
}
