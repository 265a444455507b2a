/**
 * The one place that touches WebAssembly: it instantiates the kernels over one linear memory, allocates from that
 * memory and makes (always fresh) typed-array views of it. Everything above deals in addresses and copies.
 */
import { instantiate, instantiateSync } from '@assemblyscript/loader';
import type { Address } from './address.js';
import { ALIGNMENT, Allocator } from './allocator.js';
import { CONTROL_BYTES } from './control.js';
import { ArgumentError, OutOfMemoryError } from './errors.js';
import { type Kernels, shareKernels } from './kernels.generated.js';
import { createMemory, grow, MAXIMUM_PAGES } from './memory.js';
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
import { withSharedMemory } from './sharedMemory.js';
import { ThreadPool } from './threads.js';
import { unpackKernels } from './unpack.js';
import { checkSimd, hasRelaxedSimd, type Variant, variantOf } from './variants.js';
import { compileWasm, isModule, readWasm } from './wasmSource.js';

export type { Kernels, RuntimeInfo };

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

interface Runtime {
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  readonly info: RuntimeInfo;
  readonly pool: ThreadPool | null;
  /** Where the memory is shared: what threads are started with, and the kernels without them. */
  readonly shared: { readonly module: WebAssembly.Module; readonly exports: Kernels } | null;
}

let runtime: Runtime | undefined;

/** What the runtime was started with, or is being started with. */
let asked: Asked | undefined;

/** The start that is under way. */
let starting: Promise<RuntimeInfo> | undefined;

/** kernels.wasm as `unpackKernels` takes it; none in `lanewise/slim`. */
let carried: string | undefined;

/** Gives the runtime the kernels that it starts with where `init` is given no others. @internal */
export function carryKernels(text: string): void {
  carried = text;
}
/** What `guards.ts` puts around every range, for tests. @internal */
export interface Guards {
  /** Bytes before and after a range. */
  readonly bytes: number;
  paint(memory: Uint8Array, address: number, bytes: number): void;
  check(memory: Uint8Array, address: number, bytes: number): void;
}

let guards: Guards | null = null;

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
  if (asked !== undefined) return initAgain(given, asked);
  const first = (asked = withDefaults(given));
  const atOnce = first.threads === 1 && !first.fast && first.wasm === undefined;
  return begin(() => (atOnce ? start(first) : startVariant(first)));
}

/** Starts, and keeps that as the start that is under way until it ends. */
async function begin(run: () => RuntimeInfo | Promise<RuntimeInfo>): Promise<RuntimeInfo> {
  try {
    return await (starting = Promise.resolve(run()));
  } finally {
    starting = undefined;
    if (runtime === undefined) asked = undefined;
  }
}

/** Resolves to what is in force, or will be, when the options say nothing else. */
async function initAgain(options: InitOptions, inForce: Asked): Promise<RuntimeInfo> {
  refuseChange(options, inForce, runtime?.info);
  const { wasm, threads = 1 } = options;
  const ended = starting === undefined && runtime!.pool === null && runtime!.shared !== null;
  const info = starting ?? (ended && threads > 1 ? begin(() => restartThreads(inForce)) : runtime!.info);
  if (wasm === undefined || sameSource(wasm, inForce.wasm)) return info;
  const [code, { variant }] = await Promise.all([readWasm(wasm), info]);
  const other = variantOf(compileWasm(code), inForce.fast);
  if (other !== variant)
    throw changed(`wasm is the ${variant} kernels and cannot become the ${other} ones`, runtime!.info);
  return runtime!.info;
}

/**
 * Ends the worker threads; kernels go on with one thread. Seldom needed: idle workers do not keep a program alive. To
 * start them again, call `init` with the same number of threads.
 */
export function stopThreads(): void {
  endThreads('stopThreads() was called');
}

function endThreads(reason: string): void {
  if (runtime === undefined || runtime.pool === null) return;
  const {
    pool,
    shared,
    info: { variant, maximumMemory },
  } = runtime;
  kernels = shared!.exports;
  runtime = { ...runtime, pool: null, info: infoOf(variant, 1, maximumMemory, reason) };
  pool.stop();
}

/** Starts the runtime on one thread, at once, with the kernels that are carried. */
function start(options = withDefaults({ threads: 1 })): RuntimeInfo {
  if (runtime !== undefined) return runtime.info;
  checkSimd();
  if (carried === undefined) {
    throw new ArgumentError('lanewise/slim carries no kernels', {
      where: 'init',
      hint: "await init({ wasm }) before the first tensor is made; or import 'lanewise'",
    });
  }
  const info = startOneThread(unpackKernels(carried), 'simd', options);
  // The first tensor may have come before an `init` that is under way: then it decides.
  asked = options;
  starting = undefined;
  return info;
}

type Code = Uint8Array<ArrayBuffer> | WebAssembly.Module;

function startOneThread(code: Code, variant: Variant, options: Asked, reason?: string): RuntimeInfo {
  const { memory, maximumMemory } = createMemory(options.maximumMemory, false);
  const imports = { env: { memory } };
  // The loader tells a Module by its class, which another realm has too.
  const instance = isModule(code) ? new WebAssembly.Instance(code, imports) : instantiateSync(code, imports).instance;
  kernels = instance.exports as unknown as Kernels;
  const info = infoOf(variant, 1, maximumMemory, reason);
  runtime = { memory, allocator: allocatorOver(memory, kernels), info, pool: null, shared: null };
  return info;
}

function infoOf(variant: Variant, threads: number, maximumMemory: number, threadsReason?: string): RuntimeInfo {
  return Object.freeze({ variant, threads, maximumMemory, ...(threadsReason !== undefined && { threadsReason }) });
}

/**
 * Starts the runtime with threads, relaxed SIMD or a module from elsewhere, as far as they can be had; says why where
 * there are no threads.
 */
async function startVariant(options: Asked): Promise<RuntimeInfo> {
  checkSimd();
  const { fast, wasm } = options;
  let variant: Variant = fast && hasRelaxedSimd() ? 'relaxed' : 'simd';
  const code =
    wasm !== undefined
      ? await readWasm(wasm)
      : variant === 'relaxed'
        ? unpackKernels((await import('./kernels.relaxed.generated.js')).kernelsText)
        : carried !== undefined
          ? unpackKernels(carried)
          : undefined;
  if (code !== undefined && wasm !== undefined) variant = variantOf(compileWasm(code), fast);
  let { threads, threadsReason } = affordableThreads(options);
  if (code !== undefined && threads > 1) {
    try {
      if (isModule(code)) {
        throw new Error('a compiled Module cannot be given shared memory (give its bytes, URL or Response)');
      }
      return await startThreads(code, variant, options);
    } catch (error) {
      if (error instanceof ArgumentError) throw error;
      threadsReason = noThreads(error);
    }
  }
  if (runtime !== undefined) throw tooEarly();
  return code === undefined ? start(options) : startOneThread(code, variant, options, threadsReason);
}

const noThreads = (error: unknown): string => `no threads: ${(error as Error).message}`;

/** Starts the runtime over shared memory with a pool of workers. */
async function startThreads(code: Uint8Array, variant: Variant, options: Asked): Promise<RuntimeInfo> {
  if (typeof SharedArrayBuffer === 'undefined') {
    throw new Error('this page has no shared memory (it needs the headers COOP: same-origin and COEP: require-corp)');
  }
  const { memory, maximumMemory } = createMemory(options.maximumMemory, true);
  const { module, instance } = await instantiate(withSharedMemory(code, MAXIMUM_PAGES), { env: { memory } });
  const exports = instance.exports as unknown as Kernels;
  const info = infoOf(variant, 1, maximumMemory);
  const started = { memory, allocator: allocatorOver(memory, exports), info, pool: null, shared: { module, exports } };
  const pool = await startPool(started, options);
  if (runtime !== undefined) {
    pool.stop();
    throw tooEarly();
  }
  return useThreads(started, pool, options);
}

/** Starts threads again where they were ended; says why where that fails. */
async function restartThreads(options: Asked): Promise<RuntimeInfo> {
  try {
    return useThreads(runtime!, await startPool(runtime!, options), options);
  } catch (error) {
    const { variant, maximumMemory } = runtime!.info;
    runtime = { ...runtime!, info: infoOf(variant, 1, maximumMemory, noThreads(error)) };
    return runtime.info;
  }
}

/** Starts workers. Those of an earlier pool may not have ended yet: the control words are fresh ones. */
async function startPool({ memory, allocator, shared }: Runtime, options: Asked): Promise<ThreadPool> {
  const control = allocator.reserve(CONTROL_BYTES);
  if (control === null) throw new Error('the memory is full');
  const { module, exports } = shared!;
  const { threads } = affordableThreads(options);
  return ThreadPool.start(threads, module, memory, control, Object.keys(exports), { script: options.threadScript });
}

function useThreads(before: Runtime, pool: ThreadPool, options: Asked): RuntimeInfo {
  const { variant, maximumMemory } = before.info;
  const info = infoOf(variant, pool.threads, maximumMemory, affordableThreads(options).threadsReason);
  pool.onLost = endThreads;
  kernels = threadedKernels(before.shared!.exports, pool);
  runtime = { ...before, pool, info };
  return info;
}

function tooEarly(): ArgumentError {
  return new ArgumentError('a tensor was made while the kernels were loading', {
    where: 'init',
    hint: 'await init() before the first tensor is made',
  });
}

/** The kernels, with those that can be split made to run on the pool where the work is worth it. */
function threadedKernels(exports: Kernels, pool: ThreadPool): Kernels {
  const table: Record<string, unknown> = { ...exports };
  const names = Object.keys(exports);
  shareKernels.forEach((share, id) => {
    if (share === undefined) return;
    const { scratch = -1, record, work } = share;
    const name = names[id]!;
    const local = exports[name as keyof Kernels] as (...args: number[]) => void;
    table[name] = (...args: number[]) => {
      const length = args.at(-1)! - args.at(-2)!;
      const fields = record === undefined ? NO_FIELDS : viewI32(args[record]!, RECORD_FIELDS);
      if (length < 2 || (work?.(length, args, fields) ?? length) < forkAbove) local(...args);
      else pool.run(id, local, args, scratch, scratchStride);
    };
  });
  return table as unknown as Kernels;
}

/** No record has more fields. */
const RECORD_FIELDS = 16;
const NO_FIELDS = new Int32Array(0);

function allocatorOver(memory: WebAssembly.Memory, { heap_base }: Kernels): Allocator {
  return new Allocator(heap_base(), memory.buffer.byteLength, (bytes) => grow(memory, bytes));
}

/** What the runtime is made of: variant, threads, memory. Starts it with the defaults if need be. */
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
export function allocate(bytes: number): Address {
  const { allocator } = running();
  const guardBytes = guards?.bytes ?? 0;
  const address = allocator.allocate(bytes + 2 * guardBytes);
  if (address === null) {
    const { bytes: live, reservedBytes } = memoryUsage();
    throw new OutOfMemoryError(`no room for ${format(bytes)}: ${format(live)} of ${format(reservedBytes)} are in use`, {
      hint: 'use a smaller batch or model; wrap work in scope(() => …), or call dispose() on tensors that are kept for no reason',
    });
  }
  guards?.paint(wholeMemory(), address + guardBytes, bytes);
  return (address + guardBytes) as Address;
}

/** Gives back what `allocate(bytes)` returned. @internal */
export function release(address: number, bytes: number): void {
  guards?.check(wholeMemory(), address, bytes);
  const guardBytes = guards?.bytes ?? 0;
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
export function viewF64(address: number, length: number): Float64Array {
  return new Float64Array(running().memory.buffer, address, length);
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
export function withScratch<R>(bytes: number, use: (scratch: Address) => R): R {
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
export function withMemory<R>(bytes: number, use: (address: Address) => R): R {
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

/** Lets every range that is allocated from now on be guarded, or none (null). Only with nothing live. @internal */
export function useGuards(used: Guards | null): void {
  if (running().allocator.live !== 0)
    throw new ArgumentError(`${running().allocator.live} bytes are live`, { where: 'useGuards' });
  guards = used;
}
