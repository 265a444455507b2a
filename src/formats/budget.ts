/** How much memory reading a file may take. */
import { ArgumentError, FileFormatError } from '../runtime/errors.js';

/** A small file may unpack to this many bytes, however it is compressed. */
const ALWAYS = 64 * 2 ** 20;

/** A large file may unpack to so many times its own size. */
const RATIO = 16;

/**
 * The bytes that a file may still unpack to: what is decompressed, the tensors that are made of it, and the objects
 * around them. Sizes that a file states are taken from here before anything is allocated.
 */
export class Budget {
  #left: number;
  readonly #total: number;

  /** @throws {ArgumentError} when `limit` is not a positive number */
  constructor(
    readonly file: string,
    bytes: number,
    limit?: number,
  ) {
    if (limit !== undefined && !(limit > 0))
      throw new ArgumentError(`limit must be a number of bytes > 0, not ${limit}`, { where: 'load' });
    this.#total = limit ?? Math.max(ALWAYS, RATIO * bytes);
    this.#left = this.#total;
  }

  /** Takes `bytes` for `what`, as it stands in messages. @throws {FileFormatError} when so many are not left */
  take(bytes: number, what: string, offset?: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    throw new FileFormatError(
      `${what} takes ${bytes} bytes, and the file would unpack to more than ${this.#total} in all`,
      {
        file: this.file,
        ...(offset !== undefined && { offset }),
        hint: 'if the file is to be trusted, pass { limit: bytes }',
      },
    );
  }
}
