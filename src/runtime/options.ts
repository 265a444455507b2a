/** The options of `init`: what each may be, how many threads they come to, and what a later call may repeat. */

import { flag, optional, positiveCount, type Rules, readOptions } from './arguments.js';
import { INITIAL_PAGES, MAXIMUM_PAGES, PAGE } from './createMemory.js';
import { describe } from './describe.js';
import { ArgumentError } from './errors.js';
import { examples } from './examples.js';
import { availableCores } from './host.js';
import { isUrl } from './realms.js';
import { MAX_THREADS } from './threads.js';
import type { WasmSource } from './wasmSource.js';

/** How the kernels are loaded and run. */
export interface InitOptions {
  /**
   * The most memory that tensors may take, in bytes. Default: 4 GB, what WebAssembly can address. Where the engine
   * refuses so much, the next smaller power of two that it grants.
   */
  readonly maximumMemory?: number;
  /**
   * Threads to run the kernels on. Default: as many as the machine has cores; more than that only wait for each other,
   * so no more are started. The results do not depend on it.
   */
  readonly threads?: number;
  /**
   * Let the engine fuse a·b + c where it can (relaxed SIMD): up to a quarter faster, but the last bits then depend on
   * the engine and the machine. Default: false.
   */
  readonly fast?: boolean;
  /**
   * Take the wide kernels, the same bits up to twice as fast, where V8 joins pairs of its vectors: in Node 24 and later
   * on x86-64. There this switches on V8's experimental flag for the whole process. They are checked first, in 300 ms,
   * and left where they are not faster; `wideReason` then says so. Default: false.
   */
  readonly wide?: boolean;
  /**
   * The kernels, where they are not to be those that the JavaScript carries: the file `lanewise/kernels.wasm` (with
   * `fast` `lanewise/kernels.relaxed.wasm`, with `wide` `lanewise/kernels.wide.wasm`) of the same version.
   * `lanewise/slim` carries none, and needs them. A compiled Module runs on one thread only.
   */
  readonly wasm?: WasmSource;
  /**
   * Address of the file `lanewise/thread.js`, on the page's own origin: where threads come from on a page whose
   * Content-Security-Policy allows no `worker-src blob:`. Default: from a Blob. Without meaning outside of browsers.
   */
  readonly threadScript?: string | URL;
  /** Start as many threads as are asked for on a machine with fewer cores too, for tests. @internal */
  readonly oversubscribe?: boolean;
}

/** What `init` found and chose. */
export interface RuntimeInfo {
  /**
   * Variant of the kernels in use: 'relaxed' only where `fast` was asked for and the engine has relaxed SIMD, 'wide'
   * only where `wide` was asked for and they are faster, or where their file was given.
   */
  readonly variant: 'simd' | 'relaxed' | 'wide';
  /** Why the wide kernels that were asked for are not in use; or, where they are, that this engine is not tested. */
  readonly wideReason?: string;
  /** Number of threads that the kernels run on. */
  readonly threads: number;
  /** Why there are fewer threads than asked for, where that is so. */
  readonly threadsReason?: string;
  /** The most memory that tensors may take, in bytes: less than asked for where the engine refuses so much. */
  readonly maximumMemory: number;
}

/** The options that the runtime was started with, defaults included. @internal */
export type Asked = InitOptions & Required<Pick<InitOptions, 'maximumMemory' | 'threads' | 'fast' | 'wide'>>;

const MAXIMUM_MEMORY = MAXIMUM_PAGES * PAGE;
/** What each option must be; what `wasm` is shows when it is read. */
const RULES: Rules<InitOptions> = {
  maximumMemory: optional({
    expected: `between ${INITIAL_PAGES * PAGE} and ${MAXIMUM_MEMORY} bytes`,
    holds: (value) => Number(value) === value && value >= INITIAL_PAGES * PAGE && value <= MAXIMUM_MEMORY,
  }),
  threads: optional(positiveCount),
  fast: optional(flag),
  wide: optional(flag),
  wasm: { expected: '', holds: () => true },
  threadScript: optional({
    expected: 'a string or URL',
    holds: (value) => typeof value === 'string' || isUrl(value),
  }),
  oversubscribe: optional(flag),
};

/**
 * The options that are given, checked.
 *
 * @throws {ArgumentError} when one is not what it must be, or when there is no option of that name
 * @internal
 */
export function checkOptions(options: InitOptions): InitOptions {
  examples.set('init', 'init({ threads: 2 })');
  return readOptions('init', options, RULES);
}

/** The options with the defaults of those that are not given. @internal */
export function withDefaults(options: InitOptions): Asked {
  const threads = Math.min(availableCores() ?? 1, MAX_THREADS);
  return { maximumMemory: MAXIMUM_MEMORY, threads, fast: false, wide: false, ...options };
}

/**
 * How many threads to start. No more than the machine has cores: threads that share one spin while they wait for each
 * other, which makes every kernel many times slower.
 * @internal
 */
export function affordableThreads({ threads, oversubscribe }: Asked): Pick<RuntimeInfo, 'threads' | 'threadsReason'> {
  const cores = oversubscribe ? Infinity : (availableCores() ?? Infinity);
  const most = Math.min(cores, MAX_THREADS);
  if (threads <= most) return { threads };
  const reason = most < cores ? `${most} is the most` : `this machine has ${cores} ${cores === 1 ? 'core' : 'cores'}`;
  return { threads: most, threadsReason: `${threads} threads were asked for, ${reason}` };
}

/** A URL as its text; everything else as it is. */
const textOf = (value: unknown): unknown => (isUrl(value) ? String(value) : value);

/** Whether two sources of kernels are the same object or address. @internal */
export function sameSource(a: unknown, b: unknown): boolean {
  return textOf(a) === textOf(b);
}

/**
 * Lets the options of a later call pass that repeat what was asked for, or what came of it.
 *
 * @param info what is in force; undefined while the first call is under way
 * @throws {ArgumentError} when an option (other than `wasm`, which must be read to know) says something else
 * @internal
 */
export function refuseChange(options: InitOptions, asked: Asked, info: RuntimeInfo | undefined): void {
  const { threads, maximumMemory } = info ?? { ...asked, ...affordableThreads(asked) };
  const current = { ...asked, threads, maximumMemory };
  const changes: string[] = [];
  for (const name of ['maximumMemory', 'threads', 'fast', 'wide', 'threadScript'] as const) {
    const wanted = options[name];
    if (wanted === undefined || sameSource(wanted, asked[name]) || wanted === current[name]) continue;
    const inForce = current[name] === undefined ? 'not set' : describe(textOf(current[name]));
    changes.push(`${name} is ${inForce} and cannot become ${describe(textOf(wanted))}`);
  }
  if (changes.length > 0) throw changed(changes.join(', '), info);
}

/** The error of a call of `init` that comes too late for what it wants. @internal */
export function changed(what: string, info: RuntimeInfo | undefined): ArgumentError {
  const state = info === undefined ? 'being initialised' : 'initialised';
  return new ArgumentError(`lanewise is already ${state}: ${what}`, {
    where: 'init',
    hint: 'call init(options) once, before the first tensor is made, or again with the same options',
  });
}
