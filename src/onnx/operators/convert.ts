/** Conversions between element types. */
import * as ops from '../../ops/index.js';
import { tensor } from '../../tensor/create.js';
import type { Tensor } from '../../tensor/tensor.js';
import { BOOL, FLOAT16, isFloat, storageOf, typeName } from '../elements.js';
import { Value } from '../values.js';
import type { Call } from './call.js';

/** `x` as elements of another type. Integers are cut off at the decimal point; one that does not fit is an error. */
export function convertTo(call: Call, x: Value, type: number): Value {
  const dtype = storageOf(type);
  if (dtype === undefined) throw call.unsupported(`it casts to ${typeName(type)}`);
  if (x.isKnown) {
    const convert =
      type === BOOL
        ? (n: number) => Number(n !== 0)
        : isFloat(type)
          ? type === FLOAT16
            ? half
            : (n: number) => n
          : Math.trunc;
    return Value.numbers(type, x.shape, Float64Array.from(x.numbers, convert));
  }
  if (type === BOOL) return Value.of(x.type === BOOL ? x.tensor : ops.ne(x.tensor, 0), type);
  const narrows = type === FLOAT16 && x.type !== FLOAT16 && x.type !== BOOL;
  const y = ops.cast(x.tensor, dtype);
  return Value.of(narrows ? narrowed(y) : y, type);
}

/** Rounded to float16; the gradient passes as if it were not. */
function narrowed(x: Tensor): Tensor {
  const view = x.data();
  const rounded = tensor(view.map(half), { shape: x.shape });
  if (!x.requiresGrad) return rounded;
  return ops.add(x, ops.where(ops.eq(rounded, x), 0, ops.sub(rounded, x.detach())));
}

/** Of float16: bits of the fraction, the one before the point included; smallest exponent; largest number. */
const [DIGITS, SMALLEST, LARGEST] = [11, -14, 65504];

/** The nearest number of float16, the even one of two. */
function half(n: number): number {
  if (!Number.isFinite(n) || n === 0) return n;
  let exponent = SMALLEST;
  while (exponent < 16 && Math.abs(n) >= 2 ** (exponent + 1)) exponent++;
  const unit = 2 ** (exponent - DIGITS + 1);
  const units = n / unit;
  const down = Math.floor(units);
  const part = units - down;
  const rounded = (part > 0.5 || (part === 0.5 && down % 2 !== 0) ? down + 1 : down) * unit;
  return Math.abs(rounded) > LARGEST ? Math.sign(n) * Infinity : rounded;
}
