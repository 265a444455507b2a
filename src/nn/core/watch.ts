/**
 * The modules that are alive: their paths for the messages of errors, and what their `forward` does while somebody
 * observes. `forward` is each class's own method; only while an observer or a tracker of tensors is on does every
 * module have a wrapper of it as a property of its own.
 */
import { LanewiseError } from '../../runtime/errors.js';
import { setLayerPath, trackers } from '../../tensor/track.js';

/** A module, as far as it is looked at here. (`Module` imports this file.) */
export interface Watched {
  forward(...inputs: never): unknown;
  namedChildren(): [string, Watched][];
  namedModules(): [string, Watched][];
}

/** One finished `forward`; see `ForwardEvent`. */
export interface WatchedEvent {
  readonly module: Watched;
  readonly path: string;
  readonly inputs: readonly unknown[];
  readonly output: unknown;
}

export type Observer = (event: WatchedEvent) => void;

/** In the order of construction. */
let modules: WeakRef<Watched>[] = [];
/** At this length, references to modules that are gone are removed. */
let full = 1000;

/** Called by the constructor of every module. */
export function register(module: Watched): void {
  if (modules.length === full) {
    modules = modules.filter((reference) => reference.deref() !== undefined);
    full = 2 * modules.length + 1000;
  }
  modules.push(new WeakRef(module));
  if (restore !== null) wrap(module, restore);
}

function alive(): Watched[] {
  return modules.map((reference) => reference.deref()).filter((module) => module !== undefined);
}

// ---- Errors ----

/** The error itself; its message names `module` unless it names a layer already. */
export function named<E>(error: E, module: Watched): E {
  if (error instanceof LanewiseError && error.layer === undefined) error.inLayer(pathOf(module));
  return error;
}

/**
 * Path of a module below the outermost one that contains it (through the containers that were made first, of several);
 * its class where none does.
 */
function pathOf(module: Watched): string {
  const containers = new Map<Watched, Watched>();
  for (const container of alive()) {
    for (const [, child] of known(() => container.namedChildren())) {
      if (!containers.has(child)) containers.set(child, container);
    }
  }
  let root = module;
  for (let above: Watched | undefined; (above = containers.get(root)) !== undefined; root = above) {
    containers.delete(root); // A module may contain itself.
  }
  return known(() => root.namedModules()).find(([, part]) => part === module)?.[0] || module.constructor.name;
}

/** None where a module is still being constructed, or contains itself. */
function known<T>(list: () => T[]): T[] {
  try {
    return list();
  } catch {
    return [];
  }
}

// ---- Observers ----

const observers = new Set<Observer>();
/** Puts every `forward` back; null while there is no observer. */
let restore: (() => void)[] | null = null;
/** Modules whose wrapped `forward` is running, outermost first. */
const running: Watched[] = [];
/** Paths below `running[0]`, once they are needed. */
let paths: Map<Watched, string> | null = null;

setLayerPath(() => (running.length === 0 ? undefined : currentPath()), update);

/** See `observeForward`. */
export function observe(observer: Observer): () => void {
  observers.add(observer);
  update();
  return () => {
    observers.delete(observer);
    update();
  };
}

/** Runs `body` without a call of any observer: for a `forward` that is not one of the program's own. @internal */
export function unobserved<R>(body: () => R): R {
  const before = [...observers];
  observers.clear();
  update();
  try {
    return body();
  } finally {
    for (const observer of before) observers.add(observer);
    update();
  }
}

/** Wraps every `forward` when the first observer or tracker begins, and unwraps it after the last has ended. */
function update(): void {
  const wanted = observers.size > 0 || trackers.size > 0;
  if (wanted === (restore !== null)) return;
  if (restore === null) {
    restore = [];
    for (const module of alive()) wrap(module, restore);
  } else {
    for (const back of restore) back();
    restore = null;
  }
}

function wrap(module: Watched, undo: (() => void)[]): void {
  const own = Object.getOwnPropertyDescriptor(module, 'forward');
  const forward = module.forward as (...inputs: unknown[]) => unknown;
  const value = (...inputs: unknown[]) => run(module, forward, inputs);
  Object.defineProperty(module, 'forward', { value, enumerable: false, writable: true, configurable: true });
  undo.push(() => {
    if (module.forward !== value) return; // Replaced since.
    if (own === undefined) delete (module as Partial<Watched>).forward;
    else Object.defineProperty(module, 'forward', own);
  });
}

function run(module: Watched, forward: (...inputs: unknown[]) => unknown, inputs: unknown[]): unknown {
  running.push(module);
  try {
    const output = forward.apply(module, inputs);
    if (observers.size > 0) {
      const event = { module, path: currentPath(), inputs, output };
      for (const observer of observers) observer(event);
    }
    return output;
  } catch (error) {
    throw named(error, module);
  } finally {
    running.pop();
    if (running.length === 0) paths = null;
  }
}

/** Path of the innermost running module below the outermost; its class where it is not registered there. */
function currentPath(): string {
  const module = running.at(-1)!;
  paths ??= new Map(running[0]!.namedModules().map(([path, part]) => [part, path]));
  return paths.get(module) ?? module.constructor.name;
}
