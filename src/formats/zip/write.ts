/** Writes zip files that are not compressed. */
import { ArgumentError } from '../../runtime/errors.js';
import { crc32 } from './crc32.js';

/** The data of each file begin at a multiple of this, so that a reader may map them. */
const ALIGNMENT = 64;

/** The first day that a zip file can name; the same contents give the same bytes on any day. */
const DATE = 0x0021;

/** The extra field that PyTorch pads with. */
const PADDING = 0x4246;

/** The UTF-8 flag. */
const FLAGS = 0x0800;

/** @throws {ArgumentError} when it would be larger than a zip file without zip64 can be */
export function writeZip(files: ReadonlyMap<string, Uint8Array>, where: string): Uint8Array {
  const text = new TextEncoder();
  let length = 0;
  const parts = [...files].map(([name, bytes]) => {
    const title = text.encode(name);
    const header = length;
    const plain = header + 30 + title.length + 4;
    const begin = Math.ceil(plain / ALIGNMENT) * ALIGNMENT;
    length = begin + bytes.length;
    return { title, bytes, crc: crc32(bytes), header, padding: begin - plain, begin };
  });
  const directory = length;
  for (const { title } of parts) length += 46 + title.length;
  length += 22;
  if (length > 0xffff_ffff || parts.length > 0xffff)
    throw new ArgumentError(`${parts.length} files of ${length} bytes in all are too many for a zip file`, { where });

  const zip = new Uint8Array(length);
  const view = new DataView(zip.buffer);
  /** Writes numbers of 2 or 4 bytes; returns where the next one goes. */
  const put = (at: number, ...fields: (readonly [bytes: 2 | 4, value: number])[]): number => {
    for (const [bytes, value] of fields) {
      if (bytes === 2) view.setUint16(at, value, true);
      else view.setUint32(at, value, true);
      at += bytes;
    }
    return at;
  };
  let at = directory;
  for (const { title, bytes, crc, header, padding, begin } of parts) {
    // Version, flags, method, time, date, checksum, both sizes, length of the name.
    const about = [
      [2, 20],
      [2, FLAGS],
      [2, 0],
      [2, 0],
      [2, DATE],
      [4, crc],
      [4, bytes.length],
      [4, bytes.length],
      [2, title.length],
    ] as const;
    const name = put(header, [4, 0x0403_4b50], ...about, [2, 4 + padding]);
    zip.set(title, name);
    put(name + title.length, [2, PADDING], [2, padding]);
    zip.set(bytes, begin);
    at = put(at, [4, 0x0201_4b50], [2, 20], ...about, [2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, header]);
    zip.set(title, at);
    at += title.length;
  }
  put(at, [4, 0x0605_4b50], [2, 0], [2, 0], [2, parts.length], [2, parts.length], [4, at - directory], [4, directory]);
  return zip;
}
