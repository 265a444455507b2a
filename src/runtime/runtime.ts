/**
 * The one place that touches WebAssembly: it instantiates the kernels over one linear memory, allocates from that
 * memory and makes (always fresh) typed-array views of it. Everything above deals in addresses and copies.
 */
import { instantiate, instantiateSync } from '@assemblyscript/loader';
import { ALIGNMENT, Allocator } from './allocator.js';
import { ArgumentError, OutOfMemoryError } from './errors.js';
import { checkGuards, paintGuards } from './guards.js';
import { shareKernels, type Kernels } from './kernels.generated.js';
import { withSharedMemory } from './sharedMemory.js';
import { CONTROL_BYTES, ThreadPool } from './threads.js';
import { unpackKernels } from './unpack.js';
import { checkSimd, hasRelaxedSimd, variantOf, type Variant } from './variants.js';
import { compileWasm, isModule, readWasm, type WasmSource } from './wasmSource.js';

export type { Kernels };

const PAGE = 65_536;
/** 16 MB to begin with; up to 4 GB, all that 32-bit addresses reach. */
const INITIAL_PAGES = 256;
const MAXIMUM_PAGES = 65_536;

/**
 * Work (in element-wise steps, see `@work`) below which a kernel stays on one thread. A fork and join takes one to two
 * microseconds while the workers are awake; a step takes about a fifth of a nanosecond.
 */
const FORK_ABOVE = 32_768;

let forkAbove = FORK_ABOVE;

/** Lets kernels fork from another amount of work on (0: always, Infinity: never), for tests. @internal */
export function setForkAbove(work = FORK_ABOVE): void {
  forkAbove = work;
}

/** How the kernels are loaded and run. */
export interface InitOptions {
  /** The most memory that tensors may take, in bytes. Default: 4 GB, what WebAssembly can address. */
  readonly maximumMemory?: number;
  /** Threads to run the kernels on. Default: as many as the machine has cores. The results do not depend on it. */
  readonly threads?: number;
  /**
   * Let the engine fuse a·b + c where it can (relaxed SIMD): up to a quarter faster, but the last bits then depend on
   * the engine and the machine. Default: false.
   */
  readonly fast?: boolean;
  /**
   * The kernels, where they are not to be those that the JavaScript carries: the file `lanewise/kernels.wasm` (or, with
   * `fast`, `lanewise/kernels.relaxed.wasm`) of the same version. `lanewise/slim` carries none, and needs them. A
   * compiled Module runs on one thread only.
   */
  readonly wasm?: WasmSource;
  /**
   * Address of the file `lanewise/thread.js`, on the page's own origin: where threads come from on a page whose
   * Content-Security-Policy allows no `worker-src blob:`. Default: from a Blob. Without meaning outside of browsers.
   */
  readonly threadScript?: string | URL;
}

/** What `init` found and chose. */
export interface RuntimeInfo {
  /** Variant of the kernels in use: 'relaxed' only where `fast` was asked for and the engine has relaxed SIMD. */
  readonly variant: Variant;
  /** Number of threads that the kernels run on. */
  readonly threads: number;
  /** Why there are fewer threads than asked for, where that is so. */
  readonly threadsReason?: string;
}

interface Runtime {
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  readonly info: RuntimeInfo;
  readonly pool: ThreadPool | null;
}

let runtime: Runtime | undefined;

/** kernels.wasm as `unpackKernels` takes it; none in `lanewise/slim`. */
let carried: string | undefined;

/** Gives the runtime the kernels that it starts with where `init` is given no others. @internal */
export function carryKernels(text: string): void {
  carried = text;
}
let guardBytes = 0;

/**
 * The kernels, every one a function over addresses and numbers. They are there once the first tensor is made or `init`
 * was called; before that, reading one throws.
 * @internal
 */
export let kernels: Kernels = new Proxy({} as Kernels, {
  get(_target, name) {
    start();
    return kernels[name as keyof Kernels];
  },
});

/**
 * Loads the kernels, and starts the threads. Optional: the first tensor loads them too, on one thread. Calling it again
 * without options is free; with options it throws once tensors may live in the memory.
 *
 * @throws {UnsupportedError} when the engine has no WebAssembly SIMD
 * @throws {ArgumentError} on a bad option, or when it comes too late
 * @throws {MissingDataError} when `wasm` cannot be read
 * @throws {FileFormatError} when `wasm` is no WebAssembly, or not all of it
 * @example
 * const { threads, threadsReason } = await init({ threads: 4 });
 */
export async function init(options: InitOptions = {}): Promise<RuntimeInfo> {
  if (starting !== undefined) await starting;
  if (runtime !== undefined) {
    if (Object.values(options).some((option) => option !== undefined)) {
      throw new ArgumentError('lanewise is already initialised', { where: 'init', hint: 'call init(options) once, before the first tensor is made' });
    }
    return runtime.info;
  }
  const { threads = availableThreads(), fast = false } = options;
  if (!Number.isInteger(threads) || threads < 1) throw new ArgumentError(`threads must be a whole number ≥ 1, not ${threads}`, { where: 'init' });
  checkMaximumMemory(options.maximumMemory);
  if (threads === 1 && !fast && options.wasm === undefined) return start(options);
  starting = startVariant(threads, fast, options);
  try {
    return await starting;
  } finally {
    starting = undefined;
  }
}

let starting: Promise<RuntimeInfo> | undefined;

/** Ends the worker threads; kernels go on with one thread. Seldom needed: idle workers do not keep a program alive. */
export function stopThreads(): void {
  endThreads('stopThreads() was called');
}

function endThreads(threadsReason: string): void {
  if (runtime === undefined || runtime.pool === null) return;
  const { pool, info } = runtime;
  kernels = singleThreaded!;
  runtime = { ...runtime, pool: null, info: { ...info, threads: 1, threadsReason } };
  pool.stop();
}

function availableThreads(): number {
  const os = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process?.getBuiltinModule?.('node:os') as { availableParallelism?: () => number } | undefined;
  return os?.availableParallelism?.() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

function checkMaximumMemory(maximumMemory = MAXIMUM_PAGES * PAGE): number {
  if (!(maximumMemory >= INITIAL_PAGES * PAGE && maximumMemory <= MAXIMUM_PAGES * PAGE)) {
    throw new ArgumentError(`maximumMemory must be between ${INITIAL_PAGES * PAGE} and ${MAXIMUM_PAGES * PAGE} bytes, not ${maximumMemory}`, { where: 'init' });
  }
  return Math.floor(maximumMemory / PAGE);
}

/** Starts the runtime on one thread, at once, with the kernels that are carried. */
function start(options: InitOptions = {}): RuntimeInfo {
  if (runtime !== undefined) return runtime.info;
  checkSimd();
  if (carried === undefined) throw new ArgumentError('lanewise/slim carries no kernels', { where: 'init', hint: "await init({ wasm }) before the first tensor is made; or import 'lanewise'" });
  return startOneThread(unpackKernels(carried), 'simd', options);
}

function startOneThread(code: Uint8Array<ArrayBuffer> | WebAssembly.Module, variant: Variant, options: InitOptions, threadsReason?: string): RuntimeInfo {
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: checkMaximumMemory(options.maximumMemory) });
  const imports = { env: { memory } };
  // The loader tells a Module by its class, which another realm has too.
  const instance = isModule(code) ? new WebAssembly.Instance(code, imports) : instantiateSync(code, imports).instance;
  kernels = instance.exports as unknown as Kernels;
  const info: RuntimeInfo = { variant, threads: 1, ...(threadsReason === undefined ? {} : { threadsReason }) };
  runtime = { memory, allocator: allocatorOver(memory), info, pool: null };
  return info;
}

/** Starts the runtime with threads, relaxed SIMD or a module from elsewhere, as far as they can be had; says why where there are no threads. */
async function startVariant(threads: number, fast: boolean, options: InitOptions): Promise<RuntimeInfo> {
  checkSimd();
  let variant: Variant = fast && hasRelaxedSimd() ? 'relaxed' : 'simd';
  const code = options.wasm !== undefined ? await readWasm(options.wasm)
    : variant === 'relaxed' ? unpackKernels((await import('./kernels.relaxed.generated.js')).kernelsText)
    : carried !== undefined ? unpackKernels(carried) : undefined;
  if (code !== undefined && options.wasm !== undefined) variant = variantOf(compileWasm(code), fast);
  let reason: string | undefined;
  if (code !== undefined && threads > 1) {
    try {
      if (isModule(code)) throw new Error('a compiled Module cannot be given shared memory (give its bytes, URL or Response)');
      return await startThreads(threads, code, variant, options);
    } catch (error) {
      if (error instanceof ArgumentError) throw error;
      reason = `no threads: ${(error as Error).message}`;
    }
  }
  if (runtime !== undefined) throw tooEarly();
  return code === undefined ? start(options) : startOneThread(code, variant, options, reason);
}

/** Starts the runtime over shared memory with a pool of workers. */
async function startThreads(threads: number, code: Uint8Array, variant: Variant, options: InitOptions): Promise<RuntimeInfo> {
  if (typeof SharedArrayBuffer === 'undefined') throw new Error('this page has no shared memory (it needs the headers COOP: same-origin and COEP: require-corp)');
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: checkMaximumMemory(options.maximumMemory), shared: true });
  const { module, instance } = await instantiate(withSharedMemory(code, MAXIMUM_PAGES), { env: { memory } });
  const exports = instance.exports as unknown as Kernels;
  const control = Math.ceil(exports.heap_base() / ALIGNMENT) * ALIGNMENT;
  const pool = await ThreadPool.start(threads, module, memory, control, Object.keys(exports), { script: options.threadScript });
  if (runtime !== undefined) {
    pool.stop();
    throw tooEarly();
  }
  singleThreaded = exports;
  pool.onLost = endThreads;
  kernels = threadedKernels(exports, pool);
  runtime = { memory, allocator: allocatorOver(memory, control + CONTROL_BYTES), info: { variant, threads: pool.threads }, pool };
  return runtime.info;
}

function tooEarly(): ArgumentError {
  return new ArgumentError('a tensor was made while the kernels were loading', { where: 'init', hint: 'await init() before the first tensor is made' });
}

let singleThreaded: Kernels | undefined;

/** The kernels, with those that can be split made to run on the pool where the work is worth it. */
function threadedKernels(exports: Kernels, pool: ThreadPool): Kernels {
  const table: Record<string, unknown> = { ...exports };
  const names = Object.keys(exports);
  shareKernels.forEach((share, id) => {
    if (share === undefined) return;
    const { scratch = -1, work = itself } = share;
    const name = names[id]!;
    const local = exports[name as keyof Kernels] as (...args: number[]) => void;
    table[name] = (...args: number[]) => {
      const length = args.at(-1)! - args.at(-2)!;
      if (length < 2 || work(length, args) < forkAbove) local(...args);
      else pool.run(id, local, args, scratch, scratchStride);
    };
  });
  return table as unknown as Kernels;
}

const itself = (length: number): number => length;

function allocatorOver(memory: WebAssembly.Memory, base: number = kernels.heap_base()): Allocator {
  return new Allocator(base, memory.buffer.byteLength, (bytes) => grow(memory, bytes));
}

/** Lets the memory hold `bytes` bytes: by half more than it has where that is possible, so that growing stays rare. */
function grow(memory: WebAssembly.Memory, bytes: number): number | null {
  const have = memory.buffer.byteLength / PAGE;
  const need = Math.ceil(bytes / PAGE) - have;
  for (const pages of [Math.max(need, Math.ceil(have / 2)), need]) {
    try {
      memory.grow(pages);
      return memory.buffer.byteLength;
    } catch {
      // The engine has no room for that many pages; try just those that are needed.
    }
  }
  return null;
}

/** What the runtime is made of: variant, threads. Starts it with the defaults if need be. */
export function runtimeInfo(): RuntimeInfo {
  return start();
}

/** @internal Bytes handed out, peak, and the size of the whole memory. */
export function memoryUsage(): { bytes: number; peakBytes: number; reservedBytes: number } {
  const { allocator, memory } = running();
  return { bytes: allocator.live, peakBytes: allocator.peak, reservedBytes: memory.buffer.byteLength };
}

/** Makes the bytes live now the peak, so that `memory().peakBytes` tells the peak of what follows. */
export function resetPeakMemory(): void {
  running().allocator.resetPeak();
}

function running(): Runtime {
  if (runtime === undefined) start();
  return runtime!;
}

/**
 * Address of `bytes` fresh bytes (contents undefined), a multiple of 64.
 * @internal
 */
export function allocate(bytes: number): number {
  const { allocator } = running();
  const address = allocator.allocate(bytes + 2 * guardBytes);
  if (address === null) {
    const { bytes: live, reservedBytes } = memoryUsage();
    throw new OutOfMemoryError(`no room for ${format(bytes)}: ${format(live)} of ${format(reservedBytes)} are in use`, {
      hint: 'use a smaller batch or model; wrap work in scope(() => …), or call dispose() on tensors that are kept for no reason',
    });
  }
  if (guardBytes > 0) paintGuards(wholeMemory(), address + guardBytes, bytes, guardBytes);
  return address + guardBytes;
}

/** Gives back what `allocate(bytes)` returned. @internal */
export function release(address: number, bytes: number): void {
  if (guardBytes > 0) checkGuards(wholeMemory(), address, bytes, guardBytes);
  running().allocator.release(address - guardBytes, bytes + 2 * guardBytes);
}

function format(bytes: number): string {
  return bytes < 1e6 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// ---- Views. Growing the memory detaches them: use one at once, keep none. ----

/** @internal */
export function viewF32(address: number, length: number): Float32Array {
  return new Float32Array(running().memory.buffer, address, length);
}

/** @internal */
export function viewI32(address: number, length: number): Int32Array {
  return new Int32Array(running().memory.buffer, address, length);
}

/** @internal */
export function viewU8(address: number, length: number): Uint8Array {
  return new Uint8Array(running().memory.buffer, address, length);
}

/** Copies bytes within the memory. @internal */
export function copyBytes(target: number, source: number, bytes: number): void {
  wholeMemory().copyWithin(target, source, source + bytes);
}

function wholeMemory(): Uint8Array {
  return new Uint8Array(running().memory.buffer);
}

// ---- Scratch: memory that a kernel needs only while it runs. ----

/** Bytes from the scratch of one thread to that of the next, for the innermost `withScratch`. */
let scratchStride = 0;

/**
 * Runs `use` with the address of `bytes` bytes that are free again afterwards. Passed on as the argument `scratch` of a
 * kernel, every thread gets that many bytes of its own.
 * @internal
 */
export function withScratch<R>(bytes: number, use: (scratch: number) => R): R {
  const stride = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  const whole = runningThreads() === 1 ? bytes : stride * runningThreads();
  const before = scratchStride;
  const address = allocate(whole);
  scratchStride = stride;
  try {
    return use(address);
  } finally {
    scratchStride = before;
    release(address, whole);
  }
}

/**
 * Runs `use` with the address of `bytes` bytes, one range for all threads, that are free again afterwards.
 * @internal
 */
export function withMemory<R>(bytes: number, use: (address: number) => R): R {
  const address = allocate(bytes);
  try {
    return use(address);
  } finally {
    release(address, bytes);
  }
}

function runningThreads(): number {
  return runtime?.pool?.threads ?? 1;
}

// ---- Guards: a painted stripe before and after every range, to catch kernels that write out of bounds (tests). ----

/** Surrounds every range allocated from now on by painted bytes that `release` checks. Only with nothing live. @internal */
export function setGuards(on: boolean): void {
  if (running().allocator.live !== 0) throw new ArgumentError(`${running().allocator.live} bytes are live`, { where: 'setGuards' });
  guardBytes = on ? ALIGNMENT : 0;
}
