/** The element types of the formats, and how they become those of lanewise. */
import type { StoredTensor } from '../io/safetensors.js';
import { FileFormatError } from '../runtime/errors.js';
import type { DType, TypedArray } from '../tensor/dtype.js';
import { formatShape, type Shape, sizeOf, stridesOf } from '../tensor/shape.js';
import type { Budget } from './budget.js';

/** The element types that are read, named as in Rust and WebAssembly. */
export type ElementType =
  | 'bool'
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'f16'
  | 'bf16'
  | 'f32'
  | 'f64';

/** Where an array is, and what is known of it. */
export interface ArraySource {
  /** As messages call it: `tensor "fc.weight"`. */
  readonly what: string;
  readonly file: string;
  /** The bytes of its storage. */
  readonly bytes: Uint8Array;
  /** Where they are in the file; undefined where they were compressed. */
  readonly at: number | undefined;
  readonly type: ElementType;
  readonly shape: Shape;
  /** Index of the first element in the storage. Default: 0. */
  readonly offset?: number;
  /** In elements; default: row-major, without gaps. */
  readonly strides?: readonly number[];
  readonly bigEndian?: boolean;
}

/** Whether values may change. */
export interface ReadRules {
  readonly lossy: boolean;
  readonly budget: Budget;
}

type Fail = (element: number, problem: string) => never;

interface Reading {
  readonly bytes: number;
  readonly dtype: DType;
  /** The elements of `raw`, which is a copy of its own. */
  readonly read: (raw: ArrayBuffer, lossy: boolean, fail: Fail) => TypedArray;
}

const READINGS: Readonly<Record<ElementType, Reading>> = {
  bool: { bytes: 1, dtype: 'uint8', read: readBool },
  u8: { bytes: 1, dtype: 'uint8', read: (raw) => new Uint8Array(raw) },
  u16: { bytes: 2, dtype: 'int32', read: (raw) => Int32Array.from(new Uint16Array(raw)) },
  u32: { bytes: 4, dtype: 'int32', read: (raw, lossy, fail) => integers(new Uint32Array(raw), lossy, fail) },
  u64: { bytes: 8, dtype: 'int32', read: (raw, lossy, fail) => integers(new BigUint64Array(raw), lossy, fail) },
  i8: { bytes: 1, dtype: 'int32', read: (raw) => Int32Array.from(new Int8Array(raw)) },
  i16: { bytes: 2, dtype: 'int32', read: (raw) => Int32Array.from(new Int16Array(raw)) },
  i32: { bytes: 4, dtype: 'int32', read: (raw) => new Int32Array(raw) },
  i64: { bytes: 8, dtype: 'int32', read: (raw, lossy, fail) => integers(new BigInt64Array(raw), lossy, fail) },
  f16: { bytes: 2, dtype: 'float32', read: (raw) => Float32Array.from(new Uint16Array(raw), float16Value) },
  bf16: { bytes: 2, dtype: 'float32', read: readBF16 },
  f32: { bytes: 4, dtype: 'float32', read: (raw) => new Float32Array(raw) },
  f64: { bytes: 8, dtype: 'float32', read: readF64 },
};

/** Bytes of one element. */
export const bytesOfType = (type: ElementType): number => READINGS[type].bytes;

/** More axes than anyone uses. */
const MOST_AXES = 64;

/**
 * Copies an array out of its storage, as a tensor of the dtype that holds its values.
 *
 * @throws {FileFormatError} when it reaches past its storage, takes more memory than is left, or (unless `lossy`) has a
 *   value that neither float32 nor int32 holds exactly
 */
export function readArray(source: ArraySource, { lossy, budget }: ReadRules): StoredTensor {
  const { what, file, type, shape, offset = 0, strides = stridesOf(shape) } = source;
  const refuse = (problem: string): never => {
    throw new FileFormatError(`${what} ${problem}`, { file, ...(source.at !== undefined && { offset: source.at }) });
  };
  const { bytes, dtype, read } = READINGS[type];
  if (shape.length > MOST_AXES || strides.length !== shape.length)
    refuse(`has ${shape.length} axes and ${strides.length} strides`);
  if (![offset, ...shape, ...strides].every((size) => Number.isSafeInteger(size) && size >= 0))
    refuse(`has the shape ${formatShape(shape)}, strides ${formatShape(strides)} and offset ${offset}`);
  const count = sizeOf(shape);
  const last = offset + shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 0);
  if (count > 0 && !((last + 1) * bytes <= source.bytes.length))
    refuse(`of shape ${formatShape(shape)} reaches past its ${source.bytes.length} bytes`);
  budget.take(count * Math.max(bytes, dtype === 'uint8' ? 1 : 4), `${what} of shape ${formatShape(shape)}`, source.at);
  const raw = gather(source.bytes, bytes, offset, shape, strides);
  if (source.bigEndian === true && bytes > 1) reverseElements(raw, bytes);
  const data = read(raw.buffer, lossy, (element, problem) => {
    throw new FileFormatError(`${what}, element ${element}: ${problem}`, {
      file,
      ...(source.at !== undefined && { offset: source.at + (offset + place(element, shape, strides)) * bytes }),
      hint: 'pass { lossy: true } to take the nearest value that fits',
    });
  });
  return { dtype, shape: [...shape], data };
}

/** Index in the storage, from its offset, of an element. */
function place(element: number, shape: Shape, strides: readonly number[]): number {
  let [rest, index] = [element, 0];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index += (rest % shape[axis]!) * strides[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

/** The elements in row-major order, without gaps. */
function gather(
  storage: Uint8Array,
  bytes: number,
  offset: number,
  shape: Shape,
  strides: readonly number[],
): Uint8Array<ArrayBuffer> {
  const count = sizeOf(shape);
  const raw = new Uint8Array(count * bytes);
  if (count === 0) return raw;
  const plain = stridesOf(shape);
  // The axes from `inner` on are without gaps: their elements are copied at once.
  let inner = shape.length;
  while (inner > 0 && (shape[inner - 1] === 1 || strides[inner - 1] === plain[inner - 1])) inner--;
  const run = sizeOf(shape.slice(inner)) * bytes;
  const counters = new Array<number>(inner).fill(0);
  let from = offset * bytes;
  for (let to = 0; to < raw.length; to += run) {
    if (run <= 8) for (let i = 0; i < run; i++) raw[to + i] = storage[from + i]!;
    else raw.set(storage.subarray(from, from + run), to);
    for (let axis = inner - 1; axis >= 0; axis--) {
      from += strides[axis]! * bytes;
      if (++counters[axis]! < shape[axis]!) break;
      from -= shape[axis]! * strides[axis]! * bytes;
      counters[axis] = 0;
    }
  }
  return raw;
}

/** Turns the bytes of each element round. */
function reverseElements(raw: Uint8Array, bytes: number): void {
  for (let at = 0; at < raw.length; at += bytes) raw.subarray(at, at + bytes).reverse();
}

function readBool(raw: ArrayBuffer, _lossy: boolean, fail: Fail): Uint8Array {
  const values = new Uint8Array(raw);
  const wrong = values.findIndex((value) => value > 1);
  if (wrong >= 0) fail(wrong, `a bool must be 0 or 1, not ${values[wrong]}`);
  return values;
}

const [LEAST, MOST] = [-(2 ** 31), 2 ** 31 - 1];

function integers(wide: ArrayLike<number | bigint>, lossy: boolean, fail: Fail): Int32Array {
  const values = new Int32Array(wide.length);
  for (let i = 0; i < values.length; i++) {
    const value = wide[i]!;
    if (value >= LEAST && value <= MOST) values[i] = Number(value);
    else if (lossy) values[i] = value < 0 ? LEAST : MOST;
    else fail(i, `${value} does not fit int32`);
  }
  return values;
}

function readF64(raw: ArrayBuffer, lossy: boolean, fail: Fail): Float32Array {
  const wide = new Float64Array(raw);
  const values = Float32Array.from(wide);
  if (lossy) return values;
  for (let i = 0; i < wide.length; i++)
    if (values[i] !== wide[i] && !Number.isNaN(wide[i])) fail(i, `the float64 ${wide[i]} is not exact in float32`);
  return values;
}

/** The number that an IEEE 754 half stands for. */
function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** A bfloat16 is the upper half of a float32. */
function readBF16(raw: ArrayBuffer): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(raw), (upper) => upper << 16).buffer);
}
