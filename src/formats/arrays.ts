/** The arrays that are written. */
import type { StateArray } from '../nn/core/state.js';
import { ArgumentError } from '../runtime/errors.js';
import { typedArrayName } from '../tensor/dtype.js';
import { checkShape, formatShape, type Shape, sizeOf } from '../tensor/shape.js';
import { isTensor, type Tensor } from '../tensor/tensor.js';
import type { NumericArray } from '../tensor/values.js';

/** An array as it is written. */
export interface WrittenArray {
  readonly shape: Shape;
  /** The class of its elements: `Float32Array`. */
  readonly kind: string;
  readonly data: NumericArray;
}

/** Whether a value is a tensor, or an array with a shape. */
export function isArray(value: unknown): value is Tensor | StateArray {
  if (isTensor(value)) return true;
  const { shape, data } = (value ?? {}) as Partial<StateArray>;
  return Array.isArray(shape) && typedArrayName(data) !== undefined;
}

/** @throws {ArgumentError} when the data do not fill the shape */
export function writtenArray(given: Tensor | StateArray, name: string, where: string): WrittenArray {
  const data = isTensor(given) ? given.view() : given.data;
  checkShape(given.shape, where);
  if (sizeOf(given.shape) !== data.length) {
    throw new ArgumentError(
      `tensor ${JSON.stringify(name)} has ${data.length} elements for shape ${formatShape(given.shape)}`,
      { where },
    );
  }
  return { shape: given.shape, kind: typedArrayName(data)!, data };
}

/** The bytes of the elements, little-endian. */
export function bytesOfArray({ data }: WrittenArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The elements as int64. @throws {ArgumentError} when one does not fit */
export function wideBytes({ kind, data }: WrittenArray, name: string, where: string): Uint8Array {
  const wide = new BigInt64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (kind === 'BigUint64Array' && (value as bigint) >= 2n ** 63n)
      throw new ArgumentError(`tensor ${JSON.stringify(name)}, element ${i}: ${value} does not fit int64`, { where });
    wide[i] = BigInt(value);
  }
  return new Uint8Array(wide.buffer);
}
