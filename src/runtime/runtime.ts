/**
 * The runtime: one object with what is loaded and in force, and how that begins, changes and is told. It is the one
 * place that knows the kernels; everything above deals in addresses and copies (memory.ts, scratch.ts).
 */
import { CONTROL_BYTES } from './control.js';
import { ArgumentError } from './errors.js';
import { FORK_ABOVE, type Forking, forkingKernels } from './fork.js';
import type { Kernels } from './kernels.generated.js';
import { carriedKernels, findKernels, type Loaded, load, loadShared } from './load.js';
import {
  type Asked,
  affordableThreads,
  changed,
  checkOptions,
  type InitOptions,
  type RuntimeInfo,
  refuseChange,
  sameSource,
  withDefaults,
} from './options.js';
import { ThreadPool } from './threads.js';

/** What `guards.ts` puts around every range, for tests. @internal */
export interface Guards {
  /** Bytes before and after a range. */
  readonly bytes: number;
  paint(memory: Uint8Array, address: number, bytes: number): void;
  check(memory: Uint8Array, address: number, bytes: number): void;
}

interface Runtime extends Forking {
  /** The kernels and their memory, from the first tensor or `init` on. */
  loaded: Loaded | undefined;
  /** What `runtimeInfo` gives. */
  info: RuntimeInfo | undefined;
  /** The threads; undefined where there is one. */
  pool: ThreadPool | undefined;
  /** What the runtime was started with, or is being started with. */
  asked: Asked | undefined;
  /** The start that is under way. */
  starting: Promise<RuntimeInfo> | undefined;
  /** kernels.wasm as `unpackKernels` takes it; undefined in `lanewise/slim`. */
  carried: string | undefined;
  guards: Guards | undefined;
}

/** @internal */
export const runtime: Runtime = {
  loaded: undefined,
  info: undefined,
  pool: undefined,
  asked: undefined,
  starting: undefined,
  carried: undefined,
  guards: undefined,
  forkAbove: FORK_ABOVE,
  scratchStride: 0,
};

/**
 * The kernels in force, every one a function over addresses and numbers. Before they are loaded, reading one loads
 * them. A variable of its own: engines call the exports of an instance faster than functions of a table.
 * @internal
 */
export let kernels: Kernels = new Proxy({} as Kernels, {
  get: (_target, name) => running().exports[name as keyof Kernels],
});

/** Gives the runtime the kernels that it starts with where `init` is given no others. @internal */
export function carryKernels(text: string): void {
  runtime.carried = text;
}

/** What is loaded. Loads the kernels that are carried if need be. @internal */
export function running(): Loaded {
  if (runtime.loaded === undefined) start();
  return runtime.loaded!;
}

/** What the runtime is made of: variant, threads, memory. Starts it with the defaults if need be. */
export function runtimeInfo(): RuntimeInfo {
  return start();
}

/**
 * Loads the kernels, and starts the threads. Optional: the first tensor loads them too, on one thread.
 *
 * A later call that repeats options, or gives none, resolves to the same; also while the first is under way. One that
 * gives others throws. When the first has failed, the next may try again.
 *
 * @throws {UnsupportedError} when the engine has no WebAssembly SIMD
 * @throws {ArgumentError} on a bad option, on one that differs from what is in force, or when it comes too late
 * @throws {MissingDataError} when `wasm` cannot be read
 * @throws {FileFormatError} when `wasm` is no WebAssembly, or not all of it
 * @throws {OutOfMemoryError} when the engine has no room for a memory
 * @example
 * const { threads, threadsReason } = await init({ threads: 4 });
 */
export async function init(options: InitOptions = {}): Promise<RuntimeInfo> {
  const given = checkOptions(options);
  if (runtime.asked !== undefined) return initAgain(given, runtime.asked);
  const first = (runtime.asked = withDefaults(given));
  const atOnce = first.threads === 1 && !first.fast && !first.wide && first.wasm === undefined;
  return begin(() => (atOnce ? start(first) : startAsked(first)));
}

/**
 * Ends the worker threads; kernels go on with one thread. Seldom needed: idle workers do not keep a program alive. To
 * start them again, call `init` with the same number of threads.
 */
export function stopThreads(): void {
  endThreads('stopThreads() was called');
}

/** Starts, and keeps that as the start that is under way until it ends. */
async function begin(run: () => RuntimeInfo | Promise<RuntimeInfo>): Promise<RuntimeInfo> {
  try {
    return await (runtime.starting = Promise.resolve(run()));
  } finally {
    runtime.starting = undefined;
    if (runtime.loaded === undefined) runtime.asked = undefined;
  }
}

/** Resolves to what is in force, or will be, when the options say nothing else. */
async function initAgain(options: InitOptions, inForce: Asked): Promise<RuntimeInfo> {
  refuseChange(options, inForce, runtime.info);
  const { wasm, threads = 1 } = options;
  const { starting, pool, loaded } = runtime;
  const ended = starting === undefined && pool === undefined && loaded!.module !== undefined;
  const info = starting ?? (ended && threads > 1 ? begin(() => restartThreads(loaded!, inForce)) : runtime.info!);
  if (wasm === undefined || sameSource(wasm, inForce.wasm)) return info;
  const [other, { variant }] = await Promise.all([findKernels({ ...inForce, wasm }, undefined), info]);
  if (other.variant !== variant)
    throw changed(`wasm is the ${variant} kernels and cannot become the ${other.variant} ones`, runtime.info);
  return runtime.info!;
}

/** Starts on one thread, at once, with the kernels that are carried. */
function start(options = withDefaults({ threads: 1 })): RuntimeInfo {
  if (runtime.info !== undefined) return runtime.info;
  const loaded = load(carriedKernels(runtime.carried), options.maximumMemory);
  // The first tensor may have come before an `init` that is under way: then it decides.
  runtime.asked = options;
  runtime.starting = undefined;
  return use(loaded);
}

/** Starts with threads, wide kernels, relaxed SIMD or a module from elsewhere, as far as they can be had. */
async function startAsked(options: Asked): Promise<RuntimeInfo> {
  const found = await findKernels(options, runtime.carried);
  let { threads, threadsReason } = affordableThreads(options);
  if (threads > 1) {
    try {
      const loaded = await loadShared(found, options.maximumMemory);
      const pool = await startPool(loaded, options);
      if (runtime.loaded === undefined) return useThreads(loaded, threadsReason, pool);
      pool.stop();
    } catch (error) {
      threadsReason = noThreads(error);
    }
  }
  if (runtime.loaded !== undefined) {
    throw new ArgumentError('a tensor was made while the kernels were loading', {
      where: 'init',
      hint: 'await init() before the first tensor is made',
    });
  }
  return use(load(found, options.maximumMemory), threadsReason);
}

const noThreads = (error: unknown): string => `no threads: ${(error as Error).message}`;

/** Starts threads again where they were ended; says why where that fails. */
async function restartThreads(loaded: Loaded, options: Asked): Promise<RuntimeInfo> {
  try {
    return useThreads(loaded, affordableThreads(options).threadsReason, await startPool(loaded, options));
  } catch (error) {
    return use(loaded, noThreads(error));
  }
}

/** Starts workers. Those of an earlier pool may not have ended yet: the control words are fresh ones. */
async function startPool({ allocator, exports, memory, module }: Loaded, options: Asked): Promise<ThreadPool> {
  const control = allocator.reserve(CONTROL_BYTES);
  if (control === null) throw new Error('the memory is full');
  const { threads } = affordableThreads(options);
  return ThreadPool.start(threads, module!, memory, control, Object.keys(exports), { script: options.threadScript });
}

function endThreads(threadsReason: string): void {
  const { loaded, pool } = runtime;
  if (pool === undefined) return;
  use(loaded!, threadsReason);
  pool.stop();
}

/** Puts kernels and threads in force. */
function useThreads(loaded: Loaded, threadsReason: string | undefined, pool: ThreadPool): RuntimeInfo {
  pool.onLost = endThreads;
  return use(loaded, threadsReason, pool, forkingKernels(loaded.exports, loaded.memory, pool, runtime));
}

/** Puts kernels in force. Knows nothing of threads, so that bundlers drop them where `init` is not called. */
function use(loaded: Loaded, threadsReason?: string, pool?: ThreadPool, used = loaded.exports): RuntimeInfo {
  const { variant, wideReason, maximumMemory } = loaded;
  runtime.loaded = loaded;
  runtime.pool = pool;
  kernels = used;
  return (runtime.info = Object.freeze({
    variant,
    threads: pool?.threads ?? 1,
    maximumMemory,
    ...(threadsReason !== undefined && { threadsReason }),
    ...(wideReason !== undefined && { wideReason }),
  }));
}
