/** What operations of two broadcasting operands share. */
import { recordOp } from '../../autograd/tape.js';
import type { Address } from '../../runtime/address.js';
import { checkArguments, isLiveTensor } from '../../runtime/arguments.js';
import { viewF32, viewI32 } from '../../runtime/memory.js';
import { kernels } from '../../runtime/runtime.js';
import { withScratch } from '../../runtime/scratch.js';
import { empty } from '../../tensor/create.js';
import type { DType } from '../../tensor/dtype.js';
import { broadcastShapes, type Shape, sameShape } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { sumTo, withGeometry } from './broadcast.js';
import { withDtype } from './cast.js';

/** A tensor, or a number that stands for a tensor filled with it: an integer where it is an int32 number. */
export type Operand = Tensor | number;

/** Kernels that keep integers integers; `f32_…` and `i32_…` both exist. */
const INT_KERNELS = ['add', 'sub', 'mul', 'maximum', 'minimum'] as const;
type IntKernel = (typeof INT_KERNELS)[number];
type FloatKernel = IntKernel | 'div' | 'pow' | 'pow_base_slope' | 'pow_exponent_slope' | 'max_share';

/** The shape that an operand broadcasts as. @internal */
export const shapeOf = (x: Operand): Shape => (typeof x === 'number' ? [] : x.shape);

/** Whether an operand holds integers; a number does where it is an int32. @internal */
export const isInt = (x: Operand): boolean => (typeof x === 'number' ? x === (x | 0) : x.dtype !== 'float32');
const keepsIntegers = (kernel: FloatKernel): kernel is IntKernel => (INT_KERNELS as readonly string[]).includes(kernel);

/**
 * @throws {ArgumentError | DisposedTensorError} when one of them is neither a tensor that is alive nor a number
 *
 * @internal
 */
export function checkOperands(where: string, a: Operand, b: Operand): void {
  if ((typeof a === 'number' || isLiveTensor(a)) && (typeof b === 'number' || isLiveTensor(b))) return;
  checkArguments(`${where}(a=x|0.5, b=y|0.5)`, a, b);
}

/** What two operands are computed in: int32 when both are integers (uint8 is widened), else float32. @internal */
export function commonDtype(a: Operand, b: Operand): 'int32' | 'float32' {
  return isInt(a) && isInt(b) ? 'int32' : 'float32';
}

/**
 * a ∘ b by the kernel of that name, not recorded. int32 when both are integers and the operation keeps them so, else
 * float32.
 * @throws {ShapeError} when the shapes do not broadcast
 * @internal
 */
export function combine(kernel: FloatKernel, a: Operand, b: Operand): Tensor {
  checkOperands(kernel, a, b);
  const int = keepsIntegers(kernel) && commonDtype(a, b) === 'int32';
  const y = empty(broadcastShapes(shapeOf(a), shapeOf(b), kernel), int ? 'int32' : 'float32');
  if (y.size === 0) return y;
  withElements(a, y.dtype, (aPtr) =>
    withElements(b, y.dtype, (bPtr) => {
      if (sameShape(shapeOf(a), shapeOf(b))) {
        const same = int ? kernels[`i32_${kernel}`] : kernels[`f32_${kernel}`];
        same(addressOf(y), aPtr, bPtr, 0, y.size);
      } else {
        const broadcast = int ? kernels[`i32_${kernel}_broadcast`] : kernels[`f32_${kernel}_broadcast`];
        withGeometry(y.shape, [shapeOf(a), shapeOf(b)], (geometry, rank) =>
          broadcast(addressOf(y), aPtr, bPtr, geometry, rank, 0, y.size),
        );
      }
    }),
  );
  return y;
}

/**
 * Runs `use` with the address of the elements as `dtype`: those of the tensor, a converted copy, or the number in
 * scratch memory.
 *
 * @internal
 */
export function withElements<R>(x: Operand, dtype: DType, use: (address: Address) => R): R {
  if (typeof x !== 'number') return withDtype(x, dtype, (converted) => use(addressOf(converted)));
  return withScratch(4, (address) => {
    const view = dtype === 'int32' ? viewI32(address, 1) : viewF32(address, 1);
    view[0] = x;
    return use(address);
  });
}

/**
 * Records `y` = a ∘ b. `da` and `db` make the gradients in the output's shape; they are summed over what was repeated,
 * and called only for operands that require a gradient.
 * @internal
 */
export function recordBinary(
  name: string,
  y: Tensor,
  a: Operand,
  b: Operand,
  da: (dy: Tensor) => Tensor,
  db: (dy: Tensor) => Tensor,
  mask?: Tensor,
): Tensor {
  const operands = [
    { x: a, gradient: da },
    { x: b, gradient: db },
  ].filter((operand): operand is { x: Tensor; gradient: typeof da } => typeof operand.x !== 'number');
  return recordOp(
    name,
    y,
    operands.map(({ x }) => x),
    { a, b, mask },
    (dy) => operands.map(({ x, gradient }) => (x.requiresGrad ? sumTo(gradient(dy), x.shape) : null)),
  );
}
