/** The kernels from outside the JavaScript: a file of the package, wherever a program keeps it. */
import { describe } from './describe.js';
import { ArgumentError, FileFormatError, MissingDataError } from './errors.js';
import { builtin } from './host.js';
import { isUrl, tagOf } from './realms.js';

/** A .wasm file as its bytes, its address, its Response (or the promise of one), or compiled; of any realm. */
export type WasmSource =
  | ArrayBufferView
  | ArrayBufferLike
  | string
  | URL
  | Response
  | PromiseLike<Response>
  | WebAssembly.Module;

interface FileSystem {
  readFile(file: URL): Promise<Uint8Array>;
}

const WHERE = 'init: wasm';
const MAGIC = [0, 97, 115, 109];
const MODULE = '[object WebAssembly.Module]';

/**
 * The bytes of a source, or the Module that it is.
 *
 * @throws {MissingDataError} when it cannot be read
 * @throws {FileFormatError} when it is no WebAssembly, or not all of it
 * @throws {ArgumentError} when it is nothing of the kind
 * @internal
 */
export async function readWasm(source: WasmSource): Promise<Uint8Array<ArrayBuffer> | WebAssembly.Module> {
  const given: unknown = await Promise.resolve(source).catch((cause: unknown) => {
    throw unreadable('the Response', cause);
  });
  if (ArrayBuffer.isView(given)) return checked(copyOf(given.buffer, given.byteOffset, given.byteLength), WHERE);
  if (typeof given === 'string' || isUrl(given)) return fromAddress(given);
  switch (tagOf(given)) {
    case MODULE:
      return given as WebAssembly.Module;
    case '[object ArrayBuffer]':
    case '[object SharedArrayBuffer]':
      return checked(copyOf(given as ArrayBufferLike), WHERE);
    case '[object Response]':
      return fromResponse(given as Response, (given as Response).url || 'the Response');
  }
  throw new ArgumentError(`the kernels cannot come from ${describe(given)}`, {
    where: WHERE,
    hint: 'give bytes, URL, Response or Module of the file kernels.wasm',
  });
}

/** Bytes of any buffer, in one that is not shared: engines compile no others. */
function copyOf(buffer: ArrayBufferLike, offset = 0, length = buffer.byteLength): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(new Uint8Array(buffer, offset, length));
  } catch (cause) {
    throw new ArgumentError('the buffer with the kernels is detached', {
      where: WHERE,
      hint: 'give a copy of it to the worker that it was transferred to',
      cause,
    });
  }
}

/** Whether a value is a compiled module. @internal */
export function isModule(value: unknown): value is WebAssembly.Module {
  return tagOf(value) === MODULE;
}

async function fromAddress(address: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const files = builtin<FileSystem>('node:fs/promises');
  if (files === undefined || !String(address).startsWith('file:')) {
    const response = await fetch(String(address)).catch((cause: unknown) => {
      throw unreadable(String(address), cause);
    });
    return fromResponse(response, String(address));
  }
  const bytes = await files.readFile(new URL(address)).catch((cause: unknown) => {
    throw unreadable(String(address), cause);
  });
  return checked(new Uint8Array(bytes), String(address));
}

async function fromResponse(response: Response, name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.ok) throw unreadable(name, `the server says ${response.status}`);
  const bytes = await response.arrayBuffer().catch((cause: unknown) => {
    throw unreadable(name, cause);
  });
  return checked(new Uint8Array(bytes), name, response.headers.get('content-type'));
}

function checked(bytes: Uint8Array<ArrayBuffer>, file: string, type?: string | null): Uint8Array<ArrayBuffer> {
  if (MAGIC.every((byte, i) => bytes[i] === byte)) return bytes;
  throw new FileFormatError(
    `not a WebAssembly module: it begins with ${JSON.stringify(String.fromCharCode(...bytes.subarray(0, 16)))}` +
      (type ? `, and the server calls it ${type}` : ''),
    {
      file,
      offset: 0,
      hint: 'serve lanewise/kernels.wasm there (single-page servers answer with their page)',
    },
  );
}

/** Compiles what was read. @throws {FileFormatError} when it is damaged @internal */
export function compileWasm(code: Uint8Array<ArrayBuffer> | WebAssembly.Module): WebAssembly.Module {
  if (!(code instanceof Uint8Array)) return code;
  try {
    return new WebAssembly.Module(code);
  } catch (cause) {
    // A Content-Security-Policy forbids compiling in words of its own.
    if (WebAssembly.validate(code)) throw cause;
    throw new FileFormatError(`the ${code.length} bytes are truncated or corrupt (${(cause as Error).message})`, {
      file: WHERE,
      hint: 'serve lanewise/kernels.wasm there (kernels.relaxed.wasm needs an engine with relaxed SIMD)',
      cause,
    });
  }
}

/** What the custom section "lanewise" of a module says; '' where it has none. @internal */
export function markOf(module: WebAssembly.Module): string {
  const [section] = WebAssembly.Module.customSections(module, 'lanewise');
  return section === undefined ? '' : String.fromCharCode(...new Uint8Array(section));
}

function unreadable(address: string, cause: unknown): MissingDataError {
  const reason = String((cause as Error | undefined)?.cause ?? cause);
  return new MissingDataError(`${address} cannot be read: ${reason}`, {
    where: WHERE,
    hint: 'serve lanewise/kernels.wasm there',
    cause,
  });
}
