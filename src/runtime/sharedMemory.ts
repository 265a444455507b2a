/**
 * Threads need a module that imports a shared memory, and one thread without shared memory one that does not. The two
 * differ in the limits of one import, so there is one build, and those few bytes are rewritten when threads start.
 *
 * Binary format: WebAssembly core specification, 5.5.5 (import section) and 5.3.8 (limits).
 */
import { readUnsigned, unsigned } from './leb128.js';

const IMPORT_SECTION = 2;
const MEMORY = 2;
const HEADER_BYTES = 8;
const SHARED_WITH_MAXIMUM = 3;

/**
 * The module with its imported memory declared as shared, of at most `maximumPages` pages.
 *
 * @throws {TypeError} when the module's first and only import is not a memory without a maximum
 */
export function withSharedMemory(code: Uint8Array, maximumPages: number): Uint8Array<ArrayBuffer> {
  const cursor = { at: HEADER_BYTES };
  while (cursor.at < code.length) {
    const section = cursor.at;
    const id = code[cursor.at++];
    const size = readUnsigned(code, cursor);
    const end = cursor.at + size;
    if (id !== IMPORT_SECTION) {
      cursor.at = end;
      continue;
    }
    const contents = cursor.at;
    const imports = readUnsigned(code, cursor);
    for (let name = 0; name < 2; name++) {
      const length = readUnsigned(code, cursor);
      cursor.at += length;
    }
    if (imports !== 1 || code[cursor.at++] !== MEMORY || code[cursor.at] !== 0) break;
    const limits = cursor.at++;
    const minimum = readUnsigned(code, cursor);
    const head = code.subarray(contents, limits);
    const tail = code.subarray(cursor.at, end);
    const memory = [SHARED_WITH_MAXIMUM, ...unsigned(minimum), ...unsigned(maximumPages)];
    return join(
      code.subarray(0, section),
      [IMPORT_SECTION, ...unsigned(head.length + memory.length + tail.length)],
      head,
      memory,
      tail,
      code.subarray(end),
    );
  }
  throw new TypeError('the module imports no memory of the expected kind');
}

function join(...parts: ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
