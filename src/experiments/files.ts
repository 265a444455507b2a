/** Access to the files of runs, studies and sweeps that checks their kind first. */
import fs from 'node:fs';
import path from 'node:path';
import { CheckpointError, FileWriteError } from '../index.js';
import { makeDirectory, takeLock } from '../node/index.js';

/**
 * Whether there is a file: one that can be read without waiting, as for the other end of a FIFO.
 *
 * @param hint what to do where there is something else
 * @throws {CheckpointError} when the name belongs to a directory, a FIFO or the like, or cannot be looked at
 */
export function isFile(file: string, hint: string): boolean {
  let stats: fs.Stats;
  try {
    stats = fs.statSync(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw unreadable(file, hint, cause);
  }
  if (stats.isFile()) return true;
  throw new CheckpointError(`is ${kindOf(stats)}, expected a file`, { where: file, hint });
}

/** The bytes of a file; null where there is none. @throws {CheckpointError} when it is not a file, or cannot be read */
export function readFile(file: string, hint: string): Uint8Array | null {
  if (!isFile(file, hint)) return null;
  try {
    return fs.readFileSync(file);
  } catch (cause) {
    throw unreadable(file, hint, cause);
  }
}

const unreadable = (where: string, hint: string, cause: unknown): CheckpointError =>
  new CheckpointError(`cannot be read: ${(cause as Error).message}`, { where, hint, cause });

function kindOf(stats: fs.Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** Removes the temporary files that a kill during `writeFileAtomic` leaves. */
export function removeUnfinished(directory: string, names: readonly string[]): void {
  for (const found of fs.readdirSync(directory)) {
    const [, name] = /^\.(.+)\.[0-9a-f]{12}\.tmp$/.exec(found) ?? [];
    if (name !== undefined && names.includes(name)) fs.rmSync(path.join(directory, found), { force: true });
  }
}

/** @throws {CheckpointError} when a lock file exists but is not a regular file or a link to one */
export function checkLock(file: string): void {
  const hint = 'delete it when no process works in this directory';
  const isLink = fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (!isFile(file, hint) && isLink) {
    throw new CheckpointError('is a link to a missing place, expected a file', { where: file, hint });
  }
}

/**
 * Makes the directory of a study or a sweep where it is missing, and keeps other processes out of it.
 *
 * @param names of the files that are written there
 * @returns a function that lets them in again
 * @throws {FileWriteError} when it cannot be made or written to
 * @throws {LockedError} when another process works there
 * @throws {CheckpointError} when its lock is not a file
 */
export function claimDirectory(directory: string, names: readonly string[]): () => void {
  makeDirectory(directory);
  const lock = path.join(directory, 'lock');
  checkLock(lock);
  let release: () => void;
  try {
    release = takeLock(lock);
  } catch (cause) {
    if (!(cause instanceof FileWriteError) || cause.hint !== undefined) throw cause;
    throw new FileWriteError('cannot be written to', {
      where: directory,
      hint: 'choose another directory, in a place that you may write to',
      options: ['out'],
      cause,
    });
  }
  removeUnfinished(directory, names);
  return release;
}
