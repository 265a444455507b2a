/** Reads the tensors that stand in an ONNX file. */
import type { TensorProto } from 'onnx-buf';
import { FileFormatError, UnsupportedError } from '../runtime/errors.js';
import { formatShape, type Shape } from '../tensor/shape.js';
import * as types from './elements.js';
import type { Numbers } from './values.js';

/** A tensor of the file. Integers are numbers, exact up to 2⁵³. */
export interface Constant {
  readonly type: number;
  readonly shape: Shape;
  readonly numbers: Numbers;
}

/** What errors call the file. */
export const FILE = 'ONNX model';

export function wrong(problem: string): FileFormatError {
  return new FileFormatError(problem, { file: FILE });
}

/** The most elements of one tensor: all of them are addressed by 32 bits. */
const LIMIT = 2 ** 30;

/**
 * The tensor, with as many elements as its shape says.
 *
 * @param name for messages
 * @param lossy round numbers of float64 that float32 does not hold
 * @throws {FileFormatError} when the shape and the elements do not go together
 * @throws {UnsupportedError} when they are in another file, of a type that lanewise does not hold, or would be rounded
 */
export function readTensor(proto: TensorProto, name: string, lossy: boolean): Constant {
  const shape = proto.dims.map(Number);
  if (!shape.every((length) => Number.isInteger(length) && length >= 0 && length <= LIMIT))
    throw wrong(`${name} has the shape ${formatShape(shape)}`);
  const size = shape.reduce((product, length) => product * length, 1);
  if (!(size <= LIMIT)) throw wrong(`${name} of shape ${formatShape(shape)} has too many elements`);
  if (proto.dataLocation === 1 || proto.externalData.length > 0) {
    const file = proto.externalData.find(({ key }) => key === 'location')?.value;
    throw new UnsupportedError(`${name} is in another file${file === undefined ? '' : ` (${JSON.stringify(file)})`}`, {
      where: 'importOnnx',
      hint: 'save the model as one file: onnx.save(onnx.load(path), path)',
    });
  }
  const { dataType: type } = proto;
  const reader = READERS[type];
  if (reader === undefined) {
    throw new UnsupportedError(`${name} has elements of type ${types.typeName(type)}, which lanewise does not hold`, {
      where: 'importOnnx',
    });
  }
  const raw = proto.rawData;
  const numbers = raw.length > 0 ? reader.raw(rawView(raw, size, reader.bytes, name)) : reader.list(proto);
  if (numbers.length !== size)
    throw wrong(`${name} of shape ${formatShape(shape)} has ${numbers.length} elements, not ${size}`);
  if (type === types.DOUBLE && !lossy) checkExact(numbers, name);
  // float32 holds every number of bfloat16, which only files have.
  if (type === types.BFLOAT16) return { type: types.FLOAT, shape, numbers: Float32Array.from(numbers) };
  return { type, shape, numbers: types.isFloat(type) ? Float32Array.from(numbers) : numbers };
}

function rawView(raw: Uint8Array, size: number, bytes: number, name: string): DataView {
  if (raw.length !== size * bytes) throw wrong(`${name} has ${raw.length} bytes, its shape needs ${size * bytes}`);
  return new DataView(raw.buffer, raw.byteOffset, raw.length);
}

function checkExact(numbers: Numbers, name: string): void {
  const inexact = numbers.find((value) => Math.fround(value) !== value && !Number.isNaN(value));
  if (inexact === undefined) return;
  throw new UnsupportedError(`${name} is float64, and float32 does not hold its ${inexact}`, {
    where: 'importOnnx',
    hint: 'pass { lossy: true } to round it',
  });
}

interface Reader {
  readonly bytes: number;
  raw(view: DataView): Numbers;
  list(proto: TensorProto): Numbers;
}

/** Fills `target` from places so many bytes apart. */
function each<T extends Numbers>(target: T, bytes: number, get: (at: number) => number): T {
  for (let i = 0; i < target.length; i++) target[i] = get(i * bytes);
  return target;
}

function floats(bytes: number, get: (view: DataView, at: number) => number, list: Reader['list']): Reader {
  return {
    bytes,
    raw: (view) => each(new Float64Array(view.byteLength / bytes), bytes, (at) => get(view, at)),
    list,
  };
}

function integers(bytes: number, get: (view: DataView, at: number) => number): Reader {
  return floats(bytes, get, ({ int32Data }) => Float64Array.from(int32Data));
}

const READERS: Readonly<Record<number, Reader>> = {
  [types.FLOAT]: {
    bytes: 4,
    raw: (view) => each(new Float32Array(view.byteLength / 4), 4, (at) => view.getFloat32(at, true)),
    list: ({ floatData }) => Float32Array.from(floatData),
  },
  [types.DOUBLE]: floats(
    8,
    (view, at) => view.getFloat64(at, true),
    ({ doubleData }) => Float64Array.from(doubleData),
  ),
  [types.FLOAT16]: floats(
    2,
    (view, at) => halfToNumber(view.getUint16(at, true)),
    ({ int32Data }) => Float64Array.from(int32Data, halfToNumber),
  ),
  [types.BFLOAT16]: floats(
    2,
    (view, at) => upperHalf(view.getUint16(at, true)),
    ({ int32Data }) => Float64Array.from(int32Data, upperHalf),
  ),
  [types.INT64]: floats(
    8,
    (view, at) => Number(view.getBigInt64(at, true)),
    ({ int64Data }) => Float64Array.from(int64Data, Number),
  ),
  [types.UINT64]: floats(
    8,
    (view, at) => Number(view.getBigUint64(at, true)),
    ({ uint64Data }) => Float64Array.from(uint64Data, Number),
  ),
  [types.UINT32]: floats(
    4,
    (view, at) => view.getUint32(at, true),
    ({ uint64Data }) => Float64Array.from(uint64Data, Number),
  ),
  [types.INT32]: integers(4, (view, at) => view.getInt32(at, true)),
  [types.INT16]: integers(2, (view, at) => view.getInt16(at, true)),
  [types.UINT16]: integers(2, (view, at) => view.getUint16(at, true)),
  [types.INT8]: integers(1, (view, at) => view.getInt8(at)),
  [types.UINT8]: integers(1, (view, at) => view.getUint8(at)),
  [types.BOOL]: integers(1, (view, at) => view.getUint8(at)),
};

const ONE = new DataView(new ArrayBuffer(4));

/** The number of float32 that begins with these 16 bits: those of bfloat16. */
function upperHalf(bits: number): number {
  ONE.setUint32(0, bits << 16);
  return ONE.getFloat32(0);
}

/** The number that 16 bits of IEEE 754's binary16 stand for. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
