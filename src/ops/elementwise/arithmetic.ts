/** Addition, subtraction, multiplication, division: of tensors that broadcast, and of numbers. */

import type { Tensor } from '../../tensor/tensor.js';
import { combine, type Operand, recordBinary } from './binary.js';
import { neg } from './neg.js';

/**
 * a + b
 *
 * Shapes:   a, b broadcast → their common shape; int32 when both are integers (uint8 counts as int32), else float32.
 *           int32 wraps around, as in PyTorch
 * Backward: da = dy, db = dy, summed over what was repeated
 * @throws {ShapeError} when the shapes do not broadcast
 */
export function add(a: Operand, b: Operand): Tensor {
  return recordBinary(
    'add',
    combine('add', a, b),
    a,
    b,
    (dy) => dy,
    (dy) => dy,
  );
}

/**
 * a − b
 *
 * Shapes:   as {@link add}
 * Backward: da = dy, db = −dy, summed over what was repeated
 * @throws {ShapeError} when the shapes do not broadcast
 */
export function sub(a: Operand, b: Operand): Tensor {
  return recordBinary('sub', combine('sub', a, b), a, b, (dy) => dy, neg);
}

/**
 * a·b, element by element
 *
 * Shapes:   as {@link add}
 * Backward: da = dy·b, db = dy·a, summed over what was repeated
 * @throws {ShapeError} when the shapes do not broadcast
 */
export function mul(a: Operand, b: Operand): Tensor {
  return recordBinary(
    'mul',
    combine('mul', a, b),
    a,
    b,
    (dy) => combine('mul', dy, b),
    (dy) => combine('mul', dy, a),
  );
}

/**
 * a / b, always in float32; x / 0 is ±∞, 0 / 0 is NaN
 *
 * Shapes:   a, b broadcast → their common shape
 * Backward: da = dy / b, db = −dy·(y / b), summed over what was repeated
 * @throws {ShapeError} when the shapes do not broadcast
 */
export function div(a: Operand, b: Operand): Tensor {
  const y = combine('div', a, b);
  return recordBinary(
    'div',
    y,
    a,
    b,
    (dy) => combine('div', dy, b),
    (dy) => neg(combine('mul', dy, combine('div', y, b))),
  );
}
