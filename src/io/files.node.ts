/** Files that are written completely or not at all, and the directories for them. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { checkArguments } from '../runtime/arguments.js';
import { FileWriteError } from '../runtime/errors.js';

/**
 * Writes a file so that, whatever happens (an error, a kill, a power cut), its name has either the old contents or all
 * of the new: the bytes go to another file in the same directory and to the disk, then that file takes the name. The
 * other file is removed on failure; only a kill can leave one (`.NAME.RANDOM.tmp`).
 *
 * @throws {FileWriteError} when the directory is missing, not writable or full; the old contents stay
 */
export function writeFileAtomic(file: string, contents: Uint8Array | string): void {
  checkArguments('writeFileAtomic(file="notes.txt", contents="text"|bytes)', file, contents);
  const directory = path.dirname(file);
  const temporary = path.join(directory, `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  let made = false;
  try {
    const descriptor = fs.openSync(temporary, 'wx');
    made = true;
    try {
      fs.writeFileSync(descriptor, contents);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor); // On a network file system, this can be the first to report a full disk.
    }
    fs.renameSync(temporary, file);
  } catch (cause) {
    if (made) removeFile(temporary);
    throw new FileWriteError(`cannot be written: ${(cause as Error).message}`, {
      where: file,
      hint: `is ${directory} a directory that you may write to, with room left?`,
      cause,
    });
  }
  syncDirectory(directory);
}

const UNFINISHED = /^\.(.+)\.[0-9a-f]+\.tmp$/;

/**
 * Removes the temporary files that a killed `writeFileAtomic` left for files of these names. Call it only while no
 * other process writes these files, for instance with the lock of the directory. What cannot be removed stays.
 */
export function removeUnfinished(directory: string, names: readonly string[]): void {
  checkArguments('removeUnfinished(directory="runs/first", names=["config.json"])', directory, names);
  for (const name of namesIn(directory)) {
    const [, file] = UNFINISHED.exec(name) ?? [];
    if (file !== undefined && names.includes(file)) removeFile(path.join(directory, name));
  }
}

/** The names in a directory; none if it cannot be listed. */
export function namesIn(directory: string): string[] {
  try {
    return fs.readdirSync(directory);
  } catch {
    return [];
  }
}

/** Removes a file, if it is there and can be removed. */
export function removeFile(file: string): void {
  try {
    fs.unlinkSync(file);
  } catch {
    // It stays.
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

/**
 * Makes a directory and those above it. One by one: `mkdir` with `recursive: true` never returns below /proc.
 *
 * @returns those that were missing, from the top
 * @throws {FileWriteError} when it cannot be made or written to, or the name belongs to something else; what was made
 *   on the way is removed
 */
export function makeDirectory(directory: string): string[] {
  checkArguments('makeDirectory(directory="runs/first")', directory);
  const made: string[] = [];
  try {
    const missing: string[] = [];
    for (let each = path.resolve(directory); !fs.existsSync(each); each = path.dirname(each)) missing.unshift(each);
    for (const each of missing) if (makeOne(each)) made.push(each);
    if (!fs.statSync(directory).isDirectory()) throw new Error('it is not a directory');
    fs.accessSync(directory, fs.constants.W_OK | fs.constants.X_OK);
    return made;
  } catch (cause) {
    removeEmpty(made);
    throw new FileWriteError(`the directory cannot be made or written to: ${(cause as Error).message}`, {
      where: directory,
      hint: 'choose another directory, in a place that you may write to',
      options: ['out'],
      cause,
    });
  }
}

/** Returns false where another process made it in between. */
function makeOne(directory: string): boolean {
  try {
    fs.mkdirSync(directory);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!fs.existsSync(directory)) throw new Error(`${directory} is a link to a missing place`, { cause: error });
    return false;
  }
}

/** Removes directories from the last to the first, as far as they are empty. @internal */
export function removeEmpty(directories: readonly string[]): void {
  try {
    for (const each of [...directories].reverse()) fs.rmdirSync(each);
  } catch {
    // Another process put something into it, or it cannot be removed: it stays, and so do those above it.
  }
}
