import { describe } from '../runtime/describe.js';
import { ArgumentError, DTypeError } from '../runtime/errors.js';

/** The element types: float32 for numbers, int32 for indices and class ids, uint8 for images and masks. */
export type DType = 'float32' | 'int32' | 'uint8';

/** The typed array for each dtype. */
export interface TypedArrays {
  float32: Float32Array;
  int32: Int32Array;
  uint8: Uint8Array;
}

/** An array that holds the elements of a tensor. */
export type TypedArray = TypedArrays[DType];

/** Smallest and largest value of the integer dtypes. */
const RANGES: Readonly<Record<DType, readonly [number, number]>> = {
  float32: [-Infinity, Infinity],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
};

const tag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!;

export function bytesPerElement(dtype: DType): number {
  return dtype === 'uint8' ? 1 : 4;
}

/**
 * The class of a typed array (`Float32Array`), also of one from another realm (an iframe, Node's `vm`); undefined for
 * everything else. A Node `Buffer` is a Uint8Array.
 */
export function typedArrayName(value: unknown): string | undefined {
  return tag.call(value) as string | undefined;
}

/** @throws {DTypeError} when `dtype` is not the name of a dtype */
export function checkDType(dtype: DType, where: string): DType {
  if (typeof dtype !== 'string' || !Object.hasOwn(RANGES, dtype)) {
    throw new DTypeError(`there is no dtype ${describe(dtype)}`, {
      where,
      hint: `the dtypes are ${Object.keys(RANGES).join(', ')}`,
    });
  }
  return dtype;
}

/**
 * The dtype that a typed array's values have as a tensor: float32 for floats, uint8 for bytes, int32 for all other
 * integers.
 *
 * @throws {ArgumentError} when `array` is not a typed array
 */
export function dtypeOf(array: unknown, where = 'dtypeOf'): DType {
  const kind = typedArrayName(array);
  if (kind === undefined) throw new ArgumentError(`expected a typed array, not ${describe(array)}`, { where });
  return kind.startsWith('Float') ? 'float32' : kind.startsWith('Uint8') ? 'uint8' : 'int32';
}

/** Whether all values of a kind of typed array fit, so that none has to be checked. */
function alwaysFits(kind: string, dtype: DType): boolean {
  if (dtype === 'float32') return !kind.startsWith('Big');
  return kind.startsWith('Uint8') || (dtype === 'int32' && /^(Int|Uint16)/.test(kind));
}

/**
 * Checks that every value is a number that `dtype` can hold: for float32 any number, for integers those whose part
 * before the decimal point is in the range.
 *
 * @param name how messages call the value at a position; default: `the value at [position]`
 * @throws {ArgumentError} naming the first value that is neither a number nor a boolean
 * @throws {DTypeError} naming the first number that does not fit
 */
export function checkValues(
  values: ArrayLike<unknown>,
  dtype: DType,
  where: string,
  name = (position: number): string => `the value at [${position}]`,
): void {
  const kind = typedArrayName(values);
  if (kind !== undefined && alwaysFits(kind, dtype)) return;
  const [low, high] = RANGES[dtype];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (kind === undefined && typeof value !== 'number' && typeof value !== 'boolean') {
      throw new ArgumentError(`${name(i)} is ${describe(value)}, not a number`, { where });
    }
    if (dtype === 'float32') continue;
    const whole = Math.trunc(Number(value));
    if (!(whole >= low && whole <= high)) {
      throw new DTypeError(`${name(i)} is ${String(value)}, which does not fit ${dtype} (${low} to ${high})`, {
        where,
        hint:
          dtype === 'uint8'
            ? "use { dtype: 'int32' } or { dtype: 'float32' }"
            : "use { dtype: 'float32' }, or clamp the values first",
      });
    }
  }
}

/** Copies values that {@link checkValues} has passed. Fractions are cut off where the target holds integers. */
export function copyValues(target: TypedArray, values: ArrayLike<unknown>): void {
  if (typedArrayName(values)?.startsWith('Big') === true)
    for (let i = 0; i < values.length; i++) target[i] = Number(values[i]);
  else target.set(values as ArrayLike<number>);
}
