/** A file that says which process works in a directory. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { namesIn, removeFile } from '../io/files.node.js';
import { checkArguments } from '../runtime/arguments.js';
import { CheckpointError, FileWriteError, LockedError } from '../runtime/errors.js';
import { pause } from '../runtime/pause.node.js';
import { kindOf, readRegularFile } from '../runtime/readFile.node.js';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in units of the system, if known: a later process with the same id has another value. */
  readonly began: string | null;
}

/** How long a lock is tried when others take it, or take it over, at the same moment. */
const PATIENCE_MS = 1000;
const WAIT_MS = 5;

/** An empty lock of this age is not one that is just being written. */
const WRITING_MS = 250;

/** Left-over files of this age are removed even if a process with the id in their name exists. */
const LEFT_OVER_MS = 60_000;

/** More bytes than a lock has. */
const MOST_BYTES = 4096;

/** A takeover is guarded by a lock, which is taken over in the same way. Each level needs a kill in microseconds. */
const MOST_GUARDS = 3;

/**
 * Makes the lock file, or takes it over from a process that is gone. The file appears complete or not at all.
 *
 * @returns a function that removes it
 * @throws {LockedError} when another process that is alive (or on another machine) holds it
 * @throws {CheckpointError} when something else has the name: a directory, a pipe, a link to nothing, another file
 * @throws {FileWriteError} when the file cannot be made
 */
export function takeLock(file: string): () => void {
  checkArguments('takeLock(file="runs/first/lock")', file);
  const mine = JSON.stringify({ pid: process.pid, host: os.hostname(), began: beginOf(process.pid) } satisfies Holder);
  const giveUp = performance.now() + PATIENCE_MS;
  while (!place(file, mine)) {
    removeStale(file, mine, 0);
    if (performance.now() > giveUp) {
      throw new LockedError('other processes keep taking this lock', {
        where: file,
        hint: `try again; if none works here, delete ${file}*`,
      });
    }
  }
  removeLeftOvers(file, mine);
  const release = (): void => {
    process.off('exit', release);
    if (isMine(file, mine)) removeFile(file);
  };
  process.on('exit', release);
  return release;
}

/** Makes the file with all its contents; false if there is one of this name. @throws {FileWriteError} when it cannot */
function place(file: string, contents: string): boolean {
  const temporary = path.join(
    path.dirname(file),
    `.${path.basename(file)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    fs.writeFileSync(temporary, contents, { flag: 'wx' });
    fs.linkSync(temporary, file); // Unlike a rename, replaces nothing.
    return true;
  } catch (error) {
    return codeOf(error) === 'EEXIST' ? false : placeInSteps(file, contents);
  } finally {
    removeFile(temporary);
  }
}

/** `place` for a file system without hard links: the file is empty for a moment. @throws as `place` */
function placeInSteps(file: string, contents: string): boolean {
  let made = false;
  try {
    const descriptor = fs.openSync(file, 'wx');
    made = true;
    try {
      fs.writeFileSync(descriptor, contents);
    } finally {
      fs.closeSync(descriptor);
    }
    return true;
  } catch (cause) {
    if (made) removeFile(file);
    if (codeOf(cause) === 'EEXIST') return false;
    throw new FileWriteError(`cannot be written: ${(cause as Error).message}`, {
      where: file,
      hint: `is ${path.dirname(file)} a directory that you may write to, with room left?`,
      cause,
    });
  }
}

/**
 * Removes a lock whose process is gone. Only the holder of `FILE.takeover` may do that, and only after it has read the
 * lock again: another process may have taken it over in the meantime. `FILE.takeover` is itself a lock, and is removed
 * in the same way if its process was killed.
 *
 * @throws {LockedError} when the process is not gone
 * @throws {CheckpointError} when it is not a lock
 */
function removeStale(file: string, mine: string, level: number): void {
  if (!isStale(file)) return;
  const guard = `${file}.takeover`;
  if (place(guard, mine)) {
    try {
      if (isStale(file)) removeFile(file);
    } finally {
      removeFile(guard);
    }
  } else if (level < MOST_GUARDS) {
    try {
      removeStale(guard, mine, level + 1);
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
      pause(WAIT_MS); // Another process is taking it over right now.
    }
  }
}

/** Whether the process of a lock is gone; false if there is no lock, too. @throws as `removeStale` */
function isStale(file: string): boolean {
  const text = readLock(file);
  if (text === null) return false;
  if (/^\0*$/.test(text)) {
    if (ageOf(file) > WRITING_MS) return true; // A kill or a full disk left it, or a power cut.
    pause(WAIT_MS);
    return false;
  }
  const holder = parseHolder(text);
  if (holder === null)
    throw new CheckpointError('this is not a lock of lanewise', {
      where: file,
      hint: 'if no other process works in this directory, delete this file',
    });
  if (!isAlive(holder)) return true;
  const where = holder.host === os.hostname() ? '' : ` on ${holder.host}`;
  throw new LockedError(`process ${holder.pid}${where} works in this directory`, {
    where: file,
    hint: 'wait until it ends; if it is gone for sure, delete this file',
  });
}

/** The text of a lock; null where there is none. @throws {CheckpointError} when something else has the name */
function readLock(file: string): string | null {
  const hint = 'remove it: this is the name of the lock of the process that works in this directory';
  try {
    return new TextDecoder().decode(readRegularFile(file, { limit: MOST_BYTES, error: CheckpointError, hint }));
  } catch (error) {
    if (codeOf((error as Error).cause) !== 'ENOENT') throw error;
    const stats = fs.lstatSync(file, { throwIfNoEntry: false });
    if (stats === undefined || stats.isFile()) return null; // Released just now, or taken again.
    throw new CheckpointError(`this is ${kindOf(stats)} that leads nowhere, not a lock`, {
      where: file,
      hint,
      cause: error,
    });
  }
}

function isMine(file: string, mine: string): boolean {
  try {
    return readLock(file) === mine;
  } catch {
    return false;
  }
}

/**
 * Removes what killed processes left: temporary files of `place`, takeovers, and the `FILE.PID.stale` of older
 * versions. Those of a process that is alive stay.
 */
function removeLeftOvers(file: string, mine: string): void {
  const [directory, name] = [path.dirname(file), path.basename(file)];
  for (const other of namesIn(directory)) {
    const id = between(`.${name}.`, other, '.tmp') ?? between(`${name}.`, other, '.stale');
    const [known, pid] = /^(?:takeover\.)*(?:(\d+)(?:\.[0-9a-f]+)?|[0-9a-f]+)$/.exec(id ?? '') ?? [];
    if (known === undefined) continue;
    const left = path.join(directory, other);
    if (pid === undefined || !isProcess(Number(pid)) || ageOf(left) > LEFT_OVER_MS) removeFile(left);
  }
  for (let level = MOST_GUARDS + 1; level > 0; level--) {
    try {
      removeStale(file + '.takeover'.repeat(level), mine, 0);
    } catch {
      // Its process is alive, or it is something else.
    }
  }
}

function between(begin: string, text: string, end: string): string | null {
  return text.startsWith(begin) && text.endsWith(end) ? text.slice(begin.length, text.length - end.length) : null;
}

/** Milliseconds since the file was written; 0 where there is none. */
function ageOf(file: string): number {
  const written = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return written === undefined ? 0 : Math.abs(Date.now() - written); // The clock may have been set back.
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

function parseHolder(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Holder | null;
    return typeof holder?.host === 'string' && isId(holder.pid) ? holder : null;
  } catch {
    return null;
  }
}

/** Whether the holder may still be at work. A process of another machine cannot be looked up, so it may. */
function isAlive({ pid, host, began }: Holder): boolean {
  if (host !== os.hostname()) return true;
  if (!isProcess(pid)) return false;
  const now = beginOf(pid);
  return began === null || now === null || began === now;
}

const isId = (pid: unknown): pid is number => Number.isInteger(pid) && (pid as number) > 0 && (pid as number) < 2 ** 31;

/** Whether a process has this id; true where that cannot be found out. */
function isProcess(pid: number): boolean {
  if (!isId(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** When a process began, from /proc where there is one: the 22nd field, after the name in parentheses. */
function beginOf(pid: number): string | null {
  try {
    const stat = new TextDecoder().decode(readRegularFile(`/proc/${pid}/stat`));
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
