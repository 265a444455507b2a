/** Comparisons of tensors that broadcast, and of numbers: masks of uint8, 1 where they hold. They carry no gradient. */
import { note } from '../../autograd/trace.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { broadcastShapes } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { checkOperands, commonDtype, isInt, type Operand, shapeOf, withElements } from './binary.js';
import { withGeometry } from './broadcast.js';

type Comparison = 'eq' | 'ne' | 'lt' | 'le';

/**
 * A comparison that gives all int32 the same mask as the one with `n`, by a number that is an int32, infinite or NaN:
 * nothing is rounded. x < 2.5 becomes x ≤ 2; beyond int32 is ±∞; no integer equals a fraction, as none equals NaN.
 */
function besideIntegers(kernel: Comparison, n: number, round: (n: number) => number): [Comparison, number] {
  if (isInt(n) || Number.isNaN(n)) return [kernel, n];
  if (n > 2147483647 || n < -2147483648) return [kernel, n * Infinity];
  return kernel === 'eq' || kernel === 'ne' ? [kernel, NaN] : ['le', round(n)];
}

/** Integers are compared as int32, exactly, with numbers too; beside a float32 tensor as float32, as in PyTorch. */
function compare(where: string, kernel: Comparison, a: Operand, b: Operand): Tensor {
  checkOperands(where, a, b);
  // a > b is b < a.
  if (where[0] === 'g') [a, b] = [b, a];
  if (typeof a !== 'number') {
    if (typeof b === 'number' && isInt(a)) [kernel, b] = besideIntegers(kernel, b, Math.floor);
  } else if (typeof b !== 'number' && isInt(b)) [kernel, a] = besideIntegers(kernel, a, Math.ceil);
  const mask = note(kernel, empty(broadcastShapes(shapeOf(a), shapeOf(b), where), 'uint8'), [], { a, b });
  if (mask.size === 0) return mask;
  const dtype = commonDtype(a, b);
  const run = dtype === 'int32' ? kernels[`i32_${kernel}`] : kernels[`f32_${kernel}`];
  withElements(a, dtype, (aPtr) =>
    withElements(b, dtype, (bPtr) => {
      withGeometry(mask.shape, [shapeOf(a), shapeOf(b)], (geometry, rank) =>
        run(addressOf(mask), aPtr, bPtr, geometry, rank, 0, mask.size),
      );
    }),
  );
  return mask;
}

/**
 * Mask of a = b; NaN equals nothing. Integers are compared exactly with integers and with numbers; beside a float32
 * tensor they become float32, as in PyTorch.
 *
 * Shapes:   a, b broadcast → their common shape, uint8: 1 where it is so, else 0. No gradient.
 * @throws {ShapeError} when the shapes do not broadcast
 */
export function eq(a: Operand, b: Operand): Tensor {
  return compare('eq', 'eq', a, b);
}

/** Mask of a ≠ b; true for NaN. Otherwise as {@link eq}. */
export function ne(a: Operand, b: Operand): Tensor {
  return compare('ne', 'ne', a, b);
}

/** Mask of a < b; false for NaN. Otherwise as {@link eq}. */
export function lt(a: Operand, b: Operand): Tensor {
  return compare('lt', 'lt', a, b);
}

/** Mask of a ≤ b; false for NaN. Otherwise as {@link eq}. */
export function le(a: Operand, b: Operand): Tensor {
  return compare('le', 'le', a, b);
}

/** Mask of a > b; false for NaN. Otherwise as {@link eq}. */
export function gt(a: Operand, b: Operand): Tensor {
  return compare('gt', 'lt', a, b);
}

/** Mask of a ≥ b; false for NaN. Otherwise as {@link eq}. */
export function ge(a: Operand, b: Operand): Tensor {
  return compare('ge', 'le', a, b);
}
