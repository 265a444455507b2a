/** The kernels from outside the JavaScript: a file of the package, wherever a program keeps it. */
import { MissingDataError } from './errors.js';

/** A .wasm file as its bytes, its address, its Response (or the promise of one), or compiled. */
export type WasmSource = Uint8Array | ArrayBuffer | string | URL | Response | PromiseLike<Response> | WebAssembly.Module;

interface FileSystem { readFile(file: URL): Promise<Uint8Array> }

/** The bytes of a source, or the Module that it is. @throws {MissingDataError} when it cannot be read @internal */
export async function readWasm(source: WasmSource): Promise<Uint8Array<ArrayBuffer> | WebAssembly.Module> {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Uint8Array) return new Uint8Array(source);
  if (typeof source === 'string' || source instanceof URL) return fromAddress(source);
  if (isModule(source)) return source;
  return fromResponse(await (source as Response | PromiseLike<Response>));
}

/** Whether a value is a compiled module, of this realm or another. @internal */
export function isModule(value: unknown): value is WebAssembly.Module {
  return Object.prototype.toString.call(value) === '[object WebAssembly.Module]';
}

async function fromAddress(address: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const files = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process?.getBuiltinModule?.('node:fs/promises') as FileSystem | undefined;
  try {
    if (files !== undefined && String(address).startsWith('file:')) return new Uint8Array(await files.readFile(new URL(address)));
    return await fromResponse(await fetch(address));
  } catch (cause) {
    if (cause instanceof MissingDataError) throw cause;
    throw unreadable(String(address), String((cause as Error).cause ?? cause), cause);
  }
}

async function fromResponse(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.ok) throw unreadable(response.url, `the server says ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

function unreadable(address: string, reason: string, cause?: unknown): MissingDataError {
  return new MissingDataError(`${address} cannot be read: ${reason}`, { where: 'init: wasm', hint: 'serve the file kernels.wasm of the package lanewise there', cause });
}
