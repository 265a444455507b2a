/** Files that are either written whole or not at all. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { FileWriteError } from '../runtime/errors.js';

/**
 * Writes a file so that, whatever happens (an error, a kill, a power cut), its name has either the old contents or all
 * of the new: the bytes go to another file in the same directory and to the disk, then that file takes the name. The
 * other file is removed on failure; only a kill can leave one (`.NAME.RANDOM.tmp`).
 *
 * @throws {FileWriteError} when the directory is missing, not writable or full; the old contents stay
 */
export function writeFileAtomic(file: string, contents: Uint8Array | string): void {
  const directory = path.dirname(file);
  const temporary = path.join(directory, `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeThrough(temporary, contents);
    try {
      fs.renameSync(temporary, file);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
  } catch (cause) {
    throw new FileWriteError(`cannot be written: ${(cause as Error).message}`, {
      where: file, hint: `is ${directory} a directory that you may write to, with room left?`, cause,
    });
  }
  syncDirectory(directory);
}

/** Writes a new file to the disk, or leaves none. */
function writeThrough(file: string, contents: Uint8Array | string): void {
  const descriptor = fs.openSync(file, 'wx');
  try {
    fs.writeFileSync(descriptor, contents);
    fs.fsyncSync(descriptor);
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Makes the new name last through a power cut. Some systems cannot do that; the file is whole all the same. */
function syncDirectory(directory: string): void {
  try {
    const descriptor = fs.openSync(directory, 'r');
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    // Windows opens no directories.
  }
}
