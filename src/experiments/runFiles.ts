/** The directory of one run of a study or a sweep: how it is opened, cleared and pruned. */
import fs from 'node:fs';
import path from 'node:path';
import { CheckpointError, FileWriteError, LanewiseError, LockedError } from '../index.js';
import { RunDirectory, takeLock } from '../node/index.js';
import type { RunSettings } from '../recipes/index.js';
import { trainSettings } from './checks.js';
import { checkLock, isFile, removeUnfinished } from './files.js';
import { sameSettings } from './finished.js';
import { readJson } from './json.js';
import type { RunRequest } from './request.js';

export const CURVE = 'curve.f32';
const [CONFIG, METRICS, LAST, BEST, STATE, RESULT] = [
  'config.json',
  'metrics.jsonl',
  'last.safetensors',
  'best.safetensors',
  'state.safetensors',
  'result.json',
];

/** The hint for damaged files of a run. Its result depends on its settings alone, so nothing is lost but time. */
export const runAgain = (directory: string): string => `delete ${directory}: the same command runs it again`;

/** How long the process that had the directory before may take to notice that it is alone, and go. */
const LOCK_PATIENCE_MS = 10_000;

/**
 * Opens the directory of a run: with a state, the run continues from it; without one it begins, also when the state was
 * removed because the run was done and its result is lost.
 *
 * @throws {LockedError} when another process works there, and does not end within ten seconds
 * @throws {CheckpointError} when it holds a run with other settings, or damaged files
 * @throws {FileWriteError} when it cannot be written to
 */
export async function openRun(directory: string, settings: RunSettings): Promise<RunDirectory> {
  const since = performance.now();
  for (;;) {
    try {
      return beginOrContinue(directory, settings);
    } catch (error) {
      // When a study is killed, the process that executed its run needs a moment to notice.
      if (!(error instanceof LockedError) || performance.now() - since > LOCK_PATIENCE_MS) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
    }
  }
}

function beginOrContinue(directory: string, settings: RunSettings): RunDirectory {
  const hint = runAgain(directory);
  const at = (name: string): string => path.join(directory, name);
  checkLock(at('lock'));
  const config = readJson(at(CONFIG), trainSettings, hint);
  if (config !== null && !sameSettings(config, settings)) {
    throw new CheckpointError('this directory holds a run with other settings', {
      where: directory,
      hint: 'choose another directory, or delete it',
      options: ['out'],
    });
  }
  const continues = isFile(at(STATE), hint);
  if (continues && config === null) {
    throw new CheckpointError(`there is a ${STATE} without a ${CONFIG}`, { where: directory, hint });
  }
  if (!continues) clear(directory);
  const run = continues ? RunDirectory.open(directory) : RunDirectory.create(directory, settings);
  removeUnfinished(directory, [CONFIG, METRICS, LAST, BEST, STATE, CURVE, RESULT]);
  return run;
}

/** Removes the files of a run that has no state. @throws {LockedError} when another process works there */
function clear(directory: string): void {
  if (!fs.existsSync(directory)) return;
  const release = takeLock(path.join(directory, 'lock'));
  try {
    // The settings last: after a kill in between the directory still says which run it belongs to.
    for (const name of [BEST, LAST, METRICS, CURVE, CONFIG]) fs.rmSync(path.join(directory, name), { force: true });
  } catch (cause) {
    throw new FileWriteError(`cannot be cleared: ${(cause as Error).message}`, {
      where: directory,
      hint: runAgain(directory),
      cause,
    });
  } finally {
    release();
  }
}

/** Removes the state and the best weights of a run that is done, as far as they can be removed. */
export function prune(directory: string): void {
  for (const name of [STATE, BEST]) {
    try {
      fs.rmSync(path.join(directory, name), { force: true });
    } catch {
      // It does no harm.
    }
  }
}

/** Finishes what a kill after the result of a run left undone: prunes it, and removes its lock. */
export function tidy({ directory, prune: pruned }: Pick<RunRequest, 'directory' | 'prune'>): void {
  const lock = path.join(directory, 'lock');
  if (fs.existsSync(lock)) {
    try {
      checkLock(lock);
      takeLock(lock)();
    } catch (error) {
      if (!(error instanceof LanewiseError)) throw error;
      return; // Another process still works there.
    }
  }
  if (pruned) prune(directory);
}
