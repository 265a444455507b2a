import { noGrad } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { broadcastShapes, resolveAxes } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { broadcastTo } from '../elementwise/broadcast.js';
import { eq, ne } from '../elementwise/compare.js';
import type { Axes, ReduceOptions } from './fold.js';
import { sum } from './sum.js';

/** By the number of elements for which `counted` holds. */
function tally(name: string, x: Tensor, axes: Axes, options: ReduceOptions, counted: typeof eq): Tensor {
  checkArguments(`${name}(x, axes?=-1|[0, 1], { keepDim: true })`, x, axes, options);
  resolveAxes(axes, x.rank, name);
  return noGrad(() => counted(sum(counted(x, 0), axes, options), 0));
}

/**
 * Whether any element over the named axes (all, when none is named) is not 0: false where there is none. NaN counts as
 * true.
 *
 * Shapes:   as `sum`; uint8. No gradient.
 * @see torch.any
 * @example
 * const x = tensor([[0, 1], [0, 0]]);
 * x.any(1).toArray();      // [1, 0]
 * x.any().item() === 1;    // true
 */
export function any(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return tally('any', x, axes, options, ne);
}

/**
 * Whether all elements over the named axes are not 0: true where there is none. Otherwise as {@link any}.
 *
 * @see torch.all
 */
export function all(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return tally('all', x, axes, options, eq);
}

/** How far apart elements may be. */
export interface AllcloseOptions {
  /** As a share of |b|. Default: 1e-5. */
  readonly rtol?: number;
  /** Besides that. Default: 1e-8. */
  readonly atol?: number;
  /** Whether NaN is close to NaN. Default: false. */
  readonly equalNan?: boolean;
}

/**
 * Whether all elements of a and b are close: |a − b| ≤ atol + rtol·|b|, in double precision. Infinities are close to
 * themselves alone.
 *
 * Shapes: a, b broadcast → true or false
 * @throws {ShapeError} when the shapes do not broadcast
 * @see torch.allclose
 * @example
 * allclose(tensor([1, 2]), tensor([1, 2.00001]));   // true
 */
export function allclose(a: Tensor, b: Tensor, options: AllcloseOptions = {}): boolean {
  checkArguments('allclose(a, b, { rtol: 0.5, atol: 0.5, equalNan: true })', a, b, options);
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options;
  return noGrad(() => {
    const shape = broadcastShapes(a.shape, b.shape, 'allclose');
    const wanted = broadcastTo(b, shape).data();
    return broadcastTo(a, shape)
      .data()
      .every((value: number, i: number) => {
        const want = wanted[i]!;
        const apart = Math.abs(value - want);
        if (apart < Infinity) return apart <= atol + rtol * Math.abs(want);
        return value === want || (equalNan && Number.isNaN(value) && Number.isNaN(want));
      });
  });
}
