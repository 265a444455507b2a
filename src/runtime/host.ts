/** What the engine and the program around it offer. */

/** A module of Node, Deno or Bun, such as `node:os`; undefined in pages. */
export function builtin<Module>(name: string): Module | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name) as Module | undefined;
}

/** What makes texts bytes and bytes texts; jsdom, in which Jest runs tests, hides that of Node. */
export const textCoding = (): Pick<typeof globalThis, 'TextDecoder' | 'TextEncoder'> =>
  typeof TextEncoder === 'undefined' ? builtin('node:util')! : globalThis;

/** How many threads can run at a time; undefined where the engine does not say. */
export function availableCores(): number | undefined {
  const os = builtin<{ availableParallelism?: () => number }>('node:os');
  return os?.availableParallelism?.() ?? (globalThis.navigator?.hardwareConcurrency || undefined);
}

/** Whether this thread may sleep: browsers forbid it on their main thread. */
export const maySleep = typeof window === 'undefined';
