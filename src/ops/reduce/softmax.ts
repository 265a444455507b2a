import { recordOp } from '../../autograd/tape.js';
import type { Address } from '../../runtime/address.js';
import { checkArguments } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { resolveAxis } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { cast } from '../elementwise/cast.js';
import { transpose } from '../movement/permute.js';

type RowForward = (y: Address, x: Address, count: number, begin: number, end: number) => void;
type RowBackward = (dx: Address, dy: Address, y: Address, count: number, begin: number, end: number) => void;

/** An op on the rows along one axis, which is brought to the end and back where it lies elsewhere. */
function alongRows(name: string, given: Tensor, axis: number, forward: RowForward, backward: RowBackward): Tensor {
  const at = resolveAxis(axis, given.rank, name);
  const x = cast(given, 'float32');
  if (at < x.rank - 1) return transpose(alongRows(name, transpose(x, at, -1), -1, forward, backward), at, -1);
  const count = x.shape.at(-1) ?? 1;
  const rows = count === 0 ? 0 : x.size / count;
  const y = empty(x.shape);
  forward(addressOf(y), addressOf(x), count, 0, rows);
  return recordOp(name, y, [x], {}, (dy) => {
    const dx = empty(x.shape);
    backward(addressOf(dx), addressOf(dy), addressOf(y), count, 0, rows);
    return [dx];
  });
}

/**
 * y = eˣ / Σ eˣ along an axis (the last, by default), shifted by its maximum so that nothing overflows. −∞ gives 0.
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves y; dx = y·(dy − Σ dy·y)
 */
export function softmax(x: Tensor, axis = -1): Tensor {
  checkArguments('softmax(x, axis?=-1)', x, axis);
  return alongRows('softmax', x, axis, kernels.f32_softmax_forward, kernels.f32_softmax_backward);
}

/**
 * y = x − log Σ eˣ along an axis (the last, by default), shifted by its maximum so that nothing overflows.
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves y; dx = dy − e^y·Σ dy
 */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  checkArguments('logSoftmax(x, axis?=-1)', x, axis);
  return alongRows('logSoftmax', x, axis, kernels.f32_log_softmax_forward, kernels.f32_log_softmax_backward);
}
