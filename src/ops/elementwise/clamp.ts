import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { scope } from '../../tensor/scope.js';
import type { Tensor } from '../../tensor/tensor.js';
import { maximum, minimum } from './extremes.js';
import { unary } from './unary.js';

/** The ends of the range; one that is left out is open. */
export interface ClampOptions {
  readonly min?: number;
  readonly max?: number;
}

/**
 * Limits the elements to [min, max]; either end may be left open. Where min > max, the result is max. NaN stays NaN.
 *
 * Shapes:   any → the same; integers with bounds that are integers give int32, else float32
 * Backward: saves x; dx = dy where min ≤ x ≤ max (bounds included, as in PyTorch), else 0
 * @throws {ArgumentError} without any bound, or with one that is NaN
 */
export function clamp(x: Tensor, options: ClampOptions): Tensor {
  checkArguments('clamp(x, options!={ min: -1.5, max: 1.5 })', x, options);
  const { min, max } = options;
  if (min === undefined && max === undefined)
    throw new ArgumentError('at least one of min and max must be given', { where: 'clamp' });
  const low = min ?? -Infinity;
  const high = max ?? Infinity;
  if (Number.isNaN(low) || Number.isNaN(high))
    throw new ArgumentError(`the bounds must be numbers, not ${low} and ${high}`, { where: 'clamp' });
  if (x.dtype !== 'float32') {
    return scope(() => {
      const above = min === undefined ? x : maximum(x, min);
      return max === undefined ? above : minimum(above, max);
    });
  }
  return unary(
    'clamp',
    x,
    (y, from, begin, end) => kernels.f32_clamp_forward(y, from, low, high, begin, end),
    'input',
    (dx, dy, from, begin, end) => kernels.f32_clamp_backward(dx, dy, from, low, high, begin, end),
    { low, high },
  );
}
