import { note } from '../../autograd/trace.js';
import { offset } from '../../runtime/address.js';
import { checkArguments, isLiveTensor } from '../../runtime/arguments.js';
import { viewF32 } from '../../runtime/memory.js';
import { kernels } from '../../runtime/runtime.js';
import { withScratch } from '../../runtime/scratch.js';
import { empty } from '../../tensor/create.js';
import { checkDType, checkValues, type DType } from '../../tensor/dtype.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { nameOf } from '../../tensor/values.js';

/**
 * The elements as another type; `x` itself when it has that type.
 *
 * Float to integer truncates towards zero. int32 to float32 rounds to nearest (above 2²⁴).
 *
 * Shapes:   any → the same
 * Backward: none; integers carry no gradient
 * @throws {DTypeError} when a number does not fit the integer dtype: NaN, or one outside its range
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (isLiveTensor(x) && x.dtype === dtype) return x;
  checkArguments('cast(x, dtype="float32")', x, dtype);
  checkDType(dtype, 'cast');
  if (dtype !== 'float32' && !fits(x, dtype))
    checkValues(x.view(), dtype, 'cast', (position) => nameOf(position, x.shape));
  const y = empty(x.shape, dtype);
  convert(x, y);
  return note('cast', y, [x]);
}

/** Whether all elements certainly fit; where not, somebody has to look at each. */
function fits(x: Tensor, dtype: 'int32' | 'uint8'): boolean {
  if (x.dtype !== 'float32' || x.size === 0) return x.dtype === 'uint8';
  return withScratch(8, (address) => {
    kernels.f32_min(address, addressOf(x), x.size, 1, 0, 1);
    kernels.f32_max(offset(address, 4), addressOf(x), x.size, 1, 0, 1);
    const [low, high] = viewF32(address, 2) as unknown as [number, number];
    return dtype === 'uint8' ? low > -1 && high < 256 : low >= -(2 ** 31) && high < 2 ** 31;
  });
}

function convert(x: Tensor, y: Tensor): void {
  const { size } = x;
  switch (x.dtype) {
    case 'float32':
      if (y.dtype === 'int32') kernels.f32_to_i32(addressOf(y), addressOf(x), 0, size);
      else kernels.f32_to_u8(addressOf(y), addressOf(x), 0, size);
      break;
    case 'int32':
      if (y.dtype === 'float32') kernels.i32_to_f32(addressOf(y), addressOf(x), 0, size);
      else kernels.i32_to_u8(addressOf(y), addressOf(x), 0, size);
      break;
    case 'uint8':
      if (y.dtype === 'float32') kernels.u8_to_f32(addressOf(y), addressOf(x), 0, size);
      else kernels.u8_to_i32(addressOf(y), addressOf(x), 0, size);
  }
}

/** Runs `body` on `x` as `dtype`, and frees the copy that this may take. @internal */
export function withDtype<R>(x: Tensor, dtype: DType, body: (x: Tensor) => R): R {
  const converted = cast(x, dtype);
  const result = body(converted);
  if (converted !== x) converted.dispose();
  return result;
}
