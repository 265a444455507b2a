/** Executes runs on other machines: submits them to a queue, and fetches what workers made of them. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Queue, QueueEvents } from 'bullmq';
import type { ExecuteOptions, Executor, RunEvent } from '../experiments/executor.js';
import { isFile } from '../experiments/files.js';
import { parseJson } from '../experiments/json.js';
import { writeResult } from '../experiments/layout.js';
import type { RunRequest } from '../experiments/request.js';
import type { RunResult } from '../experiments/result.js';
import { ArgumentError } from '../index.js';
import { resolveTrainSettings } from '../recipes/index.js';
import { type Connection, PREFIX, pause, written } from './connection.js';
import { checkCarried, checksumOf, DataServer } from './dataset.js';
import { KEPT_SECONDS, type RunAnswer, type RunJob, receiveFiles, runAnswer, sendFiles } from './job.js';
import { claimVersion, livingWorkers } from './registry.js';
import { Verification } from './verification.js';

/** Jobs that are added in one round trip. */
const BATCH = 500;
/** How often the submitter looks after its runs without being told. */
const LOOK_MS = 2000;

export interface QueueExecutorOptions {
  /** Of what is submitted: the same again goes on with the jobs of before. */
  readonly submission: string;
  readonly version: string;
  /** The share of the runs that another worker repeats, from 0 to 1. */
  readonly verify: number;
  readonly onNote: (text: string) => void;
}

interface Pending {
  readonly job: RunJob;
  readonly onEvent: (event: RunEvent) => void;
  readonly settle: (end: { readonly answer: RunAnswer } | { readonly error: Error }) => void;
}

export class QueueExecutor implements Executor {
  /** The workers, not the submitter, decide how many runs are under way. */
  readonly jobs = null;
  readonly verification: Verification;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #pending = new Map<string, Pending>();
  readonly #toAdd: string[] = [];
  readonly #checksums = new Map<string, Promise<string>>();
  readonly #data: DataServer;
  readonly #closed = new AbortController();
  readonly #watch: Promise<void>;
  #adding: Promise<void> = Promise.resolve();

  private constructor(
    readonly connection: Connection,
    private readonly options: QueueExecutorOptions,
  ) {
    const { address, bullmq, options: redis } = connection;
    const at = { connection: redis, prefix: PREFIX };
    this.#queue = new bullmq.Queue(address.name, at);
    this.#events = new bullmq.QueueEvents(address.name, at);
    this.#data = new DataServer(connection, options.onNote);
    this.verification = new Verification(options.verify, async (id, job) => {
      const answer = await this.#submit(id, job, () => {});
      if (answer !== null) await this.#forget(id, answer.token);
      return answer;
    });
    this.#queue.on('error', () => {});
    this.#events.on('error', () => {});
    this.#events.on('completed', ({ jobId }) => void this.#look([jobId]));
    this.#events.on('failed', ({ jobId }) => void this.#look([jobId]));
    this.#events.on('progress', ({ jobId, data }) => this.#pending.get(jobId)?.onEvent(data as unknown as RunEvent));
    this.#watch = this.#watchOver();
  }

  /**
   * @throws {QueueError} when runs of another version of lanewise wait in the queue
   */
  static async open(connection: Connection, options: QueueExecutorOptions): Promise<QueueExecutor> {
    await claimVersion(connection, options.version);
    return new QueueExecutor(connection, options);
  }

  async execute(request: RunRequest, { onEvent = () => {}, signal }: ExecuteOptions = {}): Promise<RunResult | null> {
    if (signal?.aborted) return null;
    const settings = resolveTrainSettings(request.settings);
    const { dataset, data } = settings;
    checkCarried(dataset);
    if (settings.init !== null)
      throw new ArgumentError('weights to begin from cannot be sent through a queue', { where: 'init' });
    const id = this.#jobId(request);
    const digest = await this.#checksum(dataset, data);
    const inputs = isFile(path.join(request.directory, 'state.safetensors'), 'delete it');
    const inputsKey = this.connection.key('inputs', id);
    if (inputs && (await this.connection.redis.exists(inputsKey)) === 0)
      await sendFiles(this.connection, inputsKey, request.directory, { onNote: this.options.onNote, signal });
    const { directory, ...told } = request;
    const job: RunJob = {
      version: 1,
      lanewise: this.options.version,
      request: { ...told, settings: { ...request.settings, data: null } },
      data: digest,
      inputs,
      avoid: null,
    };
    const answer = await this.#submit(id, job, onEvent, signal);
    if (answer === null) return null;
    const result = { ...answer.result, settings: { ...answer.result.settings, data } };
    await receiveFiles(this.connection, this.connection.key('files', id, answer.token), directory, { data });
    writeResult(directory, result);
    this.verification.consider(id, job, answer);
    await this.#forget(id, answer.token);
    return result;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#watch;
    await Promise.allSettled([this.#queue.close(), this.#events.close()]);
    this.connection.close();
  }

  #jobId({ id, until, attempt, settings, validation }: RunRequest): string {
    const what = createHash('sha256')
      .update(JSON.stringify([settings, validation]))
      .digest('hex')
      .slice(0, 8);
    return [this.options.submission, id, until ?? 'all', attempt, what].join('_');
  }

  #checksum(...[dataset, directory]: Parameters<typeof checksumOf>): Promise<string> {
    const id = `${dataset} ${directory}`;
    const known =
      this.#checksums.get(id) ??
      checksumOf(dataset, directory).then((digest) => {
        this.#data.offer(digest, dataset, directory);
        return digest;
      });
    this.#checksums.set(id, known);
    return known;
  }

  /** Has a job executed. @returns null when `signal` ended the wait: the job stays in the queue */
  #submit(
    id: string,
    job: RunJob,
    onEvent: (event: RunEvent) => void,
    signal?: AbortSignal,
  ): Promise<RunAnswer | null> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#pending.delete(id);
        resolve(null);
      };
      if (signal?.aborted) return leave();
      signal?.addEventListener('abort', leave);
      this.#pending.set(id, {
        job,
        onEvent,
        settle: (end) => {
          this.#pending.delete(id);
          signal?.removeEventListener('abort', leave);
          if ('answer' in end) resolve(end.answer);
          else reject(end.error);
        },
      });
      this.#add([id]);
    });
  }

  /** Adds jobs. Those that are in the queue already stay as they are. */
  #add(ids: readonly string[]): void {
    this.#toAdd.push(...ids);
    this.#adding = this.#adding.then(async () => {
      const batch = this.#toAdd.splice(0, BATCH).filter((id) => this.#pending.has(id));
      if (batch.length === 0) return;
      const jobs = batch.map((id) => ({
        name: 'run',
        data: this.#pending.get(id)!.job,
        opts: {
          jobId: id,
          removeOnComplete: { age: KEPT_SECONDS },
          removeOnFail: { age: KEPT_SECONDS },
        },
      }));
      try {
        await written(this.connection, () => this.#queue.addBulk(jobs), {
          onNote: this.options.onNote,
          signal: this.#closed.signal,
        });
        // They may have been done before this submitter came back.
        await this.#look(batch);
      } catch (error) {
        if (this.#closed.signal.aborted) return;
        for (const id of batch) this.#pending.get(id)?.settle({ error: error as Error });
      }
    });
  }

  /** Looks what became of jobs, and settles those that are at their end. */
  async #look(ids: readonly string[]): Promise<void> {
    const { redis } = this.connection;
    const waiting = ids.filter((id) => this.#pending.has(id));
    for (let from = 0; from < waiting.length; from += BATCH) {
      const part = waiting.slice(from, from + BATCH);
      const pipeline = redis.pipeline();
      for (const id of part)
        pipeline.hmget(this.connection.key(id), 'timestamp', 'finishedOn', 'returnvalue', 'failedReason', 'data');
      const found = (await pipeline.exec()) ?? [];
      const lost: string[] = [];
      part.forEach((id, i) => {
        const fields = found[i]?.[1] as (string | null)[] | undefined;
        if (fields === undefined) return;
        const [timestamp, finished, returned, failed, data] = fields;
        if (timestamp == null) lost.push(id);
        else if (finished != null) this.#settle(id, { returned, failed, data });
      });
      // A server that lost its last second, or its memory.
      if (lost.length > 0 && !this.#closed.signal.aborted) this.#add(lost);
    }
  }

  #settle(
    id: string,
    { returned, failed, data }: Readonly<Record<'returned' | 'failed' | 'data', string | null | undefined>>,
  ): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const hint = 'was it written by another version of lanewise?';
    try {
      if (failed == null) {
        pending.settle({ answer: parseJson(returned ?? 'null', runAnswer, { where: `the answer to ${id}`, hint }) });
        return;
      }
      const { error = {} } = JSON.parse(data ?? '{}') as Partial<RunJob>;
      pending.settle({ error: Object.assign(new Error(failed), error) });
    } catch (error) {
      pending.settle({ error: error as Error });
    }
    if (failed != null) void this.#forget(id, null).catch(() => {});
  }

  /** Removes a job that is at its end, and its files. */
  async #forget(id: string, token: string | null): Promise<void> {
    const { key, redis } = this.connection;
    await this.#queue.remove(id);
    await redis.del(key('inputs', id), ...(token === null ? [] : [key('files', id, token)]));
  }

  /** Looks after jobs whose events were missed, serves data sets, and says when there is nobody to do the work. */
  async #watchOver(): Promise<void> {
    const { signal } = this.#closed;
    const { address } = this.connection;
    let told = false;
    for (;;) {
      await pause(LOOK_MS, signal);
      if (signal.aborted) return;
      if (this.#pending.size === 0) continue;
      try {
        await this.#look([...this.#pending.keys()]);
        await this.#data.serve();
        const workers = await livingWorkers(this.connection);
        if (workers.length === 0 && !told)
          this.options.onNote(`no worker is at the queue: on any machine, lanewise work --queue ${address.shown}`);
        told = workers.length === 0;
      } catch (error) {
        if (!signal.aborted) this.options.onNote(`the queue: ${(error as Error).message}`);
      }
    }
  }
}
