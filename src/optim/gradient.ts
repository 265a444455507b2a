/** Checks of gradients, before anything is computed from one. */

import { show } from '../runtime/describe.js';
import { ArgumentError, DisposedTensorError, DTypeError, type LanewiseError, ShapeError } from '../runtime/errors.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';

/** Whether `value` is a living float32 tensor of the shape of `param`, which lives too. */
export function fits(value: unknown, param: Tensor): value is Tensor {
  return (
    value instanceof Tensor &&
    !value.disposed &&
    value.dtype === 'float32' &&
    !param.disposed &&
    sameShape(value.shape, param.shape)
  );
}

/** Why the gradient of `param` does not fit; the message names the parameter (`which`) and the operation (`where`). */
export function wrongGradient(grad: unknown, param: Tensor, which: string, where: string): LanewiseError {
  if (param.disposed) return freed(which, where, 'use the parameters of the model that is trained');
  const hint = 'a gradient is a float32 tensor of the shape of its parameter, as backward() makes it';
  const what = `the gradient of ${which}`;
  if (!(grad instanceof Tensor)) {
    return new ArgumentError(`${what} must be a tensor or null, not ${show(grad)}`, { where, hint });
  }
  if (grad.disposed) {
    return freed(what, where, 'call zeroGrad() instead of dispose(); call keep() on a gradient that is set by hand');
  }
  if (grad.dtype !== 'float32') return new DTypeError(`${what} is ${grad.dtype}, not float32`, { where, hint });
  const [has, wants] = [formatShape(grad.shape), formatShape(param.shape)];
  return new ShapeError(`${what} has shape ${has}, the parameter ${wants}`, { where, hint });
}

/** The error of a tensor that is needed and was freed. */
export function freed(what: string, where: string, hint: string): DisposedTensorError {
  return new DisposedTensorError(`${what} was freed`, { where, hint });
}
