import { checkArguments } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { unary } from './unary.js';

/** The form of the bend. */
export interface SoftplusOptions {
  /** How sharp the bend at 0 is. Default 1. */
  readonly beta?: number;
  /** Above this value of beta·x the function is x itself. Default 20. */
  readonly threshold?: number;
}

/**
 * A smooth rectifier.
 *
 * y = log(1 + e^(beta·x)) / beta; x where beta·x > threshold
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves x; dx = dy·σ(beta·x); dy where beta·x > threshold
 */
export function softplus(x: Tensor, options: SoftplusOptions = {}): Tensor {
  checkArguments('softplus(x, { beta: 1.0, threshold: 20.0 })', x, options);
  const { beta = 1, threshold = 20 } = options;
  return unary(
    'softplus',
    x,
    (y, from, begin, end) => kernels.f32_softplus_forward(y, from, beta, threshold, begin, end),
    'input',
    (dx, dy, from, begin, end) => kernels.f32_softplus_backward(dx, dy, from, beta, threshold, begin, end),
    { beta, threshold },
  );
}
