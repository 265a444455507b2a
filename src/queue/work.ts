/** What `lanewise work` does: takes runs from a queue, executes them, and sends back what they left. */
import fs from 'node:fs';
import path from 'node:path';
import type { Job, Worker } from 'bullmq';
import type { Executor, RunEvent } from '../experiments/executor.js';
import { parseJson } from '../experiments/json.js';
import { LocalExecutor } from '../experiments/localExecutor.js';
import { lineOf, type RunResult } from '../experiments/result.js';
import type { ErrorFields } from '../experiments/worker.js';
import type { DatasetName } from '../index.js';
import { makeDirectory } from '../node/index.js';
import { resolveTrainSettings } from '../recipes/index.js';
import { type Connection, PREFIX, pause } from './connection.js';
import { DataStore } from './dataset.js';
import { type RunAnswer, type RunJob, receiveFiles, runJob, sendFiles } from './job.js';
import { hideWorker, livingWorkers, otherVersion, SHOW_MS, showWorker, versionOf, workerName } from './registry.js';

export interface WorkOptions {
  /** Runs at a time, each in a process of its own. */
  readonly jobs: number;
  /** Threads of each run; null: as many as the submitter says. */
  readonly threads: number | null;
  /** For checkpoints of runs, and data sets that were fetched. */
  readonly directory: string;
  /** Where to look for data sets; null: where they usually are. */
  readonly data: string | null;
  /** Seconds after which a run is given to another worker when this one no longer shows itself. */
  readonly lease: number;
  /** Ends after so many runs; null: goes on. */
  readonly runs: number | null;
  readonly version: string;
  /** Ends the work after the batches at hand; the runs go back into the queue with their checkpoints. */
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
  readonly onStart?: (job: RunJob) => void;
  readonly onEnd?: (job: RunJob, end: RunResult | { readonly error: string }) => void;
}

/** How often a job may be taken over from a worker that went away, before it counts as crashing its workers. */
const MOST_TAKEOVERS = 20;
/** Between two reports of progress. */
const PROGRESS_MS = 1000;
/** How long a repetition waits for another worker than the one it is to check. */
const PATIENCE_MS = 30_000;
const PUT_BACK_MS = 1000;

const LOCKED = 'LANEWISE_LOCKED';
/** Errors that are this machine's, not the run's: another one may have room, or the data. */
const OF_THE_MACHINE = new Set(['LANEWISE_FILE_WRITE', 'LANEWISE_MISSING_DATA']);

/**
 * Takes runs from a queue until `signal`.
 *
 * @returns the number of runs that were executed
 * @throws {QueueError} when the queue's runs are for another version of lanewise
 * @throws {FileWriteError} when this machine has no room left: its runs go back into the queue
 */
export async function work(connection: Connection, options: WorkOptions): Promise<number> {
  const theirs = await versionOf(connection);
  if (theirs !== null && theirs !== options.version) throw otherVersion(options.version, theirs);
  makeDirectory(options.directory);
  const executor = new LocalExecutor(options.jobs);
  const station = new Station(connection, executor, options);
  try {
    return await station.run();
  } finally {
    await executor.close();
  }
}

/** One process that works at a queue. */
class Station {
  readonly #name = workerName();
  readonly #data: DataStore;
  readonly #worker: Worker<RunJob, RunAnswer>;
  /** Runs under way, by the ids of their jobs. */
  readonly #active = new Map<string, AbortController>();
  readonly #ending = new AbortController();
  #failure: unknown;
  #executed = 0;

  constructor(
    private readonly connection: Connection,
    private readonly executor: Executor,
    private readonly options: WorkOptions,
  ) {
    const { address, bullmq, options: redis } = connection;
    const { jobs, lease, directory, data, onNote } = options;
    this.#data = new DataStore(connection, path.join(directory, 'data'), data, onNote);
    this.#worker = new bullmq.Worker<RunJob, RunAnswer>(address.name, (job, token) => this.#process(job, token ?? ''), {
      connection: redis,
      prefix: PREFIX,
      name: this.#name,
      concurrency: jobs,
      lockDuration: lease * 1000,
      stalledInterval: Math.max(1000, (lease * 1000) / 3),
      maxStalledCount: MOST_TAKEOVERS,
      autorun: false,
    });
    this.#worker.on('error', () => {});
    // They belong to another worker by now: this one was away for too long.
    this.#worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.#active.get(id)?.abort();
    });
    this.#worker.on('completed', (job) => this.#clear(job.id!));
  }

  async run(): Promise<number> {
    const { signal } = this.options;
    const end = (): void => this.#ending.abort();
    if (signal.aborted) end();
    signal.addEventListener('abort', end);
    const running = this.#worker.run().catch((error: unknown) => this.#fail(error));
    while (!this.#ending.signal.aborted) {
      await showWorker(this.connection, this.#name).catch(() => {});
      await pause(SHOW_MS, this.#ending.signal);
    }
    for (const run of this.#active.values()) run.abort();
    await this.#worker.close();
    await running;
    await hideWorker(this.connection, this.#name).catch(() => {});
    signal.removeEventListener('abort', end);
    if (this.#failure !== undefined) throw this.#failure;
    return this.#executed;
  }

  /** Ends the work because of an error that every further run would meet. */
  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#ending.abort();
  }

  async #process(job: Job<RunJob, RunAnswer>, token: string): Promise<RunAnswer> {
    const { version, onStart, onEnd } = this.options;
    const id = job.id!;
    let told: RunJob;
    try {
      told = parseJson(JSON.stringify(job.data), runJob, { where: `job ${id}`, hint: 'submit it with lanewise sweep' });
    } catch (error) {
      throw await this.#refuse(job, error);
    }
    if (told.lanewise !== version) {
      this.#fail(otherVersion(version, told.lanewise));
      throw await this.#putBack(job, token);
    }
    if (this.#ending.signal.aborted || (await this.#isForOthers(job, told))) throw await this.#putBack(job, token);
    const run = new AbortController();
    this.#active.set(id, run);
    try {
      onStart?.(told);
      const result = await this.#execute(job, told, run.signal);
      if (result === null) throw await this.#leave(job, token);
      const files = this.connection.key('files', id, token);
      await sendFiles(this.connection, files, this.#directory(id), {
        onNote: this.options.onNote,
        signal: run.signal,
      });
      onEnd?.(told, result);
      this.#count();
      return { result, token, worker: this.#name };
    } catch (error) {
      if (error instanceof PutBack) throw error.forQueue;
      const code = String((error as { code?: unknown } | null)?.code ?? '');
      if (run.signal.aborted) throw await this.#putBack(job, token);
      if (OF_THE_MACHINE.has(code)) {
        this.#fail(error);
        throw (await this.#leave(job, token)).forQueue;
      }
      onEnd?.(told, { error: lineOf(error) });
      throw await this.#refuse(job, error);
    } finally {
      this.#active.delete(id);
    }
  }

  async #execute(job: Job<RunJob>, told: RunJob, signal: AbortSignal): Promise<RunResult | null> {
    const { dataset } = resolveTrainSettings(told.request.settings);
    const data = await this.#data.find(dataset as DatasetName, told.data, signal);
    const settings = { ...told.request.settings, data };
    const id = job.id!;
    const directory = this.#directory(id);
    if (told.inputs && !fs.existsSync(path.join(directory, 'config.json')))
      await receiveFiles(this.connection, this.connection.key('inputs', id), directory, settings);
    const request = { ...told.request, settings, directory, threads: this.options.threads ?? told.request.threads };
    let reported = 0;
    const onEvent = (event: RunEvent): void => {
      if (event.event === 'progress' && performance.now() - reported < PROGRESS_MS) return;
      reported = performance.now();
      job.updateProgress(event).catch(() => {});
    };
    try {
      return await this.executor.execute(request, { onEvent, signal });
    } catch (error) {
      if ((error as Partial<ErrorFields>).code !== LOCKED) throw error;
      // A process that was given up works on in that directory.
      this.#elsewhere.set(id, fs.mkdtempSync(`${directory}-`));
      return this.executor.execute({ ...request, directory: this.#directory(id) }, { onEvent, signal });
    }
  }

  readonly #elsewhere = new Map<string, string>();

  #directory(id: string): string {
    return this.#elsewhere.get(id) ?? path.join(this.options.directory, 'runs', this.connection.address.name, id);
  }

  /** Removes what a run left here: it is in Redis by now. */
  #clear(id: string): void {
    fs.rmSync(this.#directory(id), { recursive: true, force: true });
    this.#elsewhere.delete(id);
  }

  #count(): void {
    this.#executed++;
    if (this.#executed === this.options.runs) this.#ending.abort();
  }

  /** Whether a repetition is still to wait for another worker than the one that it checks. */
  async #isForOthers(job: Job<RunJob>, { avoid }: RunJob): Promise<boolean> {
    if (avoid !== this.#name) return false;
    const others = (await livingWorkers(this.connection)).filter((name) => name !== this.#name);
    return others.length > 0 || Date.now() - job.timestamp < PATIENCE_MS;
  }

  /** Hands a run back with its checkpoint, for another worker to go on from. */
  async #leave(job: Job<RunJob>, token: string): Promise<PutBack> {
    const { connection, options } = this;
    const directory = this.#directory(job.id!);
    try {
      if (fs.existsSync(path.join(directory, 'state.safetensors'))) {
        await sendFiles(connection, connection.key('inputs', job.id!), directory, { onNote: options.onNote });
        await job.updateData({ ...job.data, inputs: true });
      }
      fs.rmSync(directory, { recursive: true, force: true });
    } catch {
      // Then it begins anew.
    }
    return new PutBack(await this.#putBack(job, token));
  }

  /** Puts a job back into the queue. @returns what tells BullMQ so */
  async #putBack(job: Job<RunJob>, token: string): Promise<Error> {
    await job.moveToDelayed(Date.now() + PUT_BACK_MS, token);
    return new this.connection.bullmq.DelayedError();
  }

  /** Fails a job for good, with the reason. @returns what tells BullMQ so */
  async #refuse(job: Job<RunJob>, error: unknown): Promise<Error> {
    const { code, where, reason, hint } = error as Partial<ErrorFields>;
    await job.updateData({ ...job.data, error: { code, where, reason, hint } as Partial<ErrorFields> }).catch(() => {});
    return new this.connection.bullmq.UnrecoverableError(lineOf(error));
  }
}

/** The run is back in the queue. */
class PutBack extends Error {
  constructor(readonly forQueue: Error) {
    super('put back');
  }
}
