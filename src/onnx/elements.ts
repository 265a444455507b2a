/** The element types of ONNX, and which of lanewise's dtypes holds each. */
import type { DType } from '../tensor/dtype.js';

/** @see onnx.proto, TensorProto.DataType */
export const FLOAT = 1;
export const UINT8 = 2;
export const INT8 = 3;
export const UINT16 = 4;
export const INT16 = 5;
export const INT32 = 6;
export const INT64 = 7;
export const STRING = 8;
export const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;
export const UINT32 = 12;
export const UINT64 = 13;
export const BFLOAT16 = 16;

const NAMES = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
  'float8e8m0',
  'uint2',
  'int2',
];

/** What the type is called in messages. */
export function typeName(type: number | undefined): string {
  return type === undefined ? 'unknown' : (NAMES[type] ?? `type ${type}`);
}

const STORAGE: Readonly<Record<number, DType>> = {
  [FLOAT]: 'float32',
  [FLOAT16]: 'float32',
  [DOUBLE]: 'float32',
  [BOOL]: 'uint8',
  [UINT8]: 'uint8',
  [INT8]: 'int32',
  [UINT16]: 'int32',
  [INT16]: 'int32',
  [INT32]: 'int32',
  [INT64]: 'int32',
  [UINT32]: 'int32',
  [UINT64]: 'int32',
};

/** The dtype of the tensors that hold such elements; undefined for those that none can hold. */
export function storageOf(type: number): DType | undefined {
  return STORAGE[type];
}

/** Floating-point types; all of them are computed in float32. */
export const isFloat = (type: number | undefined): boolean => type !== undefined && STORAGE[type] === 'float32';
/** The integers that lanewise computes with. */
export const isInteger = (type: number | undefined): boolean => type === INT32 || type === INT64;
/** Integers that wrap around at other limits than int32: they can be moved about and cast, not computed with. */
const MOVED_ONLY = [UINT8, INT8, UINT16, INT16, UINT32, UINT64];

/** Kinds of element types that an operator takes. */
export type Accepts = 'float' | 'number' | 'integer' | 'bool' | 'any' | 'known';

const ACCEPTS: Readonly<Record<Accepts, (type: number) => boolean>> = {
  float: isFloat,
  integer: (type) => isInteger(type) || MOVED_ONLY.includes(type),
  number: (type) => isFloat(type) || isInteger(type),
  bool: (type) => type === BOOL,
  known: (type) => isFloat(type) || isInteger(type) || type === BOOL,
  any: (type) => type in STORAGE,
};

/** Whether elements of the type are of the kind. */
export function accepts(kind: Accepts, type: number): boolean {
  return ACCEPTS[kind](type);
}
