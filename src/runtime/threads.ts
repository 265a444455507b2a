/**
 * Runs a kernel on several threads. Every worker holds an instance of the same module over the same memory; a job is a
 * kernel, its arguments, and shares of its last axis, which whoever is free claims: the calling thread does its part,
 * and all of it where no worker wakes in time. A kernel computes each output in one share and in a fixed order, so the
 * bits do not depend on who did what.
 * `threadWorker.ts` is the side of the workers, `shares.ts` what both do, `control.ts` the words in between.
 */
import { ASLEEP, CLAIM, DONE, FAILED, JOB, SPINS, type ThreadStart } from './control.js';
import { WorkerError } from './errors.js';
import { maySleep } from './host.js';
import { type Control, controlAt, type Kernel, runShares } from './shares.js';
import { threadScript } from './threadScript.generated.js';
import { openWorker, type WorkerChannel } from './workers.js';

/** How long a share may take before its worker is given up for dead. */
const PATIENCE_MS = 30_000;
/** How long a worker may take to start. */
const START_MS = 10_000;
export const MAX_THREADS = 64;

/** Starts a worker that reports `ready`, or throws a plain-word reason why there can be none. */
async function startWorker(
  payload: ThreadStart,
  url: string | URL | undefined,
  onLost: () => void,
): Promise<WorkerChannel> {
  let channel: WorkerChannel | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<unknown>((ready, failed) => {
      timer = setTimeout(() => failed(new Error(`a worker did not start within ${START_MS / 1000} seconds`)), START_MS);
      channel = openWorker(
        { text: threadScript, url },
        {
          onMessage: ready,
          onLost: (reason) => {
            failed(new Error(`a worker is lost: ${reason}`));
            onLost();
          },
        },
      );
      // Detecting shared memory by its constructor is not enough: in some pages only the post fails.
      channel.post(payload);
    });
    channel!.keepAlive(false);
    return channel!;
  } catch (error) {
    channel?.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** What a pool is started with besides. */
export interface PoolOptions {
  /** Address of dist/thread.js, for pages that forbid workers from a Blob. */
  readonly script?: string | URL | undefined;
  /** How long a share may take before its worker is given up for dead. */
  readonly patienceMs?: number;
}

export class ThreadPool {
  readonly #workers: WorkerChannel[] = [];
  readonly #control: Control;
  /** Called when the pool has ended though nothing stopped it, with the reason in words. */
  onLost: ((reason: string) => void) | undefined = undefined;
  #job = 0;
  #ended = false;

  private constructor(
    readonly threads: number,
    memory: WebAssembly.Memory,
    control: number,
    private readonly patienceMs: number,
  ) {
    this.#control = controlAt(memory, control);
    this.#control.words.fill(0);
  }

  /**
   * Starts `threads − 1` workers (the calling thread is the first).
   *
   * @param control address of CONTROL_BYTES bytes that no worker has used before
   * @param names of the kernels: their order gives the numbers that jobs use
   */
  static async start(
    threads: number,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    control: number,
    names: readonly string[],
    { script, patienceMs = PATIENCE_MS }: PoolOptions = {},
  ): Promise<ThreadPool> {
    const pool = new ThreadPool(Math.min(threads, MAX_THREADS), memory, control, patienceMs);
    const payload = { module, memory, control, names };
    const onLost = (): void => pool.#lose('a worker thread has ended');
    const starts = Array.from({ length: pool.threads - 1 }, () => startWorker(payload, script, onLost));
    const results = await Promise.allSettled(starts);
    for (const result of results) if (result.status === 'fulfilled') pool.#workers.push(result.value);
    const failed = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
    if (failed === undefined && !pool.#ended) return pool;
    pool.stop();
    throw failed?.reason ?? new Error('a worker thread has ended');
  }

  /** Ends the workers; what is still run is run on the calling thread. */
  stop(): void {
    this.#ended = true;
    for (const worker of this.#workers) worker.terminate();
    this.#workers.length = 0;
  }

  #lose(reason: string): void {
    if (this.#ended) return;
    this.stop();
    this.onLost?.(reason);
  }

  /**
   * Runs `kernel` over [begin, end), its last two arguments, in one share a thread.
   *
   * @param scratch index of the argument that is to differ by `stride` bytes from share to share; −1: none
   * @throws {WorkerError} when a worker did not finish, or a kernel trapped in one
   */
  run(kernel: number, local: Kernel, args: number[], scratch: number, stride: number): void {
    if (this.#ended) return local(...args);
    const { words, doubles } = this.#control;
    const count = args.length;
    const begin = args[count - 2]!;
    const end = args[count - 1]!;
    const length = shareLength(end - begin, this.threads);
    const shares = Math.ceil((end - begin) / length);
    words.set([kernel, count, begin, end, length, scratch, stride], JOB);
    doubles.set(args);
    Atomics.store(words, DONE, 0);
    this.#job = (this.#job + 1) & 0xffff;
    Atomics.store(words, CLAIM, (this.#job << 16) | (shares << 8));
    if (Atomics.load(words, ASLEEP) > 0) Atomics.notify(words, CLAIM);

    const trap = runShares(this.#control, () => local);
    // After a trap too: as long as a worker computes, the memory that it writes to must not be freed.
    this.#await(shares);
    const failed = Atomics.exchange(words, FAILED, 0) !== 0;
    if (trap !== undefined) throw trap;
    if (failed) throw new WorkerError('a kernel trapped in a worker thread', { where: 'threads' });
  }

  /** Waits until all shares are done. */
  #await(shares: number): void {
    const { words } = this.#control;
    let deadline = 0;
    for (let spins = 0; ; spins++) {
      const done = Atomics.load(words, DONE);
      if (done === shares) return;
      if (spins < SPINS) continue;
      const now = performance.now();
      if (deadline === 0) deadline = now + this.patienceMs;
      else if (now > deadline) {
        const reason = `a worker thread did not finish its share within ${this.patienceMs / 1000} seconds`;
        this.#lose(reason);
        throw new WorkerError(reason, {
          where: 'threads',
          hint: 'it was probably stopped from outside; the kernels run on one thread from here on',
        });
      }
      if (maySleep) Atomics.wait(words, DONE, done, 100);
      else spins = SPINS - 1000;
    }
  }
}

/** Length of a share: equal ones, at whole cache lines or tiles where the axis is long enough. */
function shareLength(total: number, threads: number): number {
  const even = Math.ceil(total / threads);
  const unit = total >= 64 * threads ? 16 : total >= 8 * threads ? 4 : 1;
  return Math.ceil(even / unit) * unit;
}
