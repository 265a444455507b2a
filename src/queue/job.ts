/** What travels through a queue: a run as a job, its files, and what is answered. */
import fs from 'node:fs';
import path from 'node:path';
import { runResult, trainSettings } from '../experiments/checks.js';
import { type Check, fields, fileName, flag, nullable, oneOf, share, text, whole } from '../experiments/json.js';
import type { RunRequest } from '../experiments/request.js';
import type { RunResult } from '../experiments/result.js';
import type { ErrorFields } from '../experiments/worker.js';
import { makeDirectory, writeFileAtomic } from '../node/index.js';
import { resolveTrainSettings } from '../recipes/index.js';
import { type Connection, written } from './connection.js';

/** A run, described. A worker finds the data by their checksum, and has its own directories. */
export interface RunJob {
  readonly version: 1;
  /** The version of lanewise that is to execute it. */
  readonly lanewise: string;
  readonly request: Omit<RunRequest, 'directory'>;
  /** The checksum of the data set. */
  readonly data: string;
  /** Whether there are files to go on from. */
  readonly inputs: boolean;
  /** The worker that executed it before, where the job repeats it to compare the digests. */
  readonly avoid: string | null;
  /** Why it failed; written by the worker. */
  readonly error?: Partial<ErrorFields>;
}

/** What a worker answers. */
export interface RunAnswer {
  readonly result: RunResult;
  /** Under which its files are kept. */
  readonly token: string;
  readonly worker: string;
}

const jobFields = fields<Omit<RunJob, 'error'>>({
  version: oneOf(1),
  lanewise: text,
  request: fields<RunJob['request']>({
    id: fileName,
    row: fileName,
    group: text,
    label: text,
    settings: trainSettings,
    validation: share,
    until: nullable(whole(1)),
    threads: whole(1, 64),
    prune: flag,
    attempt: whole(1),
  }),
  data: text,
  inputs: flag,
  avoid: nullable(text),
});

/** A job of which the settings are those of a training, checked value by value. */
export const runJob: Check<RunJob> = (value, place) => {
  const job = jobFields(value, place);
  resolveTrainSettings(job.request.settings as Record<string, unknown>);
  return job;
};

export const runAnswer: Check<RunAnswer> = fields<RunAnswer>({ result: runResult, token: text, worker: text });

// ---- Files ----

/** The files of a run that travel; `result.json` is made of the answer. */
const FILES = [
  'config.json',
  'metrics.jsonl',
  'curve.f32',
  'last.safetensors',
  'best.safetensors',
  'state.safetensors',
] as const;

/** How long what nobody fetched is kept. */
export const KEPT_SECONDS = 30 * 24 * 3600;

/**
 * Copies the files of a run to Redis, in place of what is there.
 *
 * @throws {Error} of Redis, when it refuses them
 */
export async function sendFiles(
  connection: Connection,
  key: string,
  directory: string,
  options: Parameters<typeof written>[2],
): Promise<void> {
  const { redis } = connection;
  const temporary = `${key}:partial`;
  await redis.del(temporary);
  for (const name of FILES) {
    const file = path.join(directory, name);
    if (!fs.existsSync(file)) continue;
    await written(connection, () => redis.hset(temporary, name, fs.readFileSync(file)), options);
  }
  // A run without files (it diverged at once) has a key all the same.
  await written(connection, () => redis.hset(temporary, 'complete', '1'), options);
  await written(connection, () => redis.rename(temporary, key), options);
  await redis.expire(key, KEPT_SECONDS);
}

/**
 * Writes the files of a run into a directory. The paths of its settings become those of the settings given.
 *
 * @returns false where there are none
 */
export async function receiveFiles(
  { redis }: Connection,
  key: string,
  directory: string,
  settings: RunRequest['settings'],
): Promise<boolean> {
  if ((await redis.hexists(key, 'complete')) === 0) return false;
  makeDirectory(directory);
  for (const name of FILES) {
    const bytes = await redis.hgetBuffer(key, name);
    if (bytes === null) {
      fs.rmSync(path.join(directory, name), { force: true });
      continue;
    }
    const content =
      name === 'config.json' ? `${JSON.stringify(withData(bytes.toString(), settings), null, 2)}\n` : bytes;
    writeFileAtomic(path.join(directory, name), content);
  }
  return true;
}

/** The settings of a file, with the place of the data that is right here. */
function withData(config: string, { data = null }: RunRequest['settings']): object {
  return { ...(JSON.parse(config) as object), data };
}
