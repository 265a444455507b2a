/** What `init({ wasm })` takes, of this realm and of others, and what it refuses. */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { describe, expect, test } from 'vitest';
import { ArgumentError, MissingDataError } from '../../src/index.js';
import { compileWasm, readWasm, type WasmSource } from '../../src/runtime/wasmSource.js';

const file = path.resolve(import.meta.dirname, '../../build/kernels.wasm');
const url = pathToFileURL(file);
const buffer = fs.readFileSync(file);
const bytes = Uint8Array.from(buffer);

/** The bytes after `at` others and before three more. */
function within<B extends ArrayBufferLike>(whole: B, at: number): B {
  new Uint8Array(whole).fill(7).set(bytes, at);
  return whole;
}

const around = (at: number) => within(new ArrayBuffer(bytes.length + at + 3), at);
const sharedAround = (at: number) => within(new SharedArrayBuffer(bytes.length + at + 3), at);

/** The value of an expression in another realm, as `node:vm`, Jest and frames have one: with classes of its own. */
const there = (code: string) => vm.runInNewContext(code, { bytes, length: bytes.length }) as WasmSource;

/** The module, padded to a multiple of eight bytes by a custom section, between two numbers. */
function eights(): BigInt64Array {
  const padding = 3 + ((8 - ((bytes.length + 3) % 8)) % 8);
  const padded = Uint8Array.of(...[0, padding - 2], ...new Uint8Array(padding - 2));
  const whole = new Uint8Array(bytes.length + padding + 16).fill(7);
  whole.set(bytes, 8);
  whole.set(padded, 8 + bytes.length);
  return new BigInt64Array(whole.buffer, 8, whole.length / 8 - 2);
}

/** A Response of another realm, as a polyfill of `fetch` has it. */
const foreignResponse = {
  [Symbol.toStringTag]: 'Response',
  ok: true,
  url: '',
  headers: new Headers(),
  arrayBuffer: async () => there('Uint8Array.from(bytes).buffer') as ArrayBuffer,
};
/** A URL of another realm. */
const foreignUrl = Object.create(URL.prototype, { toString: { value: () => url.href } }) as URL;

describe('bytes', () => {
  test.each<[string, WasmSource]>([
    ['Uint8Array', bytes],
    ['Uint8Array within a buffer', new Uint8Array(around(5), 5, bytes.length)],
    ['Int8Array within a buffer', new Int8Array(around(5), 5, bytes.length)],
    ['Uint8ClampedArray', new Uint8ClampedArray(bytes)],
    ['Buffer', buffer],
    ['Buffer within its pool', Buffer.from(around(9), 9, bytes.length)],
    ['ArrayBuffer', bytes.buffer],
    ['DataView', new DataView(around(1), 1, bytes.length)],
    ['SharedArrayBuffer', within(new SharedArrayBuffer(bytes.length), 0)],
    ['Uint8Array within shared memory', new Uint8Array(sharedAround(16), 16, bytes.length)],
    ['DataView of shared memory', new DataView(sharedAround(3), 3, bytes.length)],
    ['promise of bytes', Promise.resolve(bytes) as never],
    ['Uint8Array of another realm', there('Uint8Array.from(bytes)')],
    ['Uint8Array of another realm, within a buffer', there('new Uint8Array([9, 9, 9, ...bytes, 9]).subarray(3, -1)')],
    ['ArrayBuffer of another realm', there('Uint8Array.from(bytes).buffer')],
    ['SharedArrayBuffer of another realm', within(there('new SharedArrayBuffer(length)') as SharedArrayBuffer, 0)],
    ['DataView of another realm', there('new DataView(Uint8Array.from([9, 9, ...bytes]).buffer, 2)')],
    ['URL', url],
    ['URL as text', url.href],
    ['URL of another realm', foreignUrl],
    ['Response', new Response(bytes)],
    ['promise of a Response', Promise.resolve(new Response(bytes))],
    ['Response of another realm', foreignResponse as unknown as Response],
  ])('of a %s', async (_what, source) => {
    const read = (await readWasm(source)) as Uint8Array;
    expect(Buffer.compare(read, bytes)).toBe(0);
    expect(Object.prototype.toString.call(read.buffer)).toBe('[object ArrayBuffer]');
    expect(read.buffer).not.toBe(bytes.buffer);
  });

  test('of a typed array of wider elements', async () => {
    const module = compileWasm(await readWasm(eights()));
    expect(WebAssembly.Module.exports(module)).toEqual(WebAssembly.Module.exports(new WebAssembly.Module(bytes)));
  });
});

test.each([
  ['this realm', new WebAssembly.Module(bytes)],
  ['another', there('new WebAssembly.Module(bytes)')],
])('a Module of %s is taken as it is', async (_where, module) => {
  expect(await readWasm(module)).toBe(module);
  expect(compileWasm(module as WebAssembly.Module)).toBe(module);
});

describe('refused by name:', () => {
  const given = new ArrayBuffer(8);
  const view = new Uint8Array(given);
  structuredClone(given, { transfer: [given] });
  const empty = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));

  test.each<[unknown, RegExp]>([
    [null, /init: wasm: the kernels cannot come from null\n {2}hint: give bytes, URL, Response or Module/],
    [undefined, /cannot come from undefined/],
    [42, /cannot come from 42/],
    [true, /cannot come from true/],
    [Symbol('kernels'), /cannot come from a symbol/],
    [[...bytes.subarray(0, 8)], /cannot come from an array/],
    [{ url }, /cannot come from an object/],
    [() => bytes, /cannot come from a function/],
    [new Blob([bytes]), /cannot come from a Blob/],
    [new Request('https://page.example/kernels.wasm'), /cannot come from a Request/],
    [empty, /cannot come from an Instance/],
    [Promise.resolve(), /cannot come from undefined/],
    [given, /the buffer with the kernels is detached/],
    [view, /the buffer with the kernels is detached/],
  ])('%o', async (source, message) => {
    const refused = readWasm(source as WasmSource);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(ArgumentError);
  });

  test('a Response that was read, and a fetch that fails', async () => {
    const read = new Response(bytes);
    await read.text();
    await expect(readWasm(read)).rejects.toBeInstanceOf(MissingDataError);
    for (const reason of [new TypeError('offline'), undefined]) {
      const refused = readWasm(Promise.reject(reason));
      await expect(refused).rejects.toThrow(
        /init: wasm: the Response cannot be read: (TypeError: offline|undefined)\n {2}hint: serve/,
      );
      await expect(refused).rejects.toBeInstanceOf(MissingDataError);
    }
  });
});
