/**
 * Which layers are running. Every module's `forward` goes through `runForward`, so that an error can name the layer it
 * arose in, and `observeForward` can show what each layer made.
 */
import { LanewiseError } from '../../runtime/errors.js';
import { setLayerPath, trackers } from '../../tensor/track.js';
import type { AnyModule } from './module.js';

/** One finished `forward` of a module. */
export interface ForwardEvent {
  readonly module: AnyModule;
  /** Path below the module whose `forward` was called from outside (`features.0`); '' for that module itself. */
  readonly path: string;
  readonly inputs: readonly unknown[];
  readonly output: unknown;
}

/** Modules whose `forward` is running, outermost first. */
const running: AnyModule[] = [];
const observers = new Set<(event: ForwardEvent) => void>();
/** Paths below `running[0]`, once somebody asked. */
let paths: Map<AnyModule, string> | null = null;

setLayerPath(() => (running.length === 0 ? undefined : currentPath()));

/**
 * Calls `observer` after each `forward` of any module, inner modules before those that contain them.
 *
 * @returns a function that ends it
 */
export function observeForward(observer: (event: ForwardEvent) => void): () => void {
  observers.add(observer);
  return () => {
    observers.delete(observer);
  };
}

/** Runs `body` without a call of any observer: for a `forward` that is not one of the program's own. @internal */
export function unobserved<R>(body: () => R): R {
  const before = [...observers];
  observers.clear();
  try {
    return body();
  } finally {
    observers.clear();
    for (const observer of before) observers.add(observer);
  }
}

/** Whether somebody wants to see what each layer makes: an observer, or a tracker of tensors. @internal */
export function isObserved(): boolean {
  return observers.size > 0 || trackers.size > 0;
}

/** Runs `method`, the `forward` of a module or what stands for it, on these inputs, and keeps the books. @internal */
export function runForward<In extends readonly unknown[], Out>(
  module: AnyModule,
  method: (...inputs: In) => Out,
  inputs: In,
): Out {
  running.push(module);
  try {
    const output = method.call(module, ...inputs);
    if (observers.size > 0) {
      const event = { module, path: currentPath(), inputs, output };
      for (const observer of observers) observer(event);
    }
    return output;
  } catch (error) {
    // The innermost module comes here first; a module on its own has no path, so its class stands for it.
    if (error instanceof LanewiseError && error.layer === undefined)
      error.inLayer(currentPath() || module.constructor.name);
    throw error;
  } finally {
    running.pop();
    if (running.length === 0) paths = null;
  }
}

/** The method that the wrapper around it, a module's own property `forward`, stands for. */
const methods = new WeakMap<object, unknown>();

/** `method` with the books kept around it. @internal */
export function withBooks<In extends readonly unknown[], Out>(
  module: AnyModule,
  method: (...inputs: In) => Out,
): (...inputs: In) => Out {
  const wrapper = (...inputs: In): Out => runForward(module, method, inputs);
  methods.set(wrapper, method);
  return wrapper;
}

/** The `forward` of the class of a module; undefined where somebody put another one in its place. @internal */
export function methodOf(module: AnyModule): unknown {
  return methods.get(module.forward);
}

/** Path of the innermost running module below the outermost; its class where it is not registered there. */
function currentPath(): string {
  const module = running.at(-1)!;
  paths ??= new Map(running[0]!.namedModules().map(([path, part]) => [part, path]));
  return paths.get(module) ?? module.constructor.name;
}
