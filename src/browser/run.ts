/** One run as the page sees it: its worker, and all that came back from it so far. */
import { type BatchReport, type EpochMetrics, type MemoryReport, WorkerError } from '../slim/index.js';
import { grouped } from '../text/numbers.js';
import { type TrainingRun, trainInWorker } from '../worker/index.js';
import type { ArrivingDigits, Digits } from './digits.js';
import { WordedError, wordsOf } from './notices.js';
import type { Recipe, Side } from './settings.js';
import type { Probe, TestResults } from './training.worker.js';

export type Phase = 'empty' | 'starting' | 'running' | 'paused' | 'ended' | 'failed';

/** Loss and accuracy on test images after a step. */
export interface TestPoint {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
  /** How many were looked at. */
  readonly images: number;
}

export interface RunEvents {
  /** Something that is shown has changed. */
  changed(run: Run): void;
  /** The weights stand still, or an epoch has ended: time to look at the model in full. */
  rested(run: Run): void;
  failed(run: Run, error: unknown): void;
}

/** How often a run is looked at (memory, a quick test), in ms. */
const LOOK_EVERY = 1000;
/** A worker that answers nothing for so long (ms) is reported: a batch should not take that long. */
const PATIENCE = 15_000;

export class Run {
  phase: Phase = 'empty';
  recipe: Recipe | null = null;
  info: TrainingRun['info'] | null = null;
  /** Of each step. */
  readonly losses: number[] = [];
  readonly accuracies: number[] = [];
  readonly epochs: EpochMetrics[] = [];
  /** By rising step. */
  readonly tests: TestPoint[] = [];
  latest: BatchReport | null = null;
  memory: MemoryReport | null = null;
  digest: string | null = null;
  /** Its worker has not answered for a while, though nothing told that it ended. */
  silent = false;

  #handle: TrainingRun | null = null;
  #look: ReturnType<typeof setInterval> | undefined;
  /** When the answer that is waited for was asked for. */
  #asked: number | null = null;
  #seen = { correct: 0, images: 0 };
  #testImages = 0;
  /** Counts beginnings, so that what is late from an earlier one is told apart. */
  #turn = 0;

  constructor(
    readonly side: Side,
    readonly events: RunEvents,
  ) {}

  get name(): string {
    return this.side.toUpperCase();
  }

  /** Whether there is a model that can be asked. */
  get alive(): boolean {
    return this.#handle !== null && this.phase !== 'failed';
  }

  get steps(): number {
    return this.losses.length;
  }

  /** Steps in the whole run. */
  get total(): number {
    if (this.recipe === null || this.info === null) return 0;
    const { steps, epochs } = this.recipe.settings;
    return Math.min(steps ?? Infinity, (epochs ?? Infinity) * this.info.batches);
  }

  /** Builds the model in a worker of its own; it stands at its first step until `resume` or `step`. */
  async start(recipe: Recipe, digits: ArrivingDigits, threads: number): Promise<void> {
    this.reset();
    const turn = ++this.#turn;
    this.recipe = recipe;
    this.#testImages = Math.min(digits.test.count, recipe.settings.testLimit ?? Infinity);
    this.#enter('starting');
    try {
      const data: Digits = { ...digits, train: { ...digits.train, images: await digits.train.images } };
      if (turn !== this.#turn) return;
      const handle = await trainInWorker(recipe, {
        worker: new Worker(new URL('./training.worker.ts', import.meta.url), {
          type: 'module',
          name: `run ${this.name}`,
        }),
        data,
        threads,
        paused: true,
        onBatch: (report) => {
          if (turn === this.#turn) this.#took(report);
        },
        onEpoch: (metrics) => {
          if (turn === this.#turn) this.#finishedEpoch(metrics);
        },
        onState: (state) => {
          if (turn === this.#turn && state !== 'ended') this.#enter(state);
        },
      });
      if (turn !== this.#turn) {
        handle.terminate();
        return;
      }
      this.#handle = handle;
      this.info = handle.info;
      this.#look = setInterval(() => {
        void this.#lookIn();
      }, LOOK_EVERY);
      this.#enter('paused');
      handle.finished
        .then(({ digest }) => {
          if (turn === this.#turn) this.#finish(digest);
        })
        .catch((error: unknown) => {
          if (turn === this.#turn) this.#fail(error);
        });
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  resume(): void {
    if (this.phase === 'paused') this.#handle?.resume();
  }

  async pause(): Promise<void> {
    if (this.phase !== 'running') return;
    await this.#handle?.pause();
    await this.#probe();
    this.events.rested(this);
  }

  async step(): Promise<void> {
    if (this.phase !== 'paused') return;
    await this.#handle?.step();
    await this.#probe();
    this.events.rested(this);
  }

  /** Ends the worker and forgets everything. */
  reset(): void {
    this.#turn++;
    clearInterval(this.#look);
    this.#handle?.terminate();
    this.#handle = null;
    for (const list of [this.losses, this.accuracies, this.epochs, this.tests]) list.length = 0;
    this.recipe = this.info = this.latest = this.memory = this.digest = null;
    this.#asked = null;
    this.silent = false;
    this.#seen = { correct: 0, images: 0 };
    this.#enter('empty');
  }

  /** Asks the worker, between two batches. */
  async ask<T>(name: string, argument?: unknown, transfer?: Transferable[]): Promise<T> {
    const handle = this.#handle;
    if (handle === null)
      throw new WorkerError(`run ${this.name} has no network yet`, { hint: 'press Start or Step first' });
    return handle.request<T>(name, argument, transfer);
  }

  /** Loads weights into the model, which goes on from them. */
  async load(bytes: Uint8Array): Promise<void> {
    await this.ask('load', bytes);
    await this.#probe();
    this.events.rested(this);
  }

  /** Tests on all test images, and notes the result. */
  async test(): Promise<TestResults> {
    const results = await this.ask<TestResults>('test');
    this.#note(results);
    return results;
  }

  #enter(phase: Phase): void {
    this.phase = phase;
    this.events.changed(this);
  }

  #took(report: BatchReport): void {
    if (report.batch === 1) this.#seen = { correct: 0, images: 0 };
    const correct = Math.round((report.trainAccuracy ?? 0) * report.images);
    this.losses.push(report.loss);
    this.accuracies.push((correct - this.#seen.correct) / (report.images - this.#seen.images));
    this.#seen = { correct, images: report.images };
    this.latest = report;
    this.events.changed(this);
  }

  #finishedEpoch(metrics: EpochMetrics): void {
    this.epochs.push(metrics);
    if (metrics.testLoss !== null && metrics.testAccuracy !== null && this.info !== null) {
      this.#note({
        step: metrics.epoch * this.info.batches,
        loss: metrics.testLoss,
        accuracy: metrics.testAccuracy,
        images: this.#testImages,
      });
    }
    this.events.changed(this);
    this.events.rested(this);
  }

  #finish(digest: string): void {
    this.digest = digest;
    this.#enter('ended');
    this.events.rested(this);
  }

  #fail(error: unknown): void {
    clearInterval(this.#look);
    this.silent = false;
    this.#enter('failed');
    const { message, hint } = wordsOf(error);
    const after = this.steps === 0 ? '' : ` after step ${grouped(this.steps)}`;
    this.events.failed(
      this,
      new WordedError({
        message: `Run ${this.name} stopped${after}: ${message}`,
        hint: hint ?? 'Start begins again; what was measured stays until then',
      }),
    );
  }

  /** Memory, and while it trains a quick test; notices a worker that answers no more. */
  async #lookIn(): Promise<void> {
    const turn = this.#turn;
    if (this.#asked !== null) {
      const silent = performance.now() - this.#asked > PATIENCE;
      if (silent && !this.silent) {
        this.silent = true;
        this.events.failed(
          this,
          new WorkerError(`Run ${this.name}: its worker has not answered for ${PATIENCE / 1000} seconds`, {
            hint: 'it was ended by the browser (out of memory?), or a batch takes that long; Start begins anew',
          }),
        );
        this.events.changed(this);
      }
      return;
    }
    this.#asked = performance.now();
    try {
      const memory = await this.ask<MemoryReport>('memory');
      if (turn !== this.#turn) return;
      this.memory = memory;
      if (this.phase === 'running') await this.#probe();
      else this.events.changed(this);
    } catch {
      // Why a run ended is told where it ends.
    } finally {
      if (turn === this.#turn) {
        this.#asked = null;
        this.silent = false;
      }
    }
  }

  async #probe(): Promise<void> {
    const turn = this.#turn;
    const probe = await this.ask<Probe>('probe');
    if (turn === this.#turn) this.#note(probe);
  }

  /** Keeps a test; of two after the same step that of more images. */
  #note({ step, loss, accuracy, images }: TestPoint): void {
    const at = this.tests.findIndex((point) => point.step >= step);
    const there = at < 0 ? undefined : this.tests[at];
    const point = { step, loss, accuracy, images };
    if (there === undefined) this.tests.push(point);
    else if (there.step !== step) this.tests.splice(at, 0, point);
    else if (images >= there.images) this.tests[at] = point;
    this.events.changed(this);
  }
}
