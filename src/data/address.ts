/** Addresses of files, whichever way a program names them. */
import { builtin } from '../runtime/host.js';

/** A scheme, which has two letters at least: `C:\data` is a path. */
const SCHEME = /^[a-z][a-z\d+.-]+:/i;

/**
 * The whole address that `place` stands for: a URL is one; anything else is relative to the page, or a path in Node,
 * Deno and Bun. A worker that was started from a text has no place of its own, so addresses are made whole before they
 * are sent there.
 */
export function absoluteAddress(place: string | URL): string {
  const text = String(place);
  if (SCHEME.test(text)) return text;
  const node = builtin<{ pathToFileURL(path: string): URL }>('node:url');
  if (node !== undefined) return node.pathToFileURL(text).href;
  return new URL(text, globalThis.document?.baseURI ?? globalThis.location?.href).href;
}

interface FileSystem {
  readonly promises: {
    stat(file: URL): Promise<{ isFile(): boolean }>;
    readFile(file: URL): Promise<Uint8Array<ArrayBuffer>>;
  };
}

/** What the server answers; a file of this machine is answered as a server would: with its bytes, or with 404. */
export async function fetchAddress(address: string, signal?: AbortSignal): Promise<Response> {
  const files = address.startsWith('file:') ? builtin<FileSystem>('node:fs')?.promises : undefined;
  if (files === undefined) return fetch(address, signal === undefined ? {} : { signal });
  const file = new URL(address);
  const found = await files.stat(file).catch((error: { code?: string }) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  });
  return found?.isFile() ? new Response(await files.readFile(file)) : new Response(null, { status: 404 });
}
