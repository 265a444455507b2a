/** The worker's side of training in a worker. */

import { decodeSafetensors, encodeSafetensors } from '../io/safetensors.js';
import { modesOf } from '../nn/core/modes.js';
import type { Module } from '../nn/core/module.js';
import { checkArguments, isRecord } from '../runtime/arguments.js';
import { ArgumentError } from '../runtime/errors.js';
import { generatorState, setGeneratorState } from '../runtime/generator.js';
import { carryKernels, init, runtimeInfo } from '../runtime/runtime.js';
import { openParent, type ParentChannel } from '../runtime/workers.js';
import { scope } from '../tensor/scope.js';
import { memory } from '../tensor/storage.js';
import { RunControl } from '../train/control.js';
import { digest } from '../train/digest.js';
import { fit } from '../train/fit.js';
import type { BatchReport, FitOptions, FitResult } from '../train/options.js';
import { type FromWorker, type ToWorker, toWire } from './wire.js';

/** Answers a question of the program, between two batches; what it returns must be fit for a message. */
export type RequestHandler = (argument: never) => unknown;

/** What a worker trains. */
export interface ServedTraining {
  readonly model: Module;
  /** What `fit` takes; `onBatch` and `onEpoch` are called here and in the program. */
  readonly fit: Omit<FitOptions, 'control'>;
  /** What the program can ask by `run.request(name, argument)`, besides `weights`, `load`, `digest` and `memory`. */
  readonly requests?: Readonly<Record<string, RequestHandler>>;
}

/**
 * Makes a training out of what the program gave to `trainInWorker`. The threads run already.
 *
 * @param settings the first argument there
 * @param data the option `data` there
 */
export type BuildTraining<Settings, Data> = (
  settings: Settings,
  data: Data,
) => ServedTraining | Promise<ServedTraining>;

/** For how long reports of batches are gathered into one message, in ms: a frame of a screen. */
const FRAME = 16;

/**
 * Trains what `build` makes, in this worker, for the program that started it by `trainInWorker`. To be called once, in
 * the worker's file.
 *
 * A request is answered between two batches, in the mode and with the random streams that the run has; it leaves no
 * trace in them.
 *
 * @throws {UnsupportedError} when this is not a worker
 * @example
 * // training.worker.ts
 * serveTraining((settings: { lr: number }, data: { x: Float32Array; y: Int32Array }) => {
 *   const model = new nn.Sequential(new nn.Linear(2, 16), new nn.ReLU(), new nn.Linear(16, 3));
 *   const x = tensor(data.x, { shape: [data.y.length, 2] });
 *   const loader = new DataLoader(new TensorDataset(x, tensor(data.y)), { batchSize: 8 });
 *   return { model, fit: { optimizer: new optim.SGD(model.parameters(), { lr: settings.lr }), loader, epochs: 3 } };
 * });
 */
export function serveTraining<Settings = unknown, Data = unknown>(build: BuildTraining<Settings, Data>): void {
  checkArguments('serveTraining(build=(settings, data) => ({ model, fit: { optimizer, loader } }))', build);
  new Server(build as BuildTraining<unknown, unknown>);
}

class Server {
  readonly #channel: ParentChannel;
  readonly #build: BuildTraining<unknown, unknown>;
  #control = new RunControl();
  #training: ServedTraining | undefined;
  #reports: BatchReport[] = [];
  #sent = 0;

  constructor(build: BuildTraining<unknown, unknown>) {
    this.#build = build;
    this.#channel = openParent((message) => this.#receive(message as ToWorker));
    this.#tell({ kind: 'listening' });
  }

  #tell(message: FromWorker, transfer?: Transferable[]): void {
    this.#channel.post(message, transfer);
  }

  #receive(command: ToWorker): void {
    switch (command.kind) {
      case 'begin':
        return void this.#begin(command);
      case 'pause':
        return this.#answer(
          command.id,
          this.#control.pause().then(() => this.#flush()),
        );
      case 'step':
        return this.#answer(
          command.id,
          this.#control.step(command.batches).then(() => this.#flush()),
        );
      case 'resume':
        return this.#control.resume();
      case 'stop':
        return this.#control.stop();
      case 'ping':
        return this.#tell({ kind: 'pong' });
      case 'request':
        return this.#answer(
          command.id,
          this.#control.between(() => this.#request(command.name, command.argument)),
        );
    }
  }

  /** Sends what becomes of a promise. */
  #answer(id: number, promise: Promise<unknown>): void {
    promise
      .then((value) => this.#tell({ kind: 'answer', id, value }))
      .catch((error: unknown) => this.#tell({ kind: 'refusal', id, error: toWire(error) }));
  }

  async #begin({ settings, data, threads, paused, kernels }: ToWorker & { kind: 'begin' }): Promise<void> {
    try {
      if (kernels !== undefined) carryKernels(kernels);
      await init(threads === undefined ? {} : { threads });
      this.#control = new RunControl({ paused });
      const training = await this.#build(settings, data);
      if (!isRecord(training) || !isRecord(training.fit))
        throw new ArgumentError('build must return { model, fit: { optimizer, loader, … } }', {
          where: 'serveTraining',
        });
      this.#training = training;
      const { model, fit: options } = training;
      const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
      this.#tell({ kind: 'built', info: { parameters, batches: options.loader.length, runtime: runtimeInfo()! } });
      const result = await fit(model, {
        ...options,
        control: this.#control,
        onBatch: (report) => {
          const returned = options.onBatch?.(report);
          this.#report(report);
          return returned;
        },
        onEpoch: async (metrics) => {
          this.#flush();
          this.#tell({ kind: 'epoch', metrics });
          await options.onEpoch?.(metrics);
        },
      });
      this.#flush();
      this.#finish(model, result);
    } catch (error) {
      this.#flush();
      this.#tell({ kind: 'failed', error: toWire(error) });
    }
  }

  #finish(model: Module, result: FitResult): void {
    const weights = weightsOf(model);
    this.#tell({ kind: 'finished', result: { ...result, digest: digest(model.stateDict()), weights } }, [
      weights.buffer,
    ]);
  }

  #report(report: BatchReport): void {
    this.#reports.push(report);
    if (performance.now() - this.#sent >= FRAME) this.#flush();
  }

  #flush(): void {
    if (this.#reports.length > 0) this.#tell({ kind: 'batches', reports: this.#reports });
    this.#reports = [];
    this.#sent = performance.now();
  }

  /** Answers a request; mode and random streams are as before afterwards. */
  async #request(name: string, argument: unknown): Promise<unknown> {
    if (this.#training === undefined) throw new ArgumentError('nothing is built yet', { where: `request ${name}` });
    const { model, requests = {} } = this.#training;
    const all: Readonly<Record<string, RequestHandler>> = { ...ownRequests(model), ...requests };
    const handler = Object.hasOwn(all, name) ? all[name] : undefined;
    if (handler === undefined)
      throw new ArgumentError(`the worker has no request ${JSON.stringify(name)}`, {
        where: 'request',
        hint: `it has ${Object.keys(all).join(', ')}`,
      });
    const generator = generatorState();
    const restoreModes = modesOf(model);
    try {
      return await handler(argument as never);
    } finally {
      setGeneratorState(generator);
      restoreModes();
    }
  }
}

/** What every worker answers. */
function ownRequests(model: Module): Record<string, RequestHandler> {
  return {
    weights: () => weightsOf(model),
    load: (bytes: Uint8Array) => scope(() => model.loadStateDict(decodeSafetensors(bytes, 'the weights').tensors)),
    digest: () => digest(model.stateDict()),
    memory: () => memory(),
  };
}

function weightsOf(model: Module): Uint8Array<ArrayBuffer> {
  return encodeSafetensors(model.stateDict(), { format: 'pt' }) as Uint8Array<ArrayBuffer>;
}
