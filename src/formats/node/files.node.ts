/** Files at paths. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../../io/files.node.js';
import { readRegularFile } from '../../runtime/readFile.node.js';
import { findAddress } from '../fetch.js';
import type { Place } from '../load.js';

/** Reads a path, or fetches an address. @throws {MissingDataError} when it cannot be read */
export async function findFile(source: string | URL): Promise<Place> {
  const text = String(source);
  if (!text.startsWith('file:') && (source instanceof URL || /^(https?|data|blob):/.test(text)))
    return findAddress(source);
  const file = text.startsWith('file:') ? fileURLToPath(text) : text;
  return {
    name: file,
    bytes: readRegularFile(file),
    sibling: async (name) => {
      const other = path.join(path.dirname(file), name);
      return { name: other, bytes: readRegularFile(other) };
    },
  };
}

/** Writes a file completely or not at all. */
export function writeFile(file: string | URL, bytes: Uint8Array): void {
  writeFileAtomic(file instanceof URL || file.startsWith('file:') ? fileURLToPath(file) : file, bytes);
}
