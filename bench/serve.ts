/** The side of a contender that is a JavaScript program: it answers the bench's requests, and times with tinybench. */
import readline from 'node:readline';
import { Bench } from 'tinybench';
import { readInputs, type Inputs } from './inputs.js';
import type { Milestone, Profile, Recipe, Reply, Request, Work } from './work.js';

/** A case, built and ready to run. */
export interface Task {
  /** One run; what it makes is freed. Where the library hands results out later, the promise resolves once they are there. */
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

/** What watches the kernels while they are profiled. */
export interface Profiler {
  /** Forgets what was seen so far, and calls this moment the one after which memory is counted. */
  begin(): void;
  end(): Pick<Profile, 'kernels' | 'peakBytes'>;
}

export interface Contender {
  readonly version: string;
  readonly threads: number;
  readonly fast: boolean;
  open(work: Work, inputs: Inputs): Task | Promise<Task>;
  readonly profiler?: Profiler;
  /** Trains by a recipe and tells where it stood after every epoch. */
  reach?(recipe: Recipe, inputs: Inputs, seed: number): Promise<readonly Milestone[]>;
}

/** What a contender throws for work that it has no operation for. */
export class Unsupported extends Error {}

/** Most samples that one round hands back: evenly spaced ones of the sorted times, which keep every quantile. */
const MAX_SAMPLES = 400;

/** Answers requests on standard input until it ends. What a library prints goes to standard error. */
export async function serve(start: () => Promise<Contender>): Promise<void> {
  console.log = console.info = console.debug = console.error;
  let contender: Contender | undefined;
  let task: Task | undefined;

  const answer = async (request: Request): Promise<Reply> => {
    contender ??= await start();
    switch (request.do) {
      case 'hello': return { is: 'hello', version: contender.version, threads: contender.threads, fast: contender.fast };
      case 'open': {
        task?.close();
        task = await contender.open(request.work, readInputs(request.inputs));
        const outputs = await task.outputs();
        const probed = Object.entries(request.probe).map(([name, positions]) => [name, positions.map((position) => Number(outputs[name]?.[position]))]);
        await sample(task, request.warmUpMs);
        return { is: 'open', outputs: Object.fromEntries(probed), ...(task.note === undefined ? {} : { note: task.note }) };
      }
      case 'time': {
        if (task === undefined) throw new Error('no case is open');
        return { is: 'time', samplesMs: await sample(task, request.ms) };
      }
      case 'profile': {
        const { profiler } = contender;
        if (task === undefined || profiler === undefined) throw new Error('nothing can be profiled here');
        task.reset?.();
        task.run();
        task.settle?.();
        profiler.begin();
        const start = performance.now();
        let runs = 0;
        let totalMs = 0;
        do {
          task.run();
          runs++;
          totalMs = performance.now() - start;
        } while (totalMs < request.ms);
        return { is: 'profile', runs, totalMs, ...profiler.end() };
      }
      case 'reach': {
        if (contender.reach === undefined) throw new Error('no recipe can be run here');
        return { is: 'reach', epochs: await contender.reach(request.recipe, readInputs(request.inputs), request.seed) };
      }
      case 'close': {
        task?.close();
        task = undefined;
        return { is: 'close' };
      }
    }
  };

  for await (const line of readline.createInterface({ input: process.stdin })) {
    const reply = await answer(JSON.parse(line) as Request).catch((error: Error): Reply => ({
      is: 'error', message: error.message.split('\n')[0] ?? '', unsupported: error instanceof Unsupported,
    }));
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  process.exit(); // Some libraries keep workers that would not let the program end.
}

async function sample(task: Task, ms: number): Promise<number[]> {
  task.reset?.();
  const bench = new Bench({ time: ms, iterations: 1, warmup: false, retainSamples: true, throws: true });
  bench.add('run', () => task.run(), { async: task.asynchronous ?? false });
  const [done] = task.asynchronous ? await bench.run() : bench.runSync();
  const result = done!.result;
  if (!('latency' in result) || result.latency.samples === undefined) throw new Error(`tinybench gave no samples (${result.state})`);
  const samples: readonly number[] = result.latency.samples;
  if (samples.length <= MAX_SAMPLES) return [...samples];
  return Array.from({ length: MAX_SAMPLES }, (_, i) => samples[Math.floor(((i + 0.5) * samples.length) / MAX_SAMPLES)]!);
}
