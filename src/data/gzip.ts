/** Reading compressed data and streams without trusting how long they are. */
import { checkArguments } from '../runtime/arguments.js';
import { bytesOf } from '../runtime/bytes.js';
import { FileFormatError, UnsupportedError } from '../runtime/errors.js';

/**
 * The most bytes that may come: a number, or what the first bytes say (1024 of them, or all, where there are fewer). A
 * gzip file may be a thousand times as long as it looks; so the expected length is asked for before the rest is read.
 */
export type SizeLimit = number | ((head: Uint8Array) => number);

/** How far a file may grow, and its name. */
export interface GunzipOptions {
  /** Name of the file, for messages. */
  readonly name?: string;
  readonly limit: SizeLimit;
}

const HEAD = 1024;

/** The most that is read of one file, whatever its header says. */
const LARGEST = 2 ** 30;

/** Whether the bytes begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  checkArguments('isGzip(bytes)', bytes);
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Decompresses a gzip file, in any runtime that has DecompressionStream.
 *
 * @throws {FileFormatError} when it is corrupt or truncated, or holds more than `limit` bytes
 * @throws {UnsupportedError} when the runtime cannot
 * @example
 * const bytes = await gunzip(compressed, { name: 'labels.gz', limit: 10_008 });
 */
export async function gunzip(compressed: Uint8Array, options: GunzipOptions): Promise<Uint8Array> {
  checkArguments('gunzip(compressed=bytes, { limit!: any, name: "digits.gz" })', compressed, options);
  const { name = 'gzip', limit } = options;
  const bytes = bytesOf(compressed, 'gunzip');
  if (!isGzip(bytes)) throw notGzip(name);
  if (typeof DecompressionStream === 'undefined') {
    throw new UnsupportedError('this runtime has no DecompressionStream', {
      where: 'gunzip',
      hint: 'give the file uncompressed',
    });
  }
  const stream = new Blob([bytes]).stream().pipeThrough<Uint8Array>(new DecompressionStream('gzip'));
  return collect(stream, { name, limit }, (cause, read) => corrupt(name, bytes.length, read, cause));
}

/** @internal */
export function notGzip(file: string): FileFormatError {
  return new FileFormatError('a gzip file begins with the bytes 1f 8b', { file, offset: 0 });
}

/** @internal */
export function corrupt(file: string, length: number, read: number, cause: unknown): FileFormatError {
  const reason = cause instanceof Error && cause.message !== '' ? ` (${cause.message})` : '';
  return new FileFormatError(
    `the gzip data (${length} bytes) are truncated or corrupt, after ${read} decompressed bytes${reason}`,
    { file, cause },
  );
}

/**
 * What `limit` comes to for a file that begins with `head`. @throws {FileFormatError} when that is more than is ever
 * read
 *
 * @internal
 */
export function resolveLimit(limit: SizeLimit, head: Uint8Array, file: string): number {
  const most = typeof limit === 'number' ? limit : limit(head);
  if (!(most <= LARGEST))
    throw new FileFormatError(`it is said to hold ${most} bytes, more than the ${LARGEST} that are read`, {
      file,
      offset: 0,
    });
  return most;
}

/** @internal */
export function tooLong(file: string, limit: number): FileFormatError {
  return new FileFormatError(`more than the ${limit} bytes that are expected`, { file, offset: limit });
}

/**
 * All bytes of a stream, unless there are more than allowed.
 *
 * @param failed makes the error to throw when the stream breaks off
 * @internal
 */
export async function collect(
  stream: ReadableStream<Uint8Array>,
  { name = 'stream', limit }: GunzipOptions,
  failed: (cause: unknown, read: number) => Error,
): Promise<Uint8Array> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let most: number | undefined;
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw failed(cause, length);
    });
    if (!done) {
      chunks.push(value);
      length += value.length;
    }
    try {
      if (most === undefined && (done || length >= HEAD))
        most = resolveLimit(limit, join(chunks, length).subarray(0, HEAD), name);
      if (most !== undefined && length > most) throw tooLong(name, most);
    } catch (error) {
      await reader.cancel().catch(() => {});
      throw error;
    }
    if (done) return join(chunks, length);
  }
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
