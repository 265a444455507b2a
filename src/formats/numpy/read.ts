/**
 * Reads the files of NumPy: `.npy` (one array) and `.npz` (a zip file of them).
 *
 * @see numpy.lib.format: magic, version, length of the header, a literal of Python, the elements
 */
import type { StoredTensor } from '../../io/safetensors.js';
import { FileFormatError } from '../../runtime/errors.js';
import { stridesOf } from '../../tensor/shape.js';
import { bytesOfType, type ElementType, type ReadRules, readArray } from '../elements.js';
import { kindOf } from '../kinds.js';
import type { ZipReader } from '../zip/read.js';

/** The element types by kind and width, as descriptions have them. */
const TYPES: Readonly<Record<string, ElementType>> = {
  b1: 'bool',
  u1: 'u8',
  u2: 'u16',
  u4: 'u32',
  u8: 'u64',
  i1: 'i8',
  i2: 'i16',
  i4: 'i32',
  i8: 'i64',
  f2: 'f16',
  f4: 'f32',
  f8: 'f64',
};

/** What the header of an array says. */
interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

/** Longest header that is read; NumPy's own limit for what it does not trust is 10,000. */
const LONGEST_HEADER = 65_536;

/**
 * @param what the array is, for messages
 * @param at where `bytes` begin in the file; undefined where they were compressed
 * @throws {FileFormatError} when it is not such a file, is truncated, or has elements that are not numbers
 */
export function readNpy(bytes: Uint8Array, what: string, at: number | undefined, rules: ReadRules): StoredTensor {
  const { file } = rules.budget;
  const refuse = (problem: string, offset: number): never => {
    throw new FileFormatError(`${what} ${problem}`, { file, ...(at !== undefined && { offset: at + offset }) });
  };
  const version = bytes[6] ?? 0;
  const width = version === 1 ? 2 : 4;
  if (kindOf(bytes) !== 'npy' || bytes.length < 8 + width) refuse('is not a .npy file, or a truncated one', 0);
  if (version < 1 || version > 3) refuse(`is of version ${version}; 1 to 3 are read`, 6);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = width === 2 ? view.getUint16(8, true) : view.getUint32(8, true);
  const begin = 8 + width + length;
  if (begin > bytes.length || length > LONGEST_HEADER) refuse(`has a header of ${length} bytes`, 8);
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(8 + width, begin)));
  if (header === undefined) return refuse('has a header that is not NumPy’s', 8 + width);
  const { descr, fortran, shape } = header;
  const type = TYPES[descr.slice(1)];
  if (type === undefined || !'<>|='.includes(descr[0]!))
    return refuse(`has elements of the type ${JSON.stringify(descr)}, which are not read`, 8 + width);
  const count = shape.reduce((product, size) => product * size, 1);
  if (count * bytesOfType(type) !== bytes.length - begin)
    refuse(
      `has ${bytes.length - begin} bytes, but ${descr} of shape [${shape.join(', ')}] ` +
        `takes ${count * bytesOfType(type)}`,
      begin,
    );
  return readArray(
    {
      what,
      file,
      bytes: bytes.subarray(begin),
      at: at === undefined ? undefined : at + begin,
      type,
      shape,
      ...(fortran && { strides: stridesOf([...shape].reverse()).reverse() }),
      bigEndian: descr.startsWith('>'),
    },
    rules,
  );
}

/** The header, a dict of Python with three entries; undefined where it is not one. */
function parseHeader(text: string): Header | undefined {
  const entry = (key: string, value: string) =>
    new RegExp(`[{,]\\s*['"]${key}['"]\\s*:\\s*${value}\\s*[,}]`).exec(text)?.[1];
  const descr = entry('descr', `['"]([^'"]*)['"]`) ?? entry('descr', String.raw`(\[.*\])`);
  const fortran = entry('fortran_order', '(True|False)');
  const shape = entry('shape', String.raw`\(([\d\sL,]*)\)`);
  if (descr === undefined || descr === '' || fortran === undefined || shape === undefined) return undefined;
  const sizes = shape.split(',').map((size) => size.trim().replace(/L$/, ''));
  if (sizes.at(-1) === '') sizes.pop();
  const numbers = sizes.map(Number);
  if (!sizes.every((size) => /^\d+$/.test(size)) || !numbers.every(Number.isSafeInteger)) return undefined;
  return { descr, fortran: fortran === 'True', shape: numbers };
}

/** Whether a zip file is one of NumPy: all files in it are arrays. */
export function isNpz(zip: ZipReader): boolean {
  return [...zip.entries.keys()].every((name) => name.endsWith('.npy'));
}

/** @throws {FileFormatError} when an array cannot be read */
export function readNpz(zip: ZipReader, rules: ReadRules): Record<string, StoredTensor> {
  const tensors = Object.create(null) as Record<string, StoredTensor>;
  for (const [entryName, entry] of zip.entries) {
    const name = entryName.slice(0, -'.npy'.length);
    const { bytes, at } = zip.readIntact(entry);
    tensors[name] = readNpy(bytes, `tensor ${JSON.stringify(name)}`, at, rules);
  }
  return tensors;
}
