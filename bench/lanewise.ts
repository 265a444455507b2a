/**
 * lanewise as a contender: the built library, through its public interface. Arguments: threads, and "portable", "fast",
 * "wide" or "profile".
 */

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Lanewise from '../src/index.js';
import type * as LanewiseNode from '../src/node/index.js';
import { Builder } from './builder.js';
import { type Contender, type Profiler, serve, Unsupported } from './serve.js';

const [threads = '1', mode = 'portable'] = process.argv.slice(2);
const root = path.resolve(import.meta.dirname, '../..');

/** A module of the built library. */
const built = (name: string): Promise<unknown> => import(pathToFileURL(path.join(root, 'dist', name)).href);

let residentBytes = 0;

/**
 * Lets every instance hand out kernels that note their calls and time. To be called before lanewise makes its instance;
 * the clock itself takes some tens of nanoseconds a call, which count as time outside of kernels.
 */
function watchKernels(): Map<string, { calls: number; ms: number }> {
  const spent = new Map<string, { calls: number; ms: number }>();
  const { get } = Object.getOwnPropertyDescriptor(WebAssembly.Instance.prototype, 'exports')!;
  const watched =
    (name: string, kernel: (...args: number[]) => unknown) =>
    (...args: number[]) => {
      const start = performance.now();
      const result = kernel(...args);
      const ms = performance.now() - start;
      const sum = spent.get(name);
      if (sum === undefined) spent.set(name, { calls: 1, ms });
      else {
        sum.calls++;
        sum.ms += ms;
      }
      return result;
    };
  Object.defineProperty(WebAssembly.Instance.prototype, 'exports', {
    get(this: WebAssembly.Instance) {
      return Object.fromEntries(
        Object.entries(get!.call(this) as WebAssembly.Exports).map(([name, value]) => [
          name,
          typeof value === 'function' ? watched(name, value as (...args: number[]) => unknown) : value,
        ]),
      );
    },
  });
  return spent;
}

await serve(async (): Promise<Contender> => {
  const watch = mode === 'profile' ? watchKernels() : null;
  const lanewise = (await built('index.js')) as typeof Lanewise;
  const loadMnist = async () => ((await built('node.js')) as typeof LanewiseNode).loadMnist({ subset: false });
  const fast = mode === 'fast';
  const wide = mode === 'wide';
  const info = await lanewise.init({ threads: Number(threads), fast, wide });
  if (wide && info.variant !== 'wide') throw new Unsupported(info.wideReason ?? 'no wide kernels');
  if (fast && info.variant === 'simd') throw new Unsupported('this build or engine has no fast kernels');
  const { version } = (
    (await import(pathToFileURL(path.join(root, 'package.json')).href, { with: { type: 'json' } })) as {
      default: { version: string };
    }
  ).default;
  const profiler: Profiler | undefined =
    watch === null
      ? undefined
      : {
          begin() {
            watch.clear();
            lanewise.resetPeakMemory();
            residentBytes = lanewise.memory().bytes;
          },
          end: () => ({
            kernels: [...watch].map(([name, spent]) => ({ name, ...spent })).filter(({ calls }) => calls > 0),
            peakBytes: lanewise.memory().peakBytes - residentBytes,
          }),
        };
  return {
    version,
    threads: info.threads,
    fast,
    open: (work, inputs) => new Builder(lanewise, inputs, loadMnist).build(work),
    reach: (recipe, inputs, seed) => new Builder(lanewise, inputs, loadMnist).reach(recipe, seed),
    ...(profiler === undefined ? {} : { profiler }),
  };
});
