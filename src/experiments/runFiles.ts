/** The directory of one run of a study or a sweep: begun, gone on with, and what is left of it in the end. */
import fs from 'node:fs';
import path from 'node:path';
import { CheckpointError, FileWriteError, LanewiseError, LockedError } from '../index.js';
import { RunDirectory, takeLock } from '../node.js';
import type { RunSettings } from '../recipes.js';
import { trainSettings } from './checks.js';
import type { RunRequest } from './executor.js';
import { checkLock, isFile, removeUnfinished } from './files.js';
import { sameSettings } from './finished.js';
import { readJson } from './json.js';

export const CURVE = 'curve.f32';
const [CONFIG, METRICS, LAST, BEST, STATE, RESULT] = [
  'config.json',
  'metrics.jsonl',
  'last.safetensors',
  'best.safetensors',
  'state.safetensors',
  'result.json',
];

/** What can be done about a run of which a file is damaged: it depends on its settings alone. */
export const beginAnew = (directory: string): string => `delete ${directory}: the same command runs it anew`;

/** How long the process that had the directory before may take to notice that it is alone, and go. */
const LOCK_PATIENCE_MS = 10_000;

/**
 * Opens the directory of a run: one with a state goes on from there; any other begins, also where the state was removed
 * because the run was done, but its result is lost.
 *
 * @throws {LockedError} when another process works there, and does not end within ten seconds
 * @throws {CheckpointError} when it holds a run with other settings, or files that cannot be gone on with
 * @throws {FileWriteError} when it cannot be written to
 */
export async function openRun(directory: string, settings: RunSettings): Promise<RunDirectory> {
  const since = performance.now();
  for (;;) {
    try {
      return beginOrGoOn(directory, settings);
    } catch (error) {
      // Who ran this before was killed; the process that worked for it may need a moment to notice.
      if (!(error instanceof LockedError) || performance.now() - since > LOCK_PATIENCE_MS) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
    }
  }
}

function beginOrGoOn(directory: string, settings: RunSettings): RunDirectory {
  const hint = beginAnew(directory);
  const at = (name: string): string => path.join(directory, name);
  checkLock(at('lock'));
  const config = readJson(at(CONFIG), trainSettings, hint);
  if (config !== null && !sameSettings(config, settings)) {
    throw new CheckpointError('this directory holds a run with other settings', {
      where: directory,
      hint: 'choose another --out, or delete it',
    });
  }
  const goesOn = isFile(at(STATE), hint);
  if (goesOn && config === null) {
    throw new CheckpointError(`there is a ${STATE} without a ${CONFIG}`, { where: directory, hint });
  }
  if (!goesOn) clear(directory);
  const run = goesOn ? RunDirectory.open(directory) : RunDirectory.create(directory, settings);
  removeUnfinished(directory, [CONFIG, METRICS, LAST, BEST, STATE, CURVE, RESULT]);
  return run;
}

/** Removes what a run without a state left. @throws {LockedError} when another process works there */
function clear(directory: string): void {
  if (!fs.existsSync(directory)) return;
  const release = takeLock(path.join(directory, 'lock'));
  try {
    // The settings last: a kill on the way leaves a directory of which it is known whose it is.
    for (const name of [BEST, LAST, METRICS, CURVE, CONFIG]) fs.rmSync(path.join(directory, name), { force: true });
  } catch (cause) {
    throw new FileWriteError(`cannot be cleared: ${(cause as Error).message}`, {
      where: directory,
      hint: beginAnew(directory),
      cause,
    });
  } finally {
    release();
  }
}

/** Keeps of a run that is done its result and the weights that the digest is of. What cannot be removed stays. */
export function prune(directory: string): void {
  for (const name of [STATE, BEST]) {
    try {
      fs.rmSync(path.join(directory, name), { force: true });
    } catch {
      // It only takes up room.
    }
  }
}

/** Does for a run that has its result what a kill kept it from doing: prunes it, and gives up its lock. */
export function tidy({ directory, prune: pruned }: Pick<RunRequest, 'directory' | 'prune'>): void {
  const lock = path.join(directory, 'lock');
  if (fs.existsSync(lock)) {
    try {
      checkLock(lock);
      takeLock(lock)();
    } catch (error) {
      if (!(error instanceof LanewiseError)) throw error;
      return; // Someone is at it.
    }
  }
  if (pruned) prune(directory);
}
