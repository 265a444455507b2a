/**
 * The safetensors format: named tensors in one file, as PyTorch, Hugging Face and others read and write it.
 *
 *   8 bytes   N, the length of the header (u64, little-endian)
 *   N bytes   JSON: { "name": { "dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end] }, …,
 *             "__metadata__": { … } }
 *   the rest  the elements, little-endian, row-major, without gaps; offsets count from here
 *
 * @see https://github.com/huggingface/safetensors#format
 */

import { checkArguments, refusal } from '../runtime/arguments.js';
import { ArgumentError, FileFormatError } from '../runtime/errors.js';
import { textCoding } from '../runtime/host.js';
import { type DType, dtypeOf, type TypedArray } from '../tensor/dtype.js';
import { checkShape, formatShape, type Shape, sizeOf } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { CHECKSUM, CHECKSUM_PREFIX, checksumOf } from './checksum.js';
import { type HeaderEntry, METADATA, parseHeader } from './safetensorsHeader.js';

/** A tensor outside the WebAssembly memory. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TypedArray;
}

/** What a safetensors file holds. */
export interface Safetensors {
  /** By name, in the order of the header. The object has no prototype: an absent name is undefined, whatever it is. */
  readonly tensors: Record<string, StoredTensor>;
  readonly metadata: Record<string, string>;
}

/** Longest header that is read: the limit of the reference implementation. */
const LONGEST_HEADER = 100_000_000;

/** What other files begin with: of these, the length would be an absurd one. */
const OTHERS: Readonly<Record<number, string>> = {
  80: 'a zip file (of PyTorch or NumPy)',
  128: 'a pickle (of PyTorch)',
  147: 'a NumPy array',
};

/** Elements begin at a multiple of this in files that we write, so that a reader may map them. */
const DATA_ALIGNMENT = 64;

interface Format {
  readonly bytes: number;
  readonly dtype: DType;
  /** The elements of `raw`, which is a copy of its own and begins aligned. */
  readonly read: (raw: ArrayBuffer, fail: (element: number, problem: string) => never) => TypedArray;
}

const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['F32', { bytes: 4, dtype: 'float32', read: (raw) => new Float32Array(raw) }],
  ['I32', { bytes: 4, dtype: 'int32', read: (raw) => new Int32Array(raw) }],
  ['U8', { bytes: 1, dtype: 'uint8', read: (raw) => new Uint8Array(raw) }],
  ['BOOL', { bytes: 1, dtype: 'uint8', read: readBool }],
  ['I64', { bytes: 8, dtype: 'int32', read: readI64 }],
  ['F64', { bytes: 8, dtype: 'float32', read: (raw) => Float32Array.from(new Float64Array(raw)) }],
  ['F16', { bytes: 2, dtype: 'float32', read: (raw) => Float32Array.from(new Uint16Array(raw), float16Value) }],
  ['BF16', { bytes: 2, dtype: 'float32', read: readBF16 }],
]);

function readBool(raw: ArrayBuffer, fail: (element: number, problem: string) => never): Uint8Array {
  const values = new Uint8Array(raw);
  const wrong = values.findIndex((value) => value > 1);
  if (wrong >= 0) fail(wrong, `a BOOL must be 0 or 1, not ${values[wrong]}`);
  return values;
}

function readI64(raw: ArrayBuffer, fail: (element: number, problem: string) => never): Int32Array {
  const wide = new BigInt64Array(raw);
  return Int32Array.from({ length: wide.length }, (_, i) => {
    const value = wide[i]!;
    if (BigInt.asIntN(32, value) !== value) fail(i, `the I64 value ${value} does not fit int32`);
    return Number(value);
  });
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
  const upper = new Uint16Array(raw);
  const bits = new Uint32Array(upper.length);
  for (let i = 0; i < upper.length; i++) bits[i] = upper[i]! << 16;
  return new Float32Array(bits.buffer);
}

/**
 * Reads a safetensors file. F32, I32, U8 and BOOL are taken as they are; I64 becomes int32; F64, F16 and BF16 become
 * float32. The data are copies: `bytes` may be reused. The checksum of `encodeSafetensors` is verified and left out of
 * the metadata; a file without a checksum is read unverified.
 *
 * @param name of the file, for messages
 * @throws {FileFormatError} on anything that the format does not allow: a header that is longer than the file or is no
 *   such JSON, a name given twice, offsets out of range, overlapping or with gaps, a length that is not the shape's; on
 *   an element type that lanewise has no place for; on an I64 that does not fit int32; and on a checksum that does not
 *   fit the contents
 */
export function decodeSafetensors(bytes: Uint8Array, name = 'safetensors'): Safetensors {
  checkArguments('decodeSafetensors(bytes, name?="model.safetensors")', bytes, name);
  const headerBytes = headerLength(bytes, name);
  const { entries, metadata } = parseHeader(bytes.subarray(8, 8 + headerBytes), name, 8);
  const begin = 8 + headerBytes;
  checkCoverage(entries, bytes.length - begin, name);
  verify(bytes.subarray(begin), entries, metadata, name);
  const tensors = Object.create(null) as Record<string, StoredTensor>;
  for (const entry of entries) tensors[entry.name] = readEntry(bytes, begin, entry, name);
  return { tensors, metadata };
}

function headerLength(bytes: Uint8Array, file: string): number {
  if (bytes.length < 8)
    throw new FileFormatError(
      `a safetensors file begins with 8 bytes for the length of its header, this has ${bytes.length}`,
      { file, offset: bytes.length },
    );
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  const other = OTHERS[bytes[0]!];
  if (length > LONGEST_HEADER && other !== undefined)
    throw new FileFormatError(`this is ${other}`, { file, offset: 0, hint: 'use load() of lanewise/formats' });
  if (length > bytes.length - 8) {
    throw new FileFormatError(`the header is said to have ${length} bytes, but only ${bytes.length - 8} follow`, {
      file,
      offset: 0,
      hint: 'the file is truncated, or no safetensors file',
    });
  }
  if (length > LONGEST_HEADER)
    throw new FileFormatError(`the header is said to have ${length} bytes, more than the ${LONGEST_HEADER} allowed`, {
      file,
      offset: 0,
    });
  return length;
}

/** Every byte of the data must belong to exactly one tensor. */
function checkCoverage(entries: readonly HeaderEntry[], available: number, file: string): void {
  let covered = 0;
  for (const { name, begin, end, offset } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const refuse = (problem: string): never => {
      throw new FileFormatError(`tensor ${JSON.stringify(name)} ${problem}`, { file, offset });
    };
    if (end > available) refuse(`ends at ${end}, past the ${available} bytes of data`);
    if (begin < covered) refuse(`begins at ${begin}, inside another one that ends at ${covered}`);
    if (begin > covered) refuse(`begins at ${begin}, but the one before ends at ${covered}: gaps are not allowed`);
    covered = end;
  }
  if (covered < available)
    throw new FileFormatError(`${available - covered} bytes at the end belong to no tensor`, { file });
}

/** Removes the checksum from the metadata, if there is one. @throws {FileFormatError} when the contents have another */
function verify(
  data: Uint8Array,
  entries: readonly HeaderEntry[],
  metadata: Record<string, string>,
  file: string,
): void {
  // If the key of the checksum is damaged, its value still has the prefix.
  const key =
    CHECKSUM in metadata ? CHECKSUM : Object.keys(metadata).find((name) => metadata[name]!.startsWith(CHECKSUM_PREFIX));
  if (key === undefined) return;
  const written = metadata[key];
  delete metadata[key];
  const found = checksumOf(
    metadata,
    entries.map(({ name, dtype, shape, begin, end }) => ({
      name,
      stored: dtype,
      shape,
      bytes: data.subarray(begin, end),
    })),
  );
  if (key === CHECKSUM && written === found) return;
  throw new FileFormatError('the file is damaged: its contents do not match its checksum', {
    file,
    hint: `copy it again or use another checkpoint; a program that edits it must drop the metadata entry ${CHECKSUM}`,
  });
}

function readEntry(
  bytes: Uint8Array,
  dataBegin: number,
  { name, dtype: stored, shape, begin, end, offset }: HeaderEntry,
  file: string,
): StoredTensor {
  const format = FORMATS.get(stored);
  const quoted = JSON.stringify(name);
  if (format === undefined) {
    throw new FileFormatError(`tensor ${quoted} has the element type ${JSON.stringify(stored)}`, {
      file,
      offset,
      hint: `lanewise reads ${[...FORMATS.keys()].join(', ')}`,
    });
  }
  if (sizeOf(shape) * format.bytes !== end - begin) {
    throw new FileFormatError(
      `tensor ${quoted} has ${end - begin} bytes, but ${stored} of shape ${formatShape(shape)} ` +
        `takes ${sizeOf(shape) * format.bytes}`,
      { file, offset },
    );
  }
  const raw = new ArrayBuffer(end - begin);
  new Uint8Array(raw).set(bytes.subarray(dataBegin + begin, dataBegin + end));
  const data = format.read(raw, (element, problem) => {
    throw new FileFormatError(`tensor ${quoted}, element ${element}: ${problem}`, {
      file,
      offset: dataBegin + begin + element * format.bytes,
    });
  });
  return { dtype: format.dtype, shape, data };
}

/** What is written of a dtype. Whole numbers go as I64: that is what PyTorch's counters and class ids are. */
const WRITTEN: Readonly<Record<DType, { stored: string; bytes: number }>> = {
  int32: { stored: 'I64', bytes: 8 },
  float32: { stored: 'F32', bytes: 4 },
  uint8: { stored: 'U8', bytes: 1 },
};

/**
 * The bytes of a safetensors file. float32 is written as F32, uint8 as U8, int32 as I64. The header keeps the order of
 * `tensors`; the data stand wider types first, so that each is aligned to its elements. The same tensors give the same
 * bytes. The metadata entry `lanewiseChecksum` is a checksum of the contents; `decodeSafetensors` verifies it, other
 * readers ignore it.
 *
 * @param metadata texts by name, for the file's `__metadata__`
 * @throws {ArgumentError} on a name that the format reserves (`__metadata__`) or that no reader should meet
 *   (`__proto__`), on data that do not fill the shape, and on metadata that are no texts
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor | StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  checkArguments('encodeSafetensors(tensors=state, metadata?=state)', tensors, metadata);
  const items = Object.entries(tensors).map(([name, given]) => {
    if (!given?.shape || !given.dtype) throw refusal('encodeSafetensors', name, 'a tensor', given);
    const item = { name, shape: given.shape, data: given instanceof Tensor ? given.view() : given.data, begin: 0 };
    checkItem(item, given.dtype);
    return { ...item, ...WRITTEN[given.dtype] };
  });
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string')
      throw new ArgumentError(`metadata ${JSON.stringify(key)} must be a text, not ${typeof value}`, {
        where: 'encodeSafetensors',
      });
    if (key === '__proto__')
      throw new ArgumentError(`metadata cannot be named "${key}"`, { where: 'encodeSafetensors' });
  }

  let length = 0;
  for (const item of [...items].sort((a, b) => b.bytes - a.bytes)) {
    item.begin = length;
    length += item.data.length * item.bytes;
  }
  const described = items.map(
    ({ name, stored, shape, begin, data, bytes }) =>
      [name, { dtype: stored, shape, data_offsets: [begin, begin + data.length * bytes] }] as const,
  );
  const { [CHECKSUM]: _, ...texts } = metadata;
  const headerWith = (checksum: string): Uint8Array =>
    new (textCoding().TextEncoder)().encode(
      JSON.stringify(Object.fromEntries([[METADATA, { ...texts, [CHECKSUM]: checksum }] as const, ...described])),
    );
  const headerEnd = 8 + headerWith(checksumOf({}, [])).length;
  const dataBegin = Math.ceil(headerEnd / DATA_ALIGNMENT) * DATA_ALIGNMENT;

  const file = new Uint8Array(dataBegin + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(dataBegin - 8), true);
  file.fill(0x20, headerEnd, dataBegin);
  const parts = items.map(({ name, stored, shape, data, begin, bytes }) => {
    const part = file.subarray(dataBegin + begin, dataBegin + begin + data.length * bytes);
    if (data instanceof Int32Array)
      new BigInt64Array(file.buffer, part.byteOffset, data.length).set(BigInt64Array.from(data, BigInt));
    else part.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return { name, stored, shape, bytes: part };
  });
  file.set(headerWith(checksumOf(texts, parts)), 8);
  return file;
}

function checkItem({ name, shape, data }: { name: string; shape: Shape; data: TypedArray }, dtype: DType): void {
  const refuse = (problem: string): never => {
    throw new ArgumentError(`tensor ${JSON.stringify(name)} ${problem}`, { where: 'encodeSafetensors' });
  };
  if (name === METADATA || name === '__proto__') refuse('cannot have this name');
  checkShape(shape, 'encodeSafetensors');
  if (sizeOf(shape) !== data.length) refuse(`has ${data.length} elements for shape ${formatShape(shape)}`);
  if (dtypeOf(data) !== dtype) refuse(`is said to be ${dtype}, but its data are ${dtypeOf(data)}`);
}
