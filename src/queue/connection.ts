/** The connection to the server of a queue. */
import type { Queue, QueueEvents, QueueOptions, Worker } from 'bullmq';
import type { Redis, RedisOptions } from 'ioredis';
import type { QueueAddress } from './address.js';
import { QueueError } from './errors.js';

/** What is used of the packages; they are optional, and loaded only here. */
interface Packages {
  readonly Redis: typeof Redis;
  readonly bullmq: {
    readonly Queue: typeof Queue;
    readonly QueueEvents: typeof QueueEvents;
    readonly Worker: typeof Worker;
    readonly DelayedError: new (message?: string) => Error;
    readonly WaitingError: new (message?: string) => Error;
    readonly UnrecoverableError: new (message?: string) => Error;
  };
}

/** All keys of lanewise in Redis begin with it. */
export const PREFIX = 'lanewise';

const CONNECT_MS = 4000;
const RETRY_MS = 2500;
const LONGEST_PAUSE_MS = 3000;

/** A queue's server that answered, and what is needed to talk to it. */
export interface Connection {
  readonly address: QueueAddress;
  readonly bullmq: Packages['bullmq'];
  /** For BullMQ, which opens connections of its own. */
  readonly options: QueueOptions['connection'];
  /** For files and data sets. Commands wait while the server is away. */
  readonly redis: Redis;
  /** The key of something in this queue. */
  key(...parts: readonly string[]): string;
  close(): void;
}

/**
 * Connects to the server of a queue. From then on a server that goes away is waited for.
 *
 * @param onNote is told when the server goes away, and when it is back
 * @throws {QueueError} when the packages are missing, or within five seconds when the server does not answer
 */
export async function connect(address: QueueAddress, onNote: (text: string) => void): Promise<Connection> {
  const { bullmq, Redis } = await loadPackages();
  const { host, port, username, password, db, tls } = address;
  const login: RedisOptions = {
    host,
    port,
    db,
    connectTimeout: CONNECT_MS,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: { servername: host } }),
  };
  // A server that is just being started is waited for.
  const retryStrategy = (): number | null => (performance.now() - since < RETRY_MS ? 200 : null);
  const since = performance.now();
  await probe(new Redis({ ...login, lazyConnect: true, retryStrategy }), address);
  const options = {
    ...login,
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(200 * times, LONGEST_PAUSE_MS),
  };
  const redis = new Redis(options);
  let away = false;
  redis.on('error', () => {});
  redis.on('reconnecting', () => {
    if (!away) onNote(`the connection to ${host}:${port} is lost; waiting for it`);
    away = true;
  });
  redis.on('ready', () => {
    if (away) onNote(`connected to ${host}:${port} again`);
    away = false;
  });
  return {
    address,
    bullmq,
    options,
    redis,
    key: (...parts) => [PREFIX, address.name, ...parts].join(':'),
    close: () => redis.disconnect(),
  };
}

async function loadPackages(): Promise<Packages> {
  try {
    const [bullmq, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, Redis };
  } catch (cause) {
    throw new QueueError('a queue needs the packages bullmq and ioredis, which are not installed', {
      hint: 'npm install bullmq ioredis, where lanewise is installed',
      cause,
    });
  }
}

/** Asks the server for a sign of life. */
async function probe(redis: Redis, { host, port, shown }: QueueAddress): Promise<void> {
  let reason: unknown;
  redis.on('error', (error) => {
    reason = error;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it does not answer')), CONNECT_MS);
  });
  try {
    await Promise.race([redis.connect().then(() => redis.ping()), late]);
  } catch (cause) {
    throw new QueueError(`cannot be reached: ${explain(reason ?? cause)}`, {
      where: `${host}:${port}`,
      hint: `is it the server of ${shown}, does it run, and are user and password right?`,
    });
  } finally {
    clearTimeout(timer);
    redis.disconnect();
  }
}

/** Why a server cannot be used, without what was sent to it: that may be a password. */
function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code ?? replyCode(error)) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'there is no such host';
    case 'ETIMEDOUT':
      return 'it does not answer';
    case 'WRONGPASS':
    case 'NOAUTH':
    case 'NOPERM':
      return 'it refuses user and password';
    default:
      return message;
  }
}

/** The code of an error that Redis answered with: its first word. */
const replyCode = (error: unknown): string => String((error as Error | null)?.message).split(' ', 1)[0]!;

/** Whether Redis refused a command because its memory is full. */
const isFull = (error: unknown): boolean => /\bOOM\b/.test(String(error));

const FULL_PAUSE_MS = 2000;

/**
 * Runs a command that writes; while the memory of Redis is full, waits and runs it again.
 *
 * @param signal gives up
 */
export async function written<R>(
  { address: { host, port } }: Connection,
  command: () => Promise<R>,
  { onNote, signal }: { readonly onNote: (text: string) => void; readonly signal?: AbortSignal | undefined },
): Promise<R> {
  for (let told = false; ; ) {
    try {
      return await command();
    } catch (error) {
      if (!isFull(error) || signal?.aborted) throw error;
      if (!told) onNote(`the memory of Redis at ${host}:${port} is full; waiting until there is room (maxmemory)`);
      told = true;
      await pause(FULL_PAUSE_MS, signal);
    }
  }
}

/** Waits, or until `signal`. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
