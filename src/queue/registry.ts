/** Who is at a queue, and which version of lanewise its runs are for. */

import { randomBytes } from 'node:crypto';
import os from 'node:os';
import process from 'node:process';
import { type Connection, PREFIX } from './connection.js';
import { QueueError } from './errors.js';

/** A worker that does not show itself for so long counts as gone. */
const GONE_MS = 20_000;
export const SHOW_MS = 5000;

/** The name of a worker: its machine, its process, and what tells restarts apart. */
export const workerName = (): string => `${os.hostname()}-${process.pid}-${randomBytes(2).toString('hex')}`;

/** The machine of a worker. */
export const machineOf = (worker: string): string => worker.replace(/-\d+-[0-9a-f]{4}$/, '');

/** Shows that a worker is there. */
export async function showWorker({ redis, key }: Connection, worker: string): Promise<void> {
  await redis.hset(key('workers'), worker, await serverTime({ redis }));
}

export async function hideWorker({ redis, key }: Connection, worker: string): Promise<void> {
  await redis.hdel(key('workers'), worker);
}

/** The workers that showed themselves lately. Those that are gone are taken off the list. */
export async function livingWorkers({ redis, key }: Connection): Promise<string[]> {
  const now = await serverTime({ redis });
  const shown = Object.entries(await redis.hgetall(key('workers')));
  const gone = shown.filter(([, at]) => now - Number(at) > GONE_MS).map(([name]) => name);
  if (gone.length > 0) await redis.hdel(key('workers'), ...gone);
  return shown.map(([name]) => name).filter((name) => !gone.includes(name));
}

/** Milliseconds, by the clock of the server: those of the machines may differ. */
async function serverTime({ redis }: Pick<Connection, 'redis'>): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}

/** A worker of another version would compute other bits, perhaps: it is refused. */
export function otherVersion(queue: string, theirs: string): QueueError {
  return new QueueError(`the runs in it are for lanewise ${theirs}, and this is lanewise ${queue}`, {
    where: 'queue',
    hint: 'install the same version on all machines, or use another name for the queue',
  });
}

/** The version that the runs of the queue are for; null where there are none yet. */
export function versionOf({ redis, key }: Connection): Promise<string | null> {
  return redis.get(key('version'));
}

/**
 * Makes the queue one of this version, unless runs of another one are in it.
 *
 * @throws {QueueError} naming both versions
 */
export async function claimVersion(connection: Connection, version: string): Promise<void> {
  const { redis, key, bullmq, address, options } = connection;
  const theirs = await redis.get(key('version'));
  if (theirs !== null && theirs !== version) {
    const queue = new bullmq.Queue(address.name, { connection: options, prefix: PREFIX });
    queue.on('error', () => {});
    try {
      if ((await queue.getJobCountByTypes('waiting', 'active', 'delayed')) > 0) throw otherVersion(version, theirs);
    } finally {
      await queue.close();
    }
  }
  await redis.set(key('version'), version);
}
