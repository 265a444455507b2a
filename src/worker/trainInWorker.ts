/** The program's side of training in a worker. */

import { absoluteAddress } from '../data/address.js';
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError, WorkerError } from '../runtime/errors.js';
import {
  type NodeWorker,
  openWorker,
  type WebWorker,
  type WorkerChannel,
  type WorkerScript,
} from '../runtime/workers.js';
import { isThenable } from '../train/batches.js';
import type { EpochMetrics } from '../train/checkpoint.js';
import type { BatchReport } from '../train/options.js';
import type { ImageSource, ImageTrainSettings } from './imageTraining.js';
import { type FromWorker, fromWire, type ToWorker, type TrainingInfo, type TrainingResult } from './wire.js';

/**
 * How the worker is told of its work, and what it is listened to for. An error that one of the callbacks throws, or
 * rejects its promise with, ends the worker and is that of the run (`finished`).
 */
export interface WorkerEvents {
  /** Threads to compute with, in the worker. Default: as many as the machine has cores. */
  readonly threads?: number;
  /** Wait before the first batch. Default: false. */
  readonly paused?: boolean;
  /** Of every batch; those of a frame (16 ms) come together. */
  readonly onBatch?: (report: BatchReport) => unknown;
  /** After each epoch. */
  readonly onEpoch?: (metrics: EpochMetrics) => unknown;
  /** Whenever it begins to wait, goes on, or ends. */
  readonly onState?: (state: TrainingState) => unknown;
  /** Stops the run, as `stop()` does. */
  readonly signal?: AbortSignal;
  /** What is given to the worker rather than copied: buffers in `data` that are not needed here any more. */
  readonly transfer?: Transferable[];
}

/** What lanewise's own worker trains on, and what it is listened to for. */
export interface RecipeWorkerOptions extends WorkerEvents {
  /** What to train on, and to evaluate after each epoch. */
  readonly data: ImageSource;
}

/** A worker of one's own, what it gets, and what it is listened to for. */
export interface OwnWorkerOptions<Data> extends WorkerEvents {
  /** A worker whose file calls `serveTraining`. */
  readonly worker: WebWorker | NodeWorker;
  /** For the worker's `build`: whatever a message can carry. */
  readonly data?: Data;
}

/** What a run in a worker is at. */
export type TrainingState = 'running' | 'paused' | 'ended';

/** How long a worker may take to load its file, and how often it is looked after, in ms. */
const START_MS = 30_000;
const LOOK_MS = 5_000;
/** After so many looks without an answer a worker is given up. */
const LOOKS = 6;

/** The two ends of a promise's life. */
interface Settle<Value> {
  resolve(value: Value): void;
  reject(error: unknown): void;
}

/** A training that goes on in a worker. */
export class TrainingRun {
  readonly #channel: WorkerChannel;
  readonly #events: WorkerEvents;
  readonly #calls = new Map<number, Settle<never>>();
  readonly #built: Promise<TrainingInfo>;
  readonly #settleBuilt: Settle<TrainingInfo>;
  readonly #settleFinished: Settle<TrainingResult>;
  readonly #begin: ToWorker;
  readonly #transfer: Transferable[];
  readonly #watch: ReturnType<typeof setInterval>;
  #looks = 0;
  #calledBefore = 0;
  #info: TrainingInfo | undefined;
  #state: TrainingState = 'running';
  /** Why the worker is gone. */
  #dead: { readonly error: unknown } | undefined;
  #terminating = false;
  /** What callbacks returned and is not settled yet. */
  readonly #pending = new Set<PromiseLike<void>>();
  #last: BatchReport | null = null;

  /**
   * The weights and what led to them, once promises of callbacks are fulfilled too. Rejects with the error of the run
   * or of a callback, or a `WorkerError` when the worker is lost.
   */
  readonly finished: Promise<TrainingResult>;

  /** @internal */
  constructor(worker: WorkerScript | WebWorker | NodeWorker, begin: ToWorker, events: WorkerEvents) {
    this.#begin = begin;
    this.#events = events;
    this.#transfer = events.transfer ?? [];
    let settleBuilt!: Settle<TrainingInfo>;
    let settleFinished!: Settle<TrainingResult>;
    this.#built = new Promise((resolve, reject) => {
      settleBuilt = { resolve, reject };
    });
    this.finished = new Promise((resolve, reject) => {
      settleFinished = { resolve, reject };
    });
    this.finished.catch(() => {}); // Not everyone listens.
    this.#settleBuilt = settleBuilt;
    this.#settleFinished = settleFinished;
    this.#channel = openWorker(worker, {
      onMessage: (message) => this.#receive(message as FromWorker),
      onLost: (reason) =>
        this.#lose(
          new WorkerError(`the training worker is lost: ${reason}`, {
            where: 'trainInWorker',
            hint: 'start the training again; with checkpoints it goes on where it was',
          }),
        ),
    });
    this.#watch = setInterval(() => this.#look(), LOOK_MS);
    events.signal?.addEventListener('abort', this.stop);
  }

  /** Resolves once the worker has built the model. @internal */
  async ready(): Promise<this> {
    const late = setTimeout(
      () =>
        this.#lose(
          new WorkerError(`the worker did not call serveTraining within ${START_MS / 1000} seconds`, {
            where: 'trainInWorker',
            hint: 'look at the console for errors in its file',
          }),
        ),
      START_MS,
    );
    this.#onListening = () => clearTimeout(late);
    try {
      this.#info = await this.#built;
      return this;
    } catch (error) {
      this.terminate();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  #onListening = (): void => {};

  get info(): TrainingInfo {
    return this.#info!;
  }

  get state(): TrainingState {
    return this.#state;
  }

  /** Lets the run wait after the batch at hand. Resolves once it waits (or has ended). */
  async pause(): Promise<void> {
    await this.#ask<void>({ kind: 'pause' });
    this.#become('paused');
    if (this.#dead !== undefined) throw this.#dead.error;
  }

  /** Lets the run go on. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#become('running');
    if (this.#dead === undefined) this.#channel.post({ kind: 'resume' } satisfies ToWorker);
  }

  /**
   * Trains so many batches and waits again. Resolves with the report of the last one; null when the run ended before
   * any.
   */
  async step(batches = 1): Promise<BatchReport | null> {
    checkArguments('TrainingRun.step(batches=1)', batches);
    await this.#ask<void>({ kind: 'step', batches });
    this.#become('paused');
    if (this.#dead !== undefined) throw this.#dead.error;
    return this.#last;
  }

  /** Ends the run after the batch at hand; `finished` then resolves with the weights as they are. */
  readonly stop = (): void => {
    if (this.#dead === undefined) this.#channel.post({ kind: 'stop' } satisfies ToWorker);
  };

  /**
   * Asks the worker something, between two batches; also while it is paused and after the end. Every worker answers
   * `weights` (the bytes of a safetensors file), `load` (such bytes into the model), `digest` and `memory`.
   *
   * @throws {WorkerError} when the worker is lost
   */
  async request<Answer = unknown>(name: string, argument?: unknown, transfer: Transferable[] = []): Promise<Answer> {
    checkArguments('TrainingRun.request(name="weights", argument?=any, transfer?=[any])', name, argument, transfer);
    return this.#ask<Answer>({ kind: 'request', name, argument }, transfer);
  }

  /** Frees the worker. A run that goes on is lost: `finished` rejects. */
  terminate(): void {
    if (this.#dead !== undefined) return;
    this.#terminating = true;
    this.#lose(new WorkerError('the training was terminated', { where: 'trainInWorker' }));
    this.#terminating = false;
  }

  #ask<Answer>(
    command: { kind: 'pause' | 'step'; batches?: number } | { kind: 'request'; name: string; argument: unknown },
    transfer: Transferable[] = [],
  ): Promise<Answer> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead.error as Error);
    const id = ++this.#calledBefore;
    return new Promise<Answer>((resolve, reject) => {
      this.#post({ ...command, id }, transfer);
      this.#calls.set(id, { resolve, reject });
      this.#channel.keepAlive(true);
    });
  }

  /** @throws {ArgumentError} when the message has something that cannot be copied to a worker */
  #post(message: ToWorker, transfer: Transferable[]): void {
    try {
      this.#channel.post(message, transfer);
    } catch (cause) {
      throw new ArgumentError(`this cannot be copied to a worker: ${(cause as Error).message}`, {
        where: 'trainInWorker',
        hint: 'send numbers, texts, arrays, typed arrays and plain objects of them: no functions and no tensors',
        cause,
      });
    }
  }

  #receive(message: FromWorker): void {
    if (this.#dead !== undefined) return;
    this.#looks = 0;
    switch (message.kind) {
      case 'listening':
        this.#onListening();
        try {
          return this.#post(this.#begin, this.#transfer);
        } catch (error) {
          return this.#lose(error);
        }
      case 'pong':
        return;
      case 'built':
        if (this.#events.signal?.aborted) this.stop();
        this.#become((this.#begin as { paused: boolean }).paused ? 'paused' : 'running');
        return this.#settleBuilt.resolve(message.info);
      case 'batches':
        this.#last = message.reports.at(-1)!;
        for (const report of message.reports) if (!this.#tell(this.#events.onBatch, report)) return;
        return;
      case 'epoch':
        return void this.#tell(this.#events.onEpoch, message.metrics);
      case 'answer':
        return this.#call(message.id)?.resolve(message.value as never);
      case 'refusal':
        return this.#call(message.id)?.reject(fromWire(message.error));
      case 'finished':
        this.#end();
        return void Promise.all(this.#pending).then(() => this.#settleFinished.resolve(message.result));
      case 'failed': {
        const error = fromWire(message.error);
        this.#settleBuilt.reject(error);
        this.#settleFinished.reject(error);
        return this.#end();
      }
    }
  }

  #call(id: number): Settle<never> | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (this.#calls.size === 0 && this.#state === 'ended') this.#channel.keepAlive(false);
    return call;
  }

  #become(state: TrainingState): void {
    if (this.#state === state || this.#state === 'ended') return;
    this.#state = state;
    this.#tell(this.#events.onState, state);
  }

  /** Calls a callback. What it throws ends the run. @returns whether the run goes on */
  #tell<Value>(callback: ((value: Value) => unknown) | undefined, value: Value): boolean {
    try {
      const returned = callback?.(value);
      if (isThenable(returned)) {
        const settled = returned.then(
          () => {
            this.#pending.delete(settled);
          },
          (error: unknown) => this.#lose(error),
        );
        this.#pending.add(settled);
      }
    } catch (error) {
      this.#lose(error);
    }
    return this.#dead === undefined;
  }

  #end(): void {
    this.#become('ended');
    clearInterval(this.#watch);
    this.#events.signal?.removeEventListener('abort', this.stop);
    if (this.#calls.size === 0) this.#channel.keepAlive(false);
  }

  /** A page is not told that a worker is gone: one that does not answer for long is. */
  #look(): void {
    if (++this.#looks > LOOKS)
      this.#lose(
        new WorkerError(`the training worker has not answered for ${(LOOKS * LOOK_MS) / 1000} seconds`, {
          where: 'trainInWorker',
          hint: 'it was stopped from outside, or one batch takes longer than that',
        }),
      );
    else this.#channel.post({ kind: 'ping' } satisfies ToWorker);
  }

  #lose(reason: unknown): void {
    if (this.#dead !== undefined) {
      // From a callback that hears of the end: the program knows already that the run is terminated, but not the error.
      if (this.#terminating) this.#dead = { error: reason };
      return;
    }
    this.#dead = { error: reason };
    this.#channel.terminate();
    this.#end();
    const { error } = this.#dead;
    this.#settleBuilt.reject(error);
    this.#settleFinished.reject(error);
    for (const { reject } of this.#calls.values()) reject(error);
    this.#calls.clear();
  }
}

const EVENTS =
  'threads: 1, paused: true, onBatch: () => 0, onEpoch: () => 0, onState: () => 0, signal: signal, transfer: [any]';
const OWN_CALL = `trainInWorker(settings?=any, { worker!: worker, data: any, ${EVENTS} })`;
const RECIPE_CALL =
  "trainInWorker(settings!={ model: 'mlp'|any, epochs: 3|any, ... }, " +
  `{ data!: { mnist: "/mnist/", train: any, test: any, shape: any, classes: any, mean: any, std: any }, ${EVENTS} })`;

/**
 * Builds a model in a worker (a Web Worker or a thread of Node) and trains it there, so that the program that asked
 * for it stays responsive: reports come as they arise, the run can be paused, stepped and stopped, the weights come
 * back. The same settings give the same bits as on the main thread.
 *
 * With settings alone lanewise's own worker trains one of its named models on images; with `worker`, a file of yours
 * that calls `serveTraining` trains whatever it likes.
 *
 * @throws {ArgumentError} and whatever else building the model throws there
 * @throws {WorkerError} when the worker cannot be started
 * @example
 * const run = await trainInWorker({ model: 'mlp-bn', hidden: [128], epochs: 3 }, {
 *   data: { mnist: '/data/mnist/' },
 *   onEpoch: ({ epoch, testAccuracy }) => console.log(epoch, testAccuracy),
 * });
 * await run.pause();
 * run.resume();
 * const { weights, digest } = await run.finished;
 * run.terminate();
 */
export function trainInWorker(
  settings: Partial<ImageTrainSettings>,
  options: RecipeWorkerOptions,
): Promise<TrainingRun>;
export function trainInWorker<Settings, Data>(
  settings: Settings,
  options: OwnWorkerOptions<Data>,
): Promise<TrainingRun>;
export async function trainInWorker(
  settings: unknown,
  options: RecipeWorkerOptions | OwnWorkerOptions<unknown>,
): Promise<TrainingRun> {
  const own = (options as Partial<OwnWorkerOptions<unknown>> | undefined)?.worker !== undefined;
  checkArguments(own ? OWN_CALL : RECIPE_CALL, settings, options);
  const { threads, paused = false, data } = options;
  const command = { kind: 'begin', settings, data, paused, ...(threads !== undefined && { threads }) } as const;
  if ('worker' in options) return new TrainingRun(options.worker, command, options).ready();
  // The worker has no address of its own that another could be relative to.
  const images = 'mnist' in options.data ? { mnist: absoluteAddress(options.data.mnist) } : options.data;
  const { workerScript } = await import('./workerScript.generated.js');
  const { kernelsText } = await import('../runtime/kernels.baseline.generated.js');
  return new TrainingRun({ text: workerScript }, { ...command, data: images, kernels: kernelsText }, options).ready();
}
