/** Times a task with tinybench. Runs in pages too. */
import { Bench } from 'tinybench';

/** A case, built and ready to run. */
export interface Task {
  /**
   * One run; what it makes is freed. Where the library hands results out later, the promise resolves once they are
   * there.
   */
  run(): void | Promise<void>;
  /** Whether `run` gives promises. Default: false. */
  readonly asynchronous?: boolean;
  /** Runs and hands out the results, by name; of a training case the first losses. */
  outputs(): Readonly<Record<string, ArrayLike<number>>> | Promise<Readonly<Record<string, ArrayLike<number>>>>;
  /** Goes back to where the case began, so that every round times the same steps. */
  reset?(): void;
  /** Frees what the next run would free before anything else: gradients. */
  settle?(): void;
  close(): void;
  /** What was chosen, where there was a choice. */
  readonly note?: string;
}

/** What a contender throws for work that it has no operation for. */
export class Unsupported extends Error {}

/** Most samples that one round hands back: evenly spaced ones of the sorted times, which keep every quantile. */
const MAX_SAMPLES = 400;

/**
 * Runs a task again and again for `ms` milliseconds, at least once, and returns how long each run took, in ms.
 *
 * @param repeats runs that are timed together, where one is too short for the clock
 */
export async function sample(task: Task, ms: number, repeats = 1): Promise<number[]> {
  task.reset?.();
  const bench = new Bench({ time: ms, iterations: 1, warmup: false, retainSamples: true, throws: true });
  const { asynchronous = false } = task;
  if (repeats > 1 && asynchronous) throw new Error('only runs that end at once can be timed together');
  const run =
    repeats === 1
      ? () => task.run()
      : () => {
          for (let i = 0; i < repeats; i++) void task.run();
        };
  bench.add('run', run, { async: asynchronous });
  const [done] = asynchronous ? await bench.run() : bench.runSync();
  const result = done!.result;
  if (!('latency' in result) || result.latency.samples === undefined)
    throw new Error(`tinybench gave no samples (${result.state})`);
  const samples: readonly number[] =
    repeats === 1 ? result.latency.samples : result.latency.samples.map((time) => time / repeats);
  if (samples.length <= MAX_SAMPLES) return [...samples];
  return Array.from(
    { length: MAX_SAMPLES },
    (_, i) => samples[Math.floor(((i + 0.5) * samples.length) / MAX_SAMPLES)]!,
  );
}
