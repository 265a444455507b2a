/**
 * The machine's limits: small loops of multiplies and adds, and of copies, that do nothing else. One thread. Runs in
 * pages too.
 */
import { type Task, Unsupported } from './timing.js';
import type { Work } from './work.js';

interface Loops {
  mul_add(steps: number, factor: number, summand: number): number;
  copy(target: number, source: number, bytes: number): void;
}

interface RelaxedLoops {
  fused(steps: number, factor: number, summand: number): number;
}

/** FLOP of one step of `mul_add` and `fused`: 13 vectors of four, two operations each. */
const STEP_FLOPS = 104;
const STEPS = 100_000;
/** Bytes that one run copies at least: short copies are repeated, so that the clock's own time does not count. */
const LEAST_COPY = 1 << 18;
const PAGE = 65_536;

const memory = new WebAssembly.Memory({ initial: 1 });

export type CeilingFile = 'ceilings.wasm' | 'ceilings.relaxed.wasm';

function instantiate<T>(bytes: Uint8Array<ArrayBuffer>): T {
  if (!WebAssembly.validate(bytes)) throw new Unsupported('this engine has no relaxed SIMD');
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports as T;
}

let loops: Loops | undefined;

/**
 * One run of a ceiling; the task's output `perRun` is the FLOP or bytes of it.
 *
 * @param load gives the bytes of a file that was built from bench/ceilings/
 * @throws {Unsupported} when the engine has not what it takes
 */
export function ceilingTask(
  work: Extract<Work, { kind: 'ceiling' }>,
  load: (file: CeilingFile) => Uint8Array<ArrayBuffer>,
): Task {
  const { mul_add: multiplyAdd, copy } = (loops ??= instantiate<Loops>(load('ceilings.wasm')));
  const task = (run: () => void, perRun: number): Task => ({
    run,
    outputs: () => ({ perRun: [perRun] }),
    close: () => {},
  });
  switch (work.ceiling) {
    case 'mulAdd':
      return task(() => {
        multiplyAdd(STEPS, 0.5, 0.75);
      }, STEPS * STEP_FLOPS);
    case 'fma': {
      const { fused } = instantiate<RelaxedLoops>(load('ceilings.relaxed.wasm'));
      return task(() => {
        fused(STEPS, 0.5, 0.75);
      }, STEPS * STEP_FLOPS);
    }
    case 'copy': {
      // Half of the bytes are read, half are written. The first page is left alone.
      const length = Math.max(64, Math.ceil(work.bytes / 2 / 64) * 64);
      const missing = Math.ceil((PAGE + 2 * length - memory.buffer.byteLength) / PAGE);
      if (missing > 0) memory.grow(missing);
      const times = Math.ceil(LEAST_COPY / length);
      return task(
        () => {
          for (let i = 0; i < times; i++) copy(PAGE + length, PAGE, length);
        },
        times * 2 * length,
      );
    }
  }
}
