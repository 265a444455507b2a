/**
 * The IDX format of the MNIST files: an array of any rank, big-endian.
 *
 *   2 bytes   zero
 *   1 byte    type of the elements: 8 u8, 9 i8, 11 i16, 12 i32, 13 f32, 14 f64
 *   1 byte    number of axes
 *   4 bytes   length of each axis (u32)
 *   the rest  the elements, row-major
 *
 * @see http://yann.lecun.com/exdb/mnist/
 */
import { checkArguments } from '../runtime/arguments.js';
import { bytesOf } from '../runtime/bytes.js';
import { FileFormatError } from '../runtime/errors.js';
import type { DType, TypedArray } from '../tensor/dtype.js';

/** An array from an IDX file. */
export interface IdxArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

interface ElementType {
  readonly bytes: number;
  readonly dtype: DType;
  readonly read: (view: DataView, at: number) => number;
}

const TYPES: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [0x08, { bytes: 1, dtype: 'uint8', read: (view, at) => view.getUint8(at) }],
  [0x09, { bytes: 1, dtype: 'int32', read: (view, at) => view.getInt8(at) }],
  [0x0b, { bytes: 2, dtype: 'int32', read: (view, at) => view.getInt16(at) }],
  [0x0c, { bytes: 4, dtype: 'int32', read: (view, at) => view.getInt32(at) }],
  [0x0d, { bytes: 4, dtype: 'float32', read: (view, at) => view.getFloat32(at) }],
  [0x0e, { bytes: 8, dtype: 'float32', read: (view, at) => view.getFloat64(at) }],
]);

/** More axes than any data set has. */
const MOST_AXES = 16;

interface IdxHeader {
  readonly type: ElementType;
  readonly shape: number[];
  /** Offset of the first element. */
  readonly begin: number;
  /** Number of elements. */
  readonly size: number;
}

function parseIdxHeader(bytes: Uint8Array, file: string): IdxHeader {
  const need = (length: number): void => {
    if (bytes.length < length)
      throw new FileFormatError(`an IDX header of ${length} bytes ends here`, {
        file,
        offset: bytes.length,
        hint: 'the file is truncated',
      });
  };
  need(4);
  const [first, second, code, axes] = bytes as unknown as [number, number, number, number];
  if (first !== 0 || second !== 0)
    throw new FileFormatError('an IDX file begins with two zero bytes', {
      file,
      offset: 0,
      hint: 'is it another kind of file?',
    });
  const type = TYPES.get(code);
  if (type === undefined) throw new FileFormatError(`IDX has no element type ${code}`, { file, offset: 2 });
  if (axes > MOST_AXES)
    throw new FileFormatError(`${axes} axes, more than the ${MOST_AXES} that are read`, { file, offset: 3 });
  const begin = 4 + 4 * axes;
  need(begin);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  return { type, shape, begin, size: shape.reduce((product, length) => product * length, 1) };
}

/**
 * How many bytes the whole file must have, from its header alone. @throws {FileFormatError} when it is no IDX header
 *
 * @internal
 */
export function idxLength(head: Uint8Array, name: string): number {
  const { type, begin, size } = parseIdxHeader(head, name);
  return begin + size * type.bytes;
}

/**
 * Reads an IDX file (not compressed; see `gunzip`). u8 is taken as it is, as a view of `file`; smaller integers become
 * int32, f64 becomes float32.
 *
 * @param name of the file, for messages
 * @throws {FileFormatError} when the header is none, or the file is shorter or longer than the header says; nothing is
 *   allocated before that is certain
 */
export function parseIdx(file: Uint8Array, name = 'idx'): IdxArray {
  checkArguments('parseIdx(file=bytes, name?="digits.idx")', file, name);
  const bytes = bytesOf(file, 'parseIdx');
  const { type, shape, begin, size } = parseIdxHeader(bytes, name);
  const length = begin + size * type.bytes;
  if (bytes.length !== length) {
    throw new FileFormatError(
      `[${shape.join(', ')}] elements of ${type.bytes} bytes take ${length} bytes with ` +
        `the header, but the file has ${bytes.length}`,
      {
        file: name,
        offset: Math.min(length, bytes.length),
        hint: bytes.length < length ? 'the file is truncated' : 'something follows the data',
      },
    );
  }
  if (type.dtype === 'uint8') return { dtype: 'uint8', shape, data: bytes.subarray(begin) };
  const data = type.dtype === 'int32' ? new Int32Array(size) : new Float32Array(size);
  const view = new DataView(bytes.buffer, bytes.byteOffset + begin);
  for (let i = 0; i < size; i++) data[i] = type.read(view, i * type.bytes);
  return { dtype: type.dtype, shape, data };
}
