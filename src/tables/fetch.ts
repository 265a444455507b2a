import { MissingDataError } from '../runtime/errors.js';
import type { Place } from './read.js';

/** What an address leads to. @throws {MissingDataError} when it cannot be fetched */
export async function fetchPlace(source: string | URL): Promise<Place> {
  const address = String(source);
  const refuse = (reason: string, cause?: unknown): never => {
    throw new MissingDataError(`cannot be fetched: ${reason}`, {
      where: address.slice(0, 100),
      hint: 'CSV itself is given as a text with line breaks',
      cause,
    });
  };
  const response = await fetch(address).catch((cause: unknown) => refuse((cause as Error).message, cause));
  if (!response.ok) return refuse(`the server answers ${response.status}`);
  return { name: address, pieces: [new Uint8Array(await response.arrayBuffer())] };
}
