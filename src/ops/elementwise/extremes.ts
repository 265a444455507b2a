/** The larger and the smaller of two: of tensors that broadcast, and of numbers. */
import type { Tensor } from '../../tensor/tensor.js';
import { combine, type Operand, recordBinary } from './binary.js';

/**
 * The larger element of each pair; NaN where either is NaN.
 *
 * Shapes:   a, b broadcast → their common shape; int32 when both are integers, else float32
 * Backward: dy goes to the larger; to each half of it where they are equal, as in PyTorch
 * @throws {ShapeError} when the shapes do not broadcast
 */
export function maximum(a: Operand, b: Operand): Tensor {
  return recordBinary(
    'maximum',
    combine('maximum', a, b),
    a,
    b,
    (dy) => combine('mul', dy, combine('max_share', a, b)),
    (dy) => combine('mul', dy, combine('max_share', b, a)),
  );
}

/**
 * The smaller element of each pair; NaN where either is NaN.
 *
 * Shapes:   a, b broadcast → their common shape; int32 when both are integers, else float32
 * Backward: dy goes to the smaller; to each half of it where they are equal, as in PyTorch
 * @throws {ShapeError} when the shapes do not broadcast
 */
export function minimum(a: Operand, b: Operand): Tensor {
  return recordBinary(
    'minimum',
    combine('minimum', a, b),
    a,
    b,
    (dy) => combine('mul', dy, combine('max_share', b, a)),
    (dy) => combine('mul', dy, combine('max_share', a, b)),
  );
}
