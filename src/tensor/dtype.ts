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

export function bytesPerElement(dtype: DType): number {
  return dtype === 'uint8' ? 1 : 4;
}

/** The dtype that a typed array holds. */
export function dtypeOf(array: TypedArray): DType {
  return array instanceof Float32Array ? 'float32' : array instanceof Int32Array ? 'int32' : 'uint8';
}
