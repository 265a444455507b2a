/** Finding and reading the files of a data set. */
import fs from 'node:fs/promises';
import path from 'node:path';
import zlib from 'node:zlib';
import { checkArguments } from '../runtime/arguments.js';
import { FileFormatError } from '../runtime/errors.js';
import { readRegularFile } from '../runtime/readFile.node.js';
import { corrupt, type GunzipOptions, isGzip, notGzip, resolveLimit, type SizeLimit, tooLong } from './gzip.js';

/** How much of a compressed file is decompressed to see how long the whole will be. */
const PEEK = 4096;

/**
 * As `gunzip`, at once.
 *
 * @throws {FileFormatError} when the file is corrupt or truncated, or holds more than `limit` bytes
 */
export function gunzipSync(bytes: Uint8Array, options: GunzipOptions): Uint8Array {
  checkArguments('gunzipSync(bytes, { limit!: any, name: "digits.gz" })', bytes, options);
  const { name = 'gzip', limit } = options;
  if (!isGzip(bytes)) throw notGzip(name);
  const inflate = (part: Uint8Array, settings: zlib.ZlibOptions): Uint8Array => {
    try {
      return zlib.gunzipSync(part, settings);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
        throw tooLong(name, settings.maxOutputLength!);
      throw corrupt(name, bytes.length, 0, cause);
    }
  };
  const most = resolveLimit(
    limit,
    inflate(bytes.subarray(0, PEEK), { finishFlush: zlib.constants.Z_SYNC_FLUSH }),
    name,
  );
  // zlib cannot be told to expect nothing at all.
  const whole = inflate(bytes, { maxOutputLength: Math.max(most, 1) });
  if (whole.length > most) throw tooLong(name, most);
  return whole;
}

/**
 * The path of the first of `names` that is a file in a directory, with or without `.gz`. If none is, the first that
 * exists as something else (a directory, a pipe), which `readBytes` refuses; null if there is none of these either.
 */
export async function findFile(directory: string, names: readonly string[]): Promise<string | null> {
  let other: string | null = null;
  for (const name of names) {
    for (const suffix of ['', '.gz']) {
      const file = path.join(directory, name + suffix);
      const stats = await fs.stat(file).catch(() => null);
      if (stats?.isFile()) return file;
      if (stats !== null) other ??= file;
    }
  }
  return other;
}

export async function isFile(file: string): Promise<boolean> {
  return (await fs.stat(file).catch(() => null))?.isFile() ?? false;
}

/**
 * The bytes of a file, decompressed where it is a gzip file.
 *
 * @throws {MissingDataError} when it cannot be read
 * @throws {FileFormatError} when it is corrupt, or holds more than `limit` bytes
 */
export function readBytes(file: string, limit: SizeLimit): Uint8Array {
  const bytes = readRegularFile(file);
  if (isGzip(bytes)) return gunzipSync(bytes, { name: file, limit });
  if (file.endsWith('.gz'))
    throw new FileFormatError('the name ends in .gz, but it is not a gzip file', { file, offset: 0 });
  return bytes;
}
