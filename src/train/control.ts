/** Steering a run while it goes on. */
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError } from '../runtime/errors.js';
import type { Gate } from './batches.js';

/** How a run begins. */
export interface RunControlOptions {
  /** Wait before the first batch. Default: false. */
  readonly paused?: boolean;
}

/**
 * Pauses, steps and stops the run that it is given to (`fit(model, { control })`), from outside: everything happens
 * between two batches, so a run ends on the same bits however often it was paused.
 *
 * @example
 * const control = new RunControl({ paused: true });
 * const running = fit(model, { optimizer, loader, control });
 * await control.step(2);       // two batches, then it waits again
 * control.resume();
 * control.stop();              // ends it as an AbortSignal would
 * (await running).ended;       // 'aborted'
 */
export class RunControl {
  #paused: boolean;
  #stopped = false;
  /** Batches that may be trained although the run is paused. */
  #steps = 0;
  #running = false;
  #waiting = false;
  /** Wakes the run where it waits. */
  #wake: (() => void) | undefined;
  /** What is to be done between two batches. */
  #tasks: (() => Promise<void>)[] = [];
  #doing: Promise<void> | undefined;
  /** Those who wait for the run to wait, or to end. */
  #watchers: (() => void)[] = [];

  constructor(options: RunControlOptions = {}) {
    checkArguments('new RunControl({ paused: true })', options);
    this.#paused = options.paused ?? false;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Lets the run wait after the batch at hand. Resolves once it waits or has ended; at once where none goes on. */
  pause(): Promise<void> {
    this.#paused = true;
    this.#steps = 0;
    return this.#atRest();
  }

  /** Lets the run go on. */
  resume(): void {
    this.#paused = false;
    this.#steps = 0;
    this.#wake?.();
  }

  /**
   * Lets a paused run train so many batches, and wait again; pauses one that is not. Resolves once it waits or has
   * ended.
   *
   * @throws {ArgumentError} when `batches` is not a whole number ≥ 1
   */
  async step(batches = 1): Promise<void> {
    checkArguments('control.step(batches?=1)', batches);
    this.#steps = (this.#paused ? this.#steps : 0) + batches;
    this.#paused = true;
    this.#waiting = false;
    this.#wake?.();
    await this.#atRest();
  }

  /** Ends the run after the batch at hand, with a checkpoint, as an `AbortSignal` does. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /**
   * Calls `task` between two batches, while no tensor of the run is in the making; at once where the run waits or none
   * goes on. Tasks run one after another, and the run waits until they are done.
   */
  between<R>(task: () => R | Promise<R>): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.#tasks.push(async () => {
        try {
          resolve(await task());
        } catch (error) {
          reject(error as Error);
        }
      });
      if (this.#running) this.#wake?.();
      else void this.#doTasks();
    });
  }

  /** @internal */
  begin(): void {
    if (this.#running)
      throw new ArgumentError('this control steers another run already', {
        where: 'fit: control',
        hint: 'give each run a RunControl of its own',
      });
    this.#running = true;
  }

  /** @internal */
  end(): void {
    this.#running = false;
    this.#tellWatchers();
    void this.#doTasks();
  }

  /** To be told of each batch that was trained. @internal */
  trained(): void {
    if (this.#steps > 0) this.#steps--;
  }

  /** @internal */
  get held(): boolean {
    return this.#stopped || this.#tasks.length > 0 || (this.#paused && this.#steps === 0);
  }

  /** @internal */
  async ready(): Promise<boolean> {
    for (;;) {
      while (this.#tasks.length > 0) await this.#doTasks();
      if (this.#stopped) return false;
      if (!this.held) return true;
      this.#waiting = true;
      this.#tellWatchers();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
      this.#waiting = false;
    }
  }

  /** Does the tasks, one after another, those that come meanwhile included. Resolves once none is left. */
  #doTasks(): Promise<void> {
    if (this.#tasks.length === 0) return Promise.resolve();
    this.#doing ??= this.#doThem();
    return this.#doing;
  }

  async #doThem(): Promise<void> {
    for (let task = this.#tasks[0]; task !== undefined; task = this.#tasks[0]) {
      await task();
      this.#tasks.shift();
    }
    this.#doing = undefined;
  }

  #atRest(): Promise<void> {
    if (!this.#running || this.#waiting) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push(resolve));
  }

  #tellWatchers(): void {
    for (const tell of this.#watchers.splice(0)) tell();
  }
}

/** Where a control holds its run. @param onWaited gets the ms that it was held @internal */
export function gateOf(control: RunControl, onWaited: (ms: number) => void): Gate {
  return {
    get held() {
      return control.held;
    },
    ready: async () => {
      const since = performance.now();
      const goOn = await control.ready();
      onWaited(performance.now() - since);
      return goOn;
    },
  };
}
