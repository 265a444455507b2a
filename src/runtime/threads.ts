/**
 * Runs a kernel on several threads. Every worker holds an instance of the same module over the same memory; a job is a
 * kernel, its arguments, and shares of its last axis, which whoever is free claims: the calling thread does its part,
 * and all of it where no worker wakes in time. A kernel computes each output in one share and in a fixed order, so the
 * bits do not depend on who did what.
 * `threadWorker.ts` is the workers' side, `control.ts` the words in between.
 */
import { ARGUMENTS, ASLEEP, CLAIM, CONTROL_BYTES, DONE, FAILED, JOB, SPINS, type ThreadStart } from './control.js';
import { WorkerError } from './errors.js';
import { builtin, maySleep } from './host.js';
import { threadScript } from './threadScript.generated.js';

/** How long a share may take before its worker is given up for dead. */
const PATIENCE_MS = 30_000;
/** How long a worker may take to start. */
const START_MS = 10_000;
export const MAX_THREADS = 64;

/** A kernel whose last two arguments are the share [begin, end) of an axis that can be split. */
export interface ShareKernel {
  /** Index of its argument `scratch`, of which every thread needs one of its own; left out: it has none. */
  readonly scratch?: number;
  /** Index of the argument that is the address of a record whose fields `work` reads; left out: it reads none. */
  readonly record?: number;
  /**
   * About how many element-wise steps a call with these arguments takes, which decides whether a fork pays. Left out:
   * `length`, which is end − begin.
   */
  readonly work?: (length: number, args: readonly number[], record: Int32Array) => number;
}

/** A worker of any engine, as far as it is needed. */
export interface WorkerHandle {
  post(message: unknown): void;
  /** Lets the program end though the worker lives. */
  release(): void;
  terminate(): void;
}

interface NodeWorkerThreads {
  Worker: new (
    source: string,
    options: object,
  ) => {
    postMessage(message: unknown): void;
    on(event: string, listener: (value: unknown) => void): void;
    unref(): void;
    terminate(): void;
  };
}

const NO_BLOB =
  "a worker could not be started (the page's Content-Security-Policy needs worker-src blob:, or init threadScript)";

/** Starts a worker that reports `ready`, or throws a plain-word reason why there can be none. */
async function startWorker(
  payload: ThreadStart,
  script: string | URL | undefined,
  onLost: () => void,
): Promise<WorkerHandle> {
  const threads = builtin<NodeWorkerThreads>('node:worker_threads');
  let ready!: () => void;
  let failed!: (reason: Error) => void;
  const started = new Promise<void>((resolve, reject) => {
    ready = resolve;
    failed = reject;
  });
  let handle: WorkerHandle;
  if (threads !== undefined) {
    const worker = new threads.Worker(threadScript, {
      eval: true,
      name: 'lanewise',
      execArgv: [],
      stdout: false,
      stderr: false,
    });
    worker.on('message', ready);
    worker.on('error', (error) => {
      failed(error as Error);
      onLost();
    });
    worker.on('exit', () => {
      failed(new Error('the worker ended'));
      onLost();
    });
    handle = {
      post: (message) => worker.postMessage(message),
      release: () => worker.unref(),
      terminate: () => void worker.terminate(),
    };
  } else if (typeof Worker === 'function' && typeof Blob === 'function') {
    const blob =
      script === undefined ? URL.createObjectURL(new Blob([threadScript], { type: 'text/javascript' })) : undefined;
    const worker = new Worker(blob ?? script!, { name: 'lanewise' });
    worker.onmessage = ready;
    worker.onerror = (event) => {
      failed(new Error(event.message || (blob === undefined ? `${script} could not be started as a worker` : NO_BLOB)));
      onLost();
    };
    handle = { post: (message) => worker.postMessage(message), release: () => {}, terminate: () => worker.terminate() };
    if (blob !== undefined) void started.finally(() => URL.revokeObjectURL(blob)).catch(() => {});
  } else {
    throw new Error('this engine has no workers');
  }
  const timer = setTimeout(
    () => failed(new Error(`a worker did not start within ${START_MS / 1000} seconds`)),
    START_MS,
  );
  try {
    // Detecting shared memory by its constructor is not enough: in some pages only the post fails.
    handle.post(payload);
    await started;
    handle.release();
    return handle;
  } catch (error) {
    handle.terminate();
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
  readonly #workers: WorkerHandle[] = [];
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
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
    this.#words = new Int32Array(memory.buffer, control, CONTROL_BYTES / 4).fill(0);
    this.#doubles = new Float64Array(memory.buffer, control + 4 * ARGUMENTS, (CONTROL_BYTES - 4 * ARGUMENTS) / 8);
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
  run(kernel: number, local: (...args: number[]) => void, args: number[], scratch: number, stride: number): void {
    if (this.#ended) return local(...args);
    const words = this.#words;
    const count = args.length;
    const begin = args[count - 2]!;
    const end = args[count - 1]!;
    const length = shareLength(end - begin, this.threads);
    const shares = Math.ceil((end - begin) / length);
    words.set([kernel, count, begin, end, length, scratch, stride], JOB);
    this.#doubles.set(args);
    Atomics.store(words, DONE, 0);
    this.#job = (this.#job + 1) & 0xffff;
    Atomics.store(words, CLAIM, (this.#job << 16) | (shares << 8));
    if (Atomics.load(words, ASLEEP) > 0) Atomics.notify(words, CLAIM);

    let trap: unknown;
    for (let claim = Atomics.load(words, CLAIM); (claim & 255) < shares; claim = Atomics.load(words, CLAIM)) {
      if (Atomics.compareExchange(words, CLAIM, claim, claim + 1) !== claim) continue;
      const share = claim & 255;
      args[count - 2] = begin + share * length;
      args[count - 1] = Math.min(end, begin + (share + 1) * length);
      if (scratch >= 0) args[scratch]! += share * stride;
      try {
        local(...args);
      } catch (error) {
        trap ??= error;
      }
      if (scratch >= 0) args[scratch]! -= share * stride;
      Atomics.add(words, DONE, 1);
    }
    // After a trap too: as long as a worker computes, the memory that it writes to must not be freed.
    this.#await(shares);
    const failed = Atomics.exchange(words, FAILED, 0) !== 0;
    if (trap !== undefined) throw trap;
    if (failed) throw new WorkerError('a kernel trapped in a worker thread', { where: 'threads' });
  }

  /** Waits until all shares are done. */
  #await(shares: number): void {
    const words = this.#words;
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
