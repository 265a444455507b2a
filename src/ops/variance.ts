import { record } from '../autograd/tape.js';
import { kernels, withScratch } from '../runtime/runtime.js';
import { empty } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { foldAxes, type Axes, type Folded, type ReduceOptions } from './fold.js';

export interface VarianceOptions extends ReduceOptions {
  /** What is taken off the number of elements in the divisor. Default 1: the unbiased estimate; 0: the mean square. */
  readonly correction?: number;
}

/** Σ(x − mean)² / divisor, or its root, in two passes. */
function spreadOf(kernel: typeof kernels.f32_variance, { x, reduce, inner, outputs, shape }: Folded, divisor: number): Tensor {
  const y = empty(shape);
  withScratch(8 * outputs, (means) => {
    kernels.f32_sum_f64(means, x.ptr, reduce, inner, reduce, 0, outputs);
    kernel(y.ptr, x.ptr, means, reduce, inner, divisor, 0, outputs);
  });
  return y;
}

function meanOf({ x, reduce, inner, outputs, shape }: Folded): Tensor {
  const mean = empty(shape);
  kernels.f32_sum(mean.ptr, x.ptr, reduce, inner, reduce, 0, outputs);
  return mean;
}

/**
 * The variance over the named axes (all, when none is named), `var()` as a method.
 *
 * y = Σ(x − mean)² / max(n − correction, 0); NaN where that is 0/0
 *
 * Backward: dx = 2·dy·(x − mean) / (n − correction)
 * @see torch.var
 */
export function variance(x: Tensor, axes?: Axes, { correction = 1, ...options }: VarianceOptions = {}): Tensor {
  const folded = foldAxes(x, axes, options, 'var');
  const { reduce, inner, rows } = folded;
  const y = spreadOf(kernels.f32_variance, folded, Math.max(reduce - correction, 0));
  return record('var', y, [folded.x], (dy) => {
    const dx = empty(folded.x.shape);
    kernels.f32_variance_backward(dx.ptr, dy.ptr, folded.x.ptr, meanOf(folded).ptr, reduce, inner, reduce - correction, 0, rows);
    return [dx];
  });
}

/**
 * The standard deviation over the named axes (all, when none is named): the root of {@link variance}.
 *
 * Backward: saves y; dx = dy·(x − mean) / (y·(n − correction)), and 0 where y = 0, as in PyTorch
 * @see torch.std
 */
export function std(x: Tensor, axes?: Axes, { correction = 1, ...options }: VarianceOptions = {}): Tensor {
  const folded = foldAxes(x, axes, options, 'std');
  const { reduce, inner, rows } = folded;
  const y = spreadOf(kernels.f32_std, folded, Math.max(reduce - correction, 0));
  return record('std', y, [folded.x], (dy) => {
    const dx = empty(folded.x.shape);
    kernels.f32_std_backward(dx.ptr, dy.ptr, folded.x.ptr, meanOf(folded).ptr, y.ptr, reduce, inner, reduce - correction, 0, rows);
    return [dx];
  });
}
