import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { foldAxes, type ReduceOptions } from './fold.js';

/** Which norm. */
export interface NormOptions extends ReduceOptions {
  /** The power: any number > 0, or Infinity. Default 2. */
  readonly p?: number;
}

/**
 * The p-norm over the named axes (all, when none is named): (Σ|x|ᵖ)^(1/p), or the largest |x| for p = ∞. Integers
 * become float32.
 *
 * The axes are a list, `x.norm([0])`. One number is refused, as it is p in torch.norm: `x.norm(undefined, { p: 1 })`.
 *
 * Shapes:   as `sum`
 * Backward: dx = dy·sign(x)·(|x|/y)^(p−1), 0 where x = 0 or y = 0; for p = ∞ the largest share dy. As PyTorch.
 * @throws {ArgumentError} when p is not > 0
 */
export function norm(given: Tensor, axes?: readonly number[], options: NormOptions = {}): Tensor {
  checkArguments('norm(x, axes?=[0, 1], { p: 2.0, keepDim: true })', given, axes, options);
  const { p = 2 } = options;
  if (!(p > 0)) throw new ArgumentError(`p must be > 0, not ${p}`, { where: 'norm' });
  const folded = foldAxes(given, axes, options, 'norm');
  const { x, reduce, inner, outputs, rows, shape } = folded;
  const y = empty(shape);
  kernels.f32_norm(addressOf(y), addressOf(x), reduce, inner, p, 0, outputs);
  return recordOp('norm', y, [x], { ...folded, p }, (dy) => {
    const dx = empty(x.shape);
    if (p === Infinity) {
      const counts = empty(shape);
      kernels.f32_norm_ties(addressOf(counts), addressOf(x), addressOf(y), reduce, inner, 0, outputs);
      kernels.f32_norm_ties_backward(
        addressOf(dx),
        addressOf(dy),
        addressOf(x),
        addressOf(y),
        addressOf(counts),
        reduce,
        inner,
        0,
        rows,
      );
    } else {
      kernels.f32_norm_backward(addressOf(dx), addressOf(dy), addressOf(x), addressOf(y), reduce, inner, p, 0, rows);
    }
    return [dx];
  });
}
