/** Writes the files of NumPy. */
import type { StateArray } from '../../nn/core/state.js';
import type { Tensor } from '../../tensor/tensor.js';
import { bytesOfArray, writtenArray } from '../arrays.js';
import { writeZip } from '../zip/write.js';

/** The descriptions of NumPy, by the class of the typed array. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  Float32Array: '<f4',
  Float64Array: '<f8',
  Int8Array: '|i1',
  Int16Array: '<i2',
  Int32Array: '<i4',
  Uint8Array: '|u1',
  Uint8ClampedArray: '|u1',
  Uint16Array: '<u2',
  Uint32Array: '<u4',
  BigInt64Array: '<i8',
  BigUint64Array: '<u8',
};

/** The elements begin at a multiple of this. */
const ALIGNMENT = 64;

/** The bytes of a `.npy` file, of version 1. */
export function encodeNpy(given: Tensor | StateArray, name: string, where: string): Uint8Array {
  const array = writtenArray(given, name, where);
  const sizes = `(${array.shape.join(', ')}${array.shape.length === 1 ? ',' : ''})`;
  const text = `{'descr': '${DESCRIPTIONS[array.kind]!}', 'fortran_order': False, 'shape': ${sizes}, }`;
  const begin = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const data = bytesOfArray(array);
  const file = new Uint8Array(begin + data.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (begin - 10) & 0xff, (begin - 10) >> 8]);
  file.set(new TextEncoder().encode(`${text.padEnd(begin - 11)}\n`), 10);
  file.set(data, begin);
  return file;
}

/** The bytes of a `.npz` file, not compressed. */
export function encodeNpz(tensors: Readonly<Record<string, Tensor | StateArray>>, where: string): Uint8Array {
  const files = Object.entries(tensors).map(([name, given]) => [`${name}.npy`, encodeNpy(given, name, where)] as const);
  return writeZip(new Map(files), where);
}
