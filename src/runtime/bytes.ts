import { describe } from './describe.js';
import { ArgumentError } from './errors.js';

/**
 * The bytes of a buffer or a view of one, of this realm or another: ArrayBuffer, SharedArrayBuffer, DataView, a typed
 * array (its bytes in memory order) or a Node `Buffer`. They are not copied.
 *
 * @throws {ArgumentError} for everything else
 */
export function bytesOf(value: unknown, where: string): Uint8Array<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  const kind = Object.prototype.toString.call(value);
  if (kind === '[object ArrayBuffer]' || kind === '[object SharedArrayBuffer]')
    return new Uint8Array(value as ArrayBuffer);
  throw new ArgumentError(`expected bytes (a Uint8Array or an ArrayBuffer), not ${describe(value)}`, { where });
}
