/** Tables at paths. */
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MissingDataError } from '../../runtime/errors.js';
import { kindOf } from '../../runtime/readFile.node.js';
import { fetchPlace } from '../fetch.js';
import type { Place } from '../read.js';

/** A file, piece by piece, or what an address leads to. */
export function findFile(source: string | URL): Place | Promise<Place> {
  const text = String(source);
  if (!text.startsWith('file:') && (source instanceof URL || /^(https?|data|blob):/.test(text)))
    return fetchPlace(source);
  const file = text.startsWith('file:') ? fileURLToPath(text) : text;
  return { name: file, pieces: piecesOf(file) };
}

const PIECE = 2 ** 20;

/** @throws {MissingDataError} when the file is missing, unreadable or not a regular file */
function* piecesOf(file: string): Generator<Uint8Array> {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new MissingDataError(`cannot be read: ${problem}`, { where: file, cause });
  };
  let descriptor: number | undefined;
  try {
    const stats = fs.statSync(file); // Before it is opened: to open a pipe would wait for a writer.
    if (!stats.isFile()) refuse(`it is ${kindOf(stats)}, not a file`);
    descriptor = fs.openSync(file, 'r');
  } catch (cause) {
    if (cause instanceof MissingDataError) throw cause;
    refuse((cause as Error).message, cause);
  }
  try {
    const bytes = new Uint8Array(PIECE);
    for (;;) {
      const read = fs.readSync(descriptor!, bytes, 0, PIECE, null);
      if (read === 0) return;
      yield bytes.subarray(0, read);
    }
  } finally {
    fs.closeSync(descriptor!);
  }
}
