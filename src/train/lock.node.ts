/** A file that says which process works in a directory. */
import fs from 'node:fs';
import os from 'node:os';
import { CheckpointError, FileWriteError } from '../runtime/errors.js';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in the system's own terms, where it tells: a process that got the same id later began at another time. */
  readonly began: string | null;
}

/** A lock without a readable holder is being written: so fresh, or left by a kill at just that instant: older. */
const WRITING_MS = 5000;

/**
 * Makes the lock file, or takes it over from a process that is gone.
 *
 * @returns a function that removes it
 * @throws {CheckpointError} when another process that is alive (or on another machine) holds it
 * @throws {FileWriteError} when the file cannot be made
 */
export function takeLock(file: string): () => void {
  const self: Holder = { pid: process.pid, host: os.hostname(), began: beginOf(process.pid) };
  const mine = JSON.stringify(self);
  for (;;) {
    try {
      fs.writeFileSync(file, mine, { flag: 'wx' });
      break;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new FileWriteError(`cannot be written: ${(cause as Error).message}`, { where: file, cause });
      }
    }
    removeStale(file);
  }
  const release = (): void => {
    process.off('exit', release);
    if (readText(file) === mine) fs.rmSync(file, { force: true });
  };
  process.on('exit', release);
  return release;
}

/** Removes the lock of a process that is gone. @throws {CheckpointError} when it is not gone */
function removeStale(file: string): void {
  const text = readText(file);
  if (text === null) return; // Released just now.
  const holder = parseHolder(text);
  if (holder === null ? isFresh(file) : isAlive(holder)) {
    const who = holder === null ? 'another process' : `process ${holder.pid}${holder.host === os.hostname() ? '' : ` on ${holder.host}`}`;
    throw new CheckpointError(`${who} works in this directory`, { where: file, hint: 'wait until it ends; if it is gone for sure, delete this file' });
  }
  // A rename gives the stale file to one process only; if somebody was faster, this is their new lock: it goes back.
  const aside = `${file}.${process.pid}.stale`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return;
  }
  if (readText(aside) === text) fs.rmSync(aside, { force: true });
  else fs.renameSync(aside, file);
}

function readText(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Holder | null;
    return typeof holder?.pid === 'number' && typeof holder.host === 'string' ? holder : null;
  } catch {
    return null;
  }
}

function isFresh(file: string): boolean {
  try {
    return Date.now() - fs.statSync(file).mtimeMs < WRITING_MS;
  } catch {
    return false;
  }
}

/** Whether the holder may still be at work; of another machine nobody can tell, so it may. */
function isAlive({ pid, host, began }: Holder): boolean {
  if (host !== os.hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = beginOf(pid);
  return began === null || now === null || began === now;
}

/** When a process began, from /proc where there is one: the 22nd field, after the name in parentheses. */
function beginOf(pid: number): string | null {
  const stat = readText(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}
