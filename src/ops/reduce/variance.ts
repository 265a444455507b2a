import { recordOp } from '../../autograd/tape.js';
import type { Address } from '../../runtime/address.js';
import { checkArguments } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import { withMemory, withScratch } from '../../runtime/scratch.js';
import { empty } from '../../tensor/create.js';
import { scope } from '../../tensor/scope.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { type Axes, type Folded, foldAxes, type ReduceOptions } from './fold.js';

/** What the squares are divided by. */
export interface VarianceOptions extends ReduceOptions {
  /** What is taken off the number of elements in the divisor. Default 1: the unbiased estimate; 0: the mean square. */
  readonly correction?: number;
}

/** Integers less their mean, taken off exactly, as float32: these vary as the integers do. */
function aroundMean(folded: Folded): Folded {
  const { x, reduce, inner, outputs, rows } = folded;
  const deviations = empty(x.shape);
  withMemory(8 * outputs, (means) => {
    kernels.i32_sum_f64(means, addressOf(x), reduce, inner, reduce, 0, outputs);
    kernels.i32_deviations(addressOf(deviations), addressOf(x), means, reduce, inner, 0, rows);
  });
  return { ...folded, x: deviations };
}

function deviation(name: 'var' | 'std', x: Tensor, axes: Axes, options: VarianceOptions): Tensor {
  const { correction = 1 } = options;
  const where = name === 'var' ? 'variance' : name;
  if (x.dtype === 'float32') return deviationOf(name, foldAxes(x, axes, options, where), correction);
  return scope(() => deviationOf(name, aroundMean(foldAxes(x, axes, options, where, 'any', 'int32')), correction));
}

/** Σ(x − mean)² / divisor, or its root, in two passes. */
function deviationOf(name: 'var' | 'std', folded: Folded, correction: number): Tensor {
  const { x, reduce, inner, outputs, rows, shape } = folded;
  const divisor = Math.max(reduce - correction, 0);
  const y = empty(shape);
  withMeans((means) => {
    const kernel = name === 'var' ? kernels.f32_variance : kernels.f32_std;
    kernel(addressOf(y), addressOf(x), means, reduce, inner, divisor, 0, outputs);
  });
  return recordOp(name, y, [x], { ...folded, correction }, (dy) => {
    const dx = empty(x.shape);
    const [factor, high, low] = [empty(shape), empty(shape), empty(shape)];
    withMeans((means) =>
      kernels.f32_deviation_factors(
        addressOf(factor),
        addressOf(high),
        addressOf(low),
        addressOf(dy),
        means,
        name === 'var' ? 0 : addressOf(y),
        divisor,
        outputs,
      ),
    );
    kernels.f32_deviation_backward(
      addressOf(dx),
      addressOf(factor),
      addressOf(x),
      addressOf(high),
      addressOf(low),
      reduce,
      inner,
      0,
      rows,
    );
    return [dx];
  });

  function withMeans(use: (means: Address) => void): void {
    withScratch(8 * outputs, (means) => {
      kernels.f32_sum_f64(means, addressOf(x), reduce, inner, reduce, 0, outputs);
      use(means);
    });
  }
}

/**
 * The variance over the named axes (all, when none is named), `var()` as a method.
 *
 * y = Σ(x − mean)² / max(n − correction, 0); NaN where that is 0/0
 *
 * Shapes:   as `sum`; the result is float32. The mean of integers is taken off before they are rounded.
 * Backward: dx = 2·dy·(x − mean) / (n − correction)
 * @see torch.var
 */
export function variance(x: Tensor, axes?: Axes, options: VarianceOptions = {}): Tensor {
  checkArguments('variance(x, axes?=-1|[0, 1], { keepDim: true, correction: 1.0 })', x, axes, options);
  return deviation('var', x, axes, options);
}

/**
 * The standard deviation over the named axes (all, when none is named): the root of {@link variance}.
 *
 * Shapes:   as `sum`
 * Backward: dx = dy·(x − mean) / (y·(n − correction)), and 0 where y = 0, as in PyTorch
 * @see torch.std
 */
export function std(x: Tensor, axes?: Axes, options: VarianceOptions = {}): Tensor {
  checkArguments('std(x, axes?=-1|[0, 1], { keepDim: true, correction: 1.0 })', x, axes, options);
  return deviation('std', x, axes, options);
}
