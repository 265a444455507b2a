import { kernels } from '../runtime/runtime.js';
import { empty } from '../tensor/create.js';
import type { DType } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * The elements as another type; `x` itself when it has that type.
 *
 * Float to integer truncates towards zero; what does not fit becomes the end of the range, NaN becomes 0. int32 to
 * uint8 keeps the low byte. int32 to float32 rounds to nearest (above 2²⁴).
 *
 * Shapes:   any → the same
 * Backward: none; integers carry no gradient
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const y = empty(x.shape, dtype);
  convert(x, y);
  return y;
}

function convert(x: Tensor, y: Tensor): void {
  const { size } = x;
  switch (x.dtype) {
    case 'float32':
      if (y.dtype === 'int32') kernels.f32_to_i32(y.ptr, x.ptr, 0, size);
      else kernels.f32_to_u8(y.ptr, x.ptr, 0, size);
      break;
    case 'int32':
      if (y.dtype === 'float32') kernels.i32_to_f32(y.ptr, x.ptr, 0, size);
      else kernels.i32_to_u8(y.ptr, x.ptr, 0, size);
      break;
    case 'uint8':
      if (y.dtype === 'float32') kernels.u8_to_f32(y.ptr, x.ptr, 0, size);
      else kernels.u8_to_i32(y.ptr, x.ptr, 0, size);
  }
}

/** Runs `body` on `x` as `dtype`, and frees the copy that this may take. @internal */
export function withDtype<R>(x: Tensor, dtype: DType, body: (x: Tensor) => R): R {
  const converted = cast(x, dtype);
  const result = body(converted);
  if (converted !== x) converted.dispose();
  return result;
}
