/** Pickles and zip files made by hand, for what PyTorch would not write. */
import { writeZip } from '../../src/formats/zip/write.js';

const text = (value: string) => new TextEncoder().encode(value);

/** Joins texts (as their bytes) and bytes. */
export function join(...parts: (string | number | readonly number[] | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => {
      if (typeof part === 'string') return [...text(part)];
      return typeof part === 'number' ? [part] : [...part];
    }),
  );
}

/** Values that are pushed. */
export const op = {
  string: (value: string) => join('X', u32(text(value).length), value),
  integer: (value: number) => join('J', u32(value)),
};

export const u32 = (value: number) => new Uint8Array(Int32Array.of(value).buffer);
export const u64 = (value: bigint) => new Uint8Array(BigInt64Array.of(value).buffer);

/** `cmodule\nname\n` */
export const named = (module: string, name: string) => `c${module}\n${name}\n`;

/** A zip file of PyTorch with this pickle and these storages. */
export function torchFile(pickle: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}): Uint8Array {
  return writeZip(
    new Map([
      ['archive/data.pkl', pickle],
      ...Object.entries(storages).map(([key, bytes]) => [`archive/data/${key}`, bytes] as const),
      ['archive/version', text('3\n')],
    ]),
    'test',
  );
}

/** The pickle of a storage. */
export const storage = (key: string, count: number, kind = 'FloatStorage') =>
  join('(', op.string('storage'), named('torch', kind), op.string(key), op.string('cpu'), op.integer(count), 'tQ');

/** The pickle of a tensor. */
export function tensorPickle(
  from: Uint8Array,
  offset: number,
  size: readonly number[],
  stride: readonly number[],
  rest: Uint8Array = join(0x89, named('collections', 'OrderedDict'), ')R'),
): Uint8Array {
  const numbers = (values: readonly number[]) => join('(', ...values.map(op.integer), 't');
  return join(
    named('torch._utils', '_rebuild_tensor_v2'),
    '(',
    from,
    op.integer(offset),
    numbers(size),
    numbers(stride),
    rest,
    'tR',
  );
}
