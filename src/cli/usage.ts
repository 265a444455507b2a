import { ArgumentError } from '../index.js';

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {}

/** Runs `body`, which checks what was asked for; what it refuses is wrong usage. */
export function checkUsage<R>(body: () => R): R {
  try {
    return body();
  } catch (error) {
    if (error instanceof ArgumentError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
