/** Whether a requested run has a result already. */
import { CheckpointError } from '../index.js';
import { resolveTrainSettings } from '../recipes/index.js';
import { readResult } from './layout.js';
import type { RunRequest } from './request.js';
import type { RunResult } from './result.js';

/** Whether two runs are trained alike; where the files of their data lie does not matter. */
export function sameSettings(a: object, b: object): boolean {
  const text = (given: object): string =>
    JSON.stringify({ ...resolveTrainSettings(given as Record<string, unknown>), data: null });
  return text(a) === text(b);
}

/**
 * The result of a run that did not fail; null where the run must be executed, also because its result is unreadable.
 *
 * @param onNote called about an unreadable result
 * @throws {CheckpointError} when there is the result of a run with other settings
 */
export function finishedRun(
  directory: string,
  request: RunRequest,
  onNote: (text: string) => void = () => {},
): RunResult | null {
  let result: RunResult | null;
  try {
    result = readResult(directory, request.id);
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    onNote(`${error.summary}; ${request.id} is executed again`);
    return null;
  }
  if (result === null || result.status === 'failed') return null;
  if (!sameSettings(result.settings, request.settings) || result.validation !== request.validation) {
    throw new CheckpointError('this directory holds a run with other settings', {
      where: request.directory,
      hint: 'choose another directory, or delete it',
      options: ['out'],
    });
  }
  return result;
}
