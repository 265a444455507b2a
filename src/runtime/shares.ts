/** A kernel's work, cut into shares, which the threads claim one after another. */
import { ARGUMENTS, CLAIM, CONTROL_BYTES, DONE, FAILED, JOB } from './control.js';

/** A kernel whose last two arguments are the share [begin, end) of an axis that can be split. */
export interface ShareKernel {
  /** Index of its argument `scratch`, of which every thread needs one of its own; left out: it has none. */
  readonly scratch?: number;
  /** Index of the argument that is the address of a record whose fields `work` reads; left out: it reads none. */
  readonly record?: number;
  /**
   * About how many element-wise steps a call with these arguments takes, which decides whether a fork pays. Left out:
   * `length`, which is end − begin.
   */
  readonly work?: (length: number, args: readonly number[], record: Int32Array) => number;
}

/** A kernel, or what stands for one. */
export type Kernel = (...args: number[]) => void;

/** The words by which threads agree, and the arguments of a job. */
export interface Control {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
}

/** The control words at an address. */
export function controlAt({ buffer }: WebAssembly.Memory, address: number): Control {
  return {
    words: new Int32Array(buffer, address, CONTROL_BYTES / 4),
    doubles: new Float64Array(buffer, address + 4 * ARGUMENTS),
  };
}

/**
 * Claims shares of the job at hand and runs them, until all are claimed. A trap counts as done: whoever waits for the
 * job goes on, and finds FAILED set.
 *
 * @returns what a kernel threw
 */
export function runShares({ words, doubles }: Control, kernelOf: (number: number) => Kernel): unknown {
  for (let trap: unknown; ; ) {
    const claim = Atomics.load(words, CLAIM);
    const share = claim & 255;
    if (share >= ((claim >>> 8) & 255)) return trap;
    if (Atomics.compareExchange(words, CLAIM, claim, claim + 1) !== claim) continue;
    // From here on the job stays the same until this share is done.
    const count = words[JOB + 1]!;
    const length = words[JOB + 4]!;
    const scratch = words[JOB + 5]!;
    const first = words[JOB + 2]! + share * length;
    const args: number[] = [];
    for (let i = 0; i < count - 2; i++) args.push(doubles[i]!);
    args.push(first, Math.min(words[JOB + 3]!, first + length));
    if (scratch >= 0) args[scratch]! += share * words[JOB + 6]!;
    try {
      kernelOf(words[JOB]!)(...args);
    } catch (error) {
      trap ??= error;
      Atomics.store(words, FAILED, 1);
    }
    Atomics.add(words, DONE, 1);
  }
}
