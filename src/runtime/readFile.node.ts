/** Reading files that users name: whole, and never anything but a file. */
import fs from 'node:fs';
import { checkArguments } from './arguments.js';
import { type ErrorDetails, LanewiseError, MissingDataError } from './errors.js';

/** How a file is read, and what is thrown when it cannot be. */
export interface ReadFileOptions {
  /** The largest file that is read, in bytes. Default: 2³¹ − 1. */
  readonly limit?: number;
  /** Class of the error. Default: `MissingDataError`. */
  readonly error?: new (
    problem: string,
    details: ErrorDetails,
  ) => LanewiseError;
  /** What to do about the error. */
  readonly hint?: string;
}

const LARGEST = 2 ** 31 - 1;

/** Bytes read at a time beyond the size that the file system states: files of /proc state 0. */
const CHUNK = 65_536;

/**
 * The bytes of a regular file, or of one that a symbolic link leads to. A directory, a pipe, a socket or a device is
 * refused at once: to read a pipe would wait for a writer for ever.
 *
 * @throws {MissingDataError} (or `error`) naming the file, when it is missing, unreadable, not a regular file or larger
 *   than `limit`
 */
export function readRegularFile(file: string, options: ReadFileOptions = {}): Uint8Array {
  checkArguments('readRegularFile(file="notes.txt", { limit: 0, error: () => Error, hint: "…" })', file, options);
  const { limit = LARGEST, error = MissingDataError, hint } = options;
  const refuse = (problem: string, cause?: unknown): never => {
    throw new error(`cannot be read: ${problem}`, { where: file, ...(hint !== undefined && { hint }), cause });
  };
  const check = (stats: fs.Stats): void => {
    if (!stats.isFile()) refuse(`it is ${kindOf(stats)}, not a file`);
    if (stats.size > limit) refuse(`it has ${stats.size} bytes, more than the ${limit} that are read`);
  };
  try {
    check(fs.statSync(file)); // Before it is opened: opening a device can have effects.
    // Should a pipe take its place just now, it is opened without waiting.
    const descriptor = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    try {
      const stats = fs.fstatSync(descriptor);
      check(stats);
      const bytes = readAll(descriptor, stats.size, limit);
      return bytes ?? refuse(`it has more than the ${limit} bytes that are read`);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (cause) {
    if (cause instanceof LanewiseError) throw cause;
    return refuse((cause as Error).message, cause);
  }
}

/** What `fs.Stats` says that a path leads to; the declarations of the package name no type of Node's. */
export interface FileStats {
  isFile(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
  isSymbolicLink(): boolean;
}

/** What a path leads to, in words: `a directory`. */
export function kindOf(stats: FileStats): string {
  if (stats.isFile()) return 'a file';
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return stats.isSymbolicLink() ? 'a symbolic link' : 'a device';
}

/** All bytes up to the end of the file; null when they are more than `limit`. */
function readAll(descriptor: number, size: number, limit: number): Uint8Array | null {
  let bytes = new Uint8Array(size + 1); // One more, to see the end.
  let length = 0;
  for (;;) {
    if (length === bytes.length) {
      const longer = new Uint8Array(Math.min(2 * length + CHUNK, limit + 1));
      longer.set(bytes);
      bytes = longer;
    }
    const read = fs.readSync(descriptor, bytes, length, bytes.length - length, null);
    length += read;
    if (length > limit) return null;
    if (read === 0) return bytes.subarray(0, length);
  }
}
