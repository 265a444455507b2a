/** What every kernel thread runs, in Node and in pages: scripts/build.mjs makes one script of it, `threadScript`. */
import { ASLEEP, CLAIM, DONE, SPINS, type ThreadStart } from './control.js';
import { builtin } from './host.js';
import { controlAt, type Kernel, runShares } from './shares.js';

/** A worker's end of the line: `parentPort` of Node, or the global object of a Web Worker. */
interface Port {
  once?(event: 'message', listener: (start: ThreadStart) => void): void;
  postMessage(message: unknown): void;
  onmessage?: (event: { readonly data: ThreadStart }) => void;
  onmessageerror?: () => void;
}

const node = builtin<{ readonly parentPort: Port | null }>('node:worker_threads');
const port = node?.parentPort ?? (globalThis as unknown as Port);

if (port.once !== undefined) {
  port.once('message', work);
} else {
  port.onmessage = ({ data }) => work(data);
  port.onmessageerror = () => {
    throw new Error('it cannot be given shared memory');
  };
}

/** Takes shares of jobs for ever. */
function work({ module, memory, control, names }: ThreadStart): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  port.postMessage('ready');
  const kernels = names.map((name) => exports[name] as Kernel);
  const shared = controlAt(memory, control);
  const { words } = shared;
  for (;;) {
    runShares(shared, (number) => kernels[number]!);
    Atomics.notify(words, DONE);
    let claim = Atomics.load(words, CLAIM);
    for (let spins = 0; (claim & 255) >= ((claim >>> 8) & 255); claim = Atomics.load(words, CLAIM)) {
      if (++spins > SPINS) {
        Atomics.add(words, ASLEEP, 1);
        Atomics.wait(words, CLAIM, claim);
        Atomics.sub(words, ASLEEP, 1);
        spins = 0;
      }
    }
  }
}
