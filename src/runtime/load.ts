/** Which kernels are loaded, where they come from, and the memory that they work in. */
import { instantiate, instantiateSync } from '@assemblyscript/loader';
import { Allocator } from './allocator.js';
import { type Created, createMemory, grow, MAXIMUM_PAGES } from './createMemory.js';
import { ArgumentError } from './errors.js';
import { unpackKernels } from './inlined/unpack.js';
import type { Kernels } from './kernels.generated.js';
import type { Asked } from './options.js';
import { withSharedMemory } from './sharedMemory.js';
import { checkSimd, type Found, hasRelaxedSimd, type Variant, variantOf } from './variants.js';
import { compileWasm, isModule, readWasm } from './wasmSource.js';

/** Kernels and their memory. */
export interface Loaded extends Created {
  readonly exports: Kernels;
  readonly allocator: Allocator;
  readonly variant: Variant;
  readonly wideReason: string | undefined;
  /** What threads are started with; undefined where the memory is not shared. */
  readonly module: WebAssembly.Module | undefined;
}

/**
 * The kernels that the JavaScript carries.
 *
 * @param text as `unpackKernels` takes it; undefined in `lanewise/slim`
 */
export function carriedKernels(text: string | undefined): Found {
  checkSimd();
  if (text === undefined) {
    throw new ArgumentError('lanewise/slim carries no kernels', {
      where: 'init',
      hint: "await init({ wasm }) before the first tensor is made; or import 'lanewise'",
    });
  }
  return { code: unpackKernels(text), variant: 'simd' };
}

/** The kernels that these options ask for, as far as the engine can run them. */
export async function findKernels({ fast, wide, wasm }: Asked, carried: string | undefined): Promise<Found> {
  checkSimd();
  if (fast && wide) {
    throw new ArgumentError('wide and fast exclude each other', {
      where: 'init',
      hint: 'choose wide (the same bits) or fast (relaxed SIMD)',
    });
  }
  let found: Found;
  if (wasm !== undefined) {
    const code = await readWasm(wasm);
    found = { code, variant: variantOf(compileWasm(code), fast) };
  } else if (fast && hasRelaxedSimd()) {
    const { kernelsText } = await import('./kernels.relaxed.generated.js');
    found = { code: unpackKernels(kernelsText), variant: 'relaxed' };
  } else found = carriedKernels(carried);
  return wide ? (await import('./wide.js')).takeWide(found, wasm === undefined ? unpackKernels : undefined) : found;
}

/** Loads kernels for one thread. */
export function load(found: Found, maximumMemory: number): Loaded {
  const { code } = found;
  const created = createMemory(maximumMemory, false);
  const imports = { env: { memory: created.memory } };
  // The loader tells a Module by its class, which another realm has too.
  const instance = isModule(code) ? new WebAssembly.Instance(code, imports) : instantiateSync(code, imports).instance;
  return loaded(created, instance, found);
}

/** Loads kernels over shared memory. @throws {Error} with the reason where that cannot be */
export async function loadShared(found: Found, maximumMemory: number): Promise<Loaded> {
  const { code } = found;
  if (isModule(code)) {
    throw new Error('a compiled Module cannot be given shared memory (give its bytes, URL or Response)');
  }
  if (typeof SharedArrayBuffer === 'undefined') {
    throw new Error('this page has no shared memory (it needs the headers COOP: same-origin and COEP: require-corp)');
  }
  const created = createMemory(maximumMemory, true);
  const imports = { env: { memory: created.memory } };
  const { module, instance } = await instantiate(withSharedMemory(code, MAXIMUM_PAGES), imports);
  return loaded(created, instance, found, module);
}

function loaded(
  created: Created,
  instance: WebAssembly.Instance,
  { variant, wideReason }: Found,
  module?: WebAssembly.Module,
): Loaded {
  const { memory } = created;
  const exports = instance.exports as unknown as Kernels;
  const allocator = new Allocator(exports.heap_base(), memory.buffer.byteLength, (bytes) => grow(memory, bytes));
  return { ...created, exports, allocator, variant, wideReason, module };
}
