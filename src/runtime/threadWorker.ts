/** What every kernel thread runs, in Node and in pages: scripts/build.mjs makes one script of it, `threadScript`. */
import { ARGUMENTS, ASLEEP, CLAIM, CONTROL_BYTES, DONE, FAILED, JOB, SPINS, type ThreadStart } from './control.js';

type Kernel = (...args: number[]) => void;

/** A worker's end of the line: `parentPort` of Node, or the global object of a Web Worker. */
interface Port {
  once?(event: 'message', listener: (start: ThreadStart) => void): void;
  postMessage(message: unknown): void;
  onmessage?: (event: { readonly data: ThreadStart }) => void;
  onmessageerror?: () => void;
}

const builtins = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process;
const node = builtins?.getBuiltinModule?.('node:worker_threads') as { readonly parentPort: Port | null } | undefined;
const port = node?.parentPort ?? (globalThis as unknown as Port);

if (port.once !== undefined) {
  port.once('message', work);
} else {
  port.onmessage = ({ data }) => work(data);
  port.onmessageerror = () => {
    throw new Error('shared memory cannot be passed to a worker');
  };
}

/** Takes shares of jobs for ever. */
function work({ module, memory, control, names }: ThreadStart): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  port.postMessage('ready');
  const kernels = names.map((name) => exports[name] as Kernel);
  const words = new Int32Array(memory.buffer, control, CONTROL_BYTES / 4);
  const doubles = new Float64Array(memory.buffer, control + 4 * ARGUMENTS);
  for (;;) {
    let claim = Atomics.load(words, CLAIM);
    for (let spins = 0; (claim & 255) >= ((claim >>> 8) & 255); claim = Atomics.load(words, CLAIM)) {
      if (++spins > SPINS) {
        Atomics.add(words, ASLEEP, 1);
        Atomics.wait(words, CLAIM, claim);
        Atomics.sub(words, ASLEEP, 1);
        spins = 0;
      }
    }
    if (Atomics.compareExchange(words, CLAIM, claim, claim + 1) !== claim) continue;
    const share = claim & 255;
    const [kernel, count, begin, end, length, scratch, scratchBytes] = words.subarray(
      JOB,
      JOB + 7,
    ) as unknown as number[];
    const first = begin! + share * length!;
    const args = Array.from(doubles.subarray(0, count));
    args[count! - 2] = first;
    args[count! - 1] = Math.min(end!, first + length!);
    if (scratch! >= 0) args[scratch!]! += share * scratchBytes!;
    try {
      kernels[kernel!]!(...args);
    } catch {
      Atomics.store(words, FAILED, 1);
    }
    Atomics.add(words, DONE, 1);
    Atomics.notify(words, DONE);
  }
}
