/** Files at addresses. */
import { MissingDataError } from '../runtime/errors.js';
import type { Place } from './load.js';

/** Fetches a file; those next to it are found by its address. @throws {MissingDataError} when it cannot be fetched */
export async function findAddress(source: string | URL): Promise<Place> {
  const { bytes, url } = await fetchBytes(String(source));
  return {
    name: String(source),
    bytes,
    sibling: async (name) => {
      const address = new URL(name, url).href;
      return { name: address, bytes: (await fetchBytes(address)).bytes };
    },
  };
}

async function fetchBytes(address: string): Promise<{ bytes: Uint8Array; url: string }> {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new MissingDataError(`cannot be fetched: ${problem}`, {
      where: address,
      hint: 'is the address right, and does the server allow this page to read (CORS)?',
      cause,
    });
  };
  try {
    const response = await fetch(address);
    if (!response.ok) refuse(`the server says ${response.status}`);
    return { bytes: new Uint8Array(await response.arrayBuffer()), url: response.url };
  } catch (cause) {
    if (cause instanceof MissingDataError) throw cause;
    return refuse(String((cause as Error).cause ?? cause), cause);
  }
}
