/** What the losses share: their options, the check of two tensors that are compared, the reduction. */
import { ShapeError } from '../../runtime/errors.js';
import { formatShape, type Shape, sameShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { mean, sum } from '../reduce/sum.js';

/** What becomes of the losses: their mean, their sum, or (none) all of them. */
export type Reduction = 'mean' | 'sum' | 'none';

/** How the losses of the elements are reduced. */
export interface LossOptions {
  /** Default 'mean': over all elements. */
  readonly reduction?: Reduction;
}

/** The losses as the reduction asks. @internal */
export function reduceLosses(losses: Tensor, reduction: Reduction = 'mean'): Tensor {
  return reduction === 'none' ? losses : reduction === 'sum' ? sum(losses) : mean(losses);
}

/** @throws {ShapeError} when targets do not have the shape that the inputs need @internal */
export function checkTargetShape(where: string, what: string, x: Shape, target: Shape, needed = x): void {
  if (sameShape(needed, target)) return;
  throw new ShapeError(`${what} of shape ${formatShape(x)} for targets of shape ${formatShape(target)}`, {
    where,
    hint:
      needed === x
        ? 'make the shapes equal with reshape() or broadcastTo()'
        : `the targets must have shape ${formatShape(needed)}`,
  });
}

/** @throws {DTypeError | ShapeError} when they are not float32 or differ in shape @internal */
export function checkPair(where: string, x: Tensor, target: Tensor, what = 'predictions'): void {
  requireFloat(where, { x, target });
  checkTargetShape(where, what, x.shape, target.shape);
}
