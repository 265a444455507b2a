/** Runs through a queue, for `sweep` and `experiment`: their options, and what executes them. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import process from 'node:process';
import type { Executor } from '../experiments/executor.js';
import { fields, oneOf, readJson, text } from '../experiments/json.js';
import { LocalExecutor } from '../experiments/localExecutor.js';
import { makeDirectory, writeFileAtomic } from '../node/index.js';
import { parseQueueAddress } from '../queue/address.js';
import { connect } from '../queue/connection.js';
import { QueueExecutor } from '../queue/executor.js';
import { machineOf } from '../queue/registry.js';
import type { Verified } from '../queue/verification.js';
import type { OptionTable } from '../recipes/index.js';
import { plural } from '../text/numbers.js';
import type { Output } from './output.js';
import { checkUsage, UsageError } from './usage.js';

/** The options of a command whose runs may go through a queue. */
export const QUEUE_OPTIONS = {
  queue: {
    kind: 'text',
    default: null,
    value: 'URL',
    help:
      'submit the runs to a queue on Redis, redis://HOST:PORT/NAME, and wait for what `lanewise work` makes of them ' +
      'on any machines',
  },
  verify: {
    kind: 'number',
    minimum: 0,
    maximum: 1,
    default: 0,
    value: 'X',
    help: 'with {queue}: the share of the runs that a second worker repeats; digests that differ are told',
  },
} as const satisfies OptionTable;

export interface ExecutionOptions {
  readonly jobs: number;
  readonly queue: string | null;
  readonly verify: number;
}

/** What executes the runs of a command. */
export interface Execution {
  readonly executor: Executor;
  /** Runs at a time; null: as many as the workers of a queue take. */
  readonly jobs: number | null;
  /** What to say when it was stopped. */
  readonly goesOn: (command: string) => string;
  /** Waits for repetitions, and tells what came out. @returns whether all workers agree */
  verified(output: Output): Promise<boolean>;
  close(): Promise<void>;
}

const FILE = 'queue.json';

/** Refuses what does not go together. @throws {UsageError} */
export function checkQueueOptions({ queue, verify }: ExecutionOptions, given: Record<string, unknown>): void {
  if (queue === null) {
    if (verify > 0) throw new UsageError('--verify repeats runs on another worker: it needs --queue');
    return;
  }
  if (given.jobs !== undefined)
    throw new UsageError('--jobs is for runs on this machine: with --queue, `lanewise work --jobs` says how many');
  checkUsage(() => parseQueueAddress(queue));
}

/**
 * What executes runs: processes of this machine, or the workers at a queue.
 *
 * @param directory of the sweep or study, which keeps the name that its jobs have in the queue
 * @throws {QueueError} when the queue cannot be used
 */
export async function openExecution(
  { jobs, queue, verify }: ExecutionOptions,
  directory: string,
  version: string,
  onNote: (text: string) => void,
): Promise<Execution> {
  if (queue === null) {
    const executor = new LocalExecutor(jobs);
    return {
      executor,
      jobs,
      goesOn: (command) => `stopped; to go on: ${command}`,
      verified: async () => true,
      close: () => executor.close(),
    };
  }
  const connection = await connect(parseQueueAddress(queue), onNote);
  let executor: QueueExecutor;
  try {
    const options = { submission: submissionOf(directory), version, verify, onNote };
    executor = await QueueExecutor.open(connection, options);
  } catch (error) {
    connection.close();
    throw error;
  }
  return {
    executor,
    jobs: null,
    goesOn: (command) => `stopped; its runs stay in the queue. To fetch them: ${command}`,
    verified: async (output) => tellVerified(await executor.verification.end(), output),
    close: () => executor.close(),
  };
}

/** The name of what is submitted from a directory; the same one for the same directory. */
function submissionOf(directory: string): string {
  const file = path.join(directory, FILE);
  const check = fields<{ version: 1; submission: string }>({ version: oneOf(1), submission: text });
  const known = readJson(file, check, 'delete it: the runs that are not done are submitted again');
  if (known !== null) return known.submission;
  const submission = randomUUID();
  makeDirectory(directory);
  writeFileAtomic(file, `${JSON.stringify({ version: 1, submission })}\n`);
  return submission;
}

function tellVerified(verified: Verified, output: Output): boolean {
  const { repeated, alone, failed, disagreements } = verified;
  if (repeated + failed === 0) return true;
  output.event('verified', verified);
  output.line(
    `${plural(repeated, 'run')} repeated on another worker` +
      `${alone > 0 ? ` (${alone} on the same, as there was no other)` : ''}` +
      `${failed > 0 ? `, ${failed} more could not be repeated` : ''}: ` +
      (disagreements.length === 0 ? 'the same digests' : `${plural(disagreements.length, 'digest')} differ`),
  );
  for (const { run, workers, digests } of disagreements)
    output.note(
      `error: ${run} has the digest ${digests[0]} on ${machineOf(workers[0])} and ${digests[1]} on ` +
        `${machineOf(workers[1])}: one of these machines computes wrongly`,
    );
  return disagreements.length === 0;
}

/** What was typed, without user and password of a queue's address. */
export function typedCommand(): string {
  const words = process.argv.slice(2).map((word) => word.replace(/(rediss?:\/\/)[^/@\s]*@/, '$1'));
  return `lanewise ${words.join(' ')}`;
}
