/** The side of a contender that is a JavaScript program: it answers the bench's requests. */
import readline from 'node:readline';
import { readInputs } from './inputFiles.js';
import type { Inputs } from './inputs.js';
import { sample, type Task, Unsupported } from './timing.js';
import type { Milestone, Profile, Recipe, Reply, Request, Work } from './work.js';

export { type Task, Unsupported };

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

/** Answers requests on standard input until it ends. What a library prints goes to standard error. */
export async function serve(start: () => Promise<Contender>): Promise<void> {
  console.log = console.info = console.debug = console.error;
  let contender: Contender | undefined;
  let task: Task | undefined;

  const answer = async (request: Request): Promise<Reply> => {
    contender ??= await start();
    switch (request.do) {
      case 'hello':
        return { is: 'hello', version: contender.version, threads: contender.threads, fast: contender.fast };
      case 'open': {
        task?.close();
        task = await contender.open(request.work, readInputs(request.inputs));
        const outputs = await task.outputs();
        const probed = Object.entries(request.probe).map(([name, positions]) => [
          name,
          positions.map((position) => Number(outputs[name]?.[position])),
        ]);
        await sample(task, request.warmUpMs);
        return {
          is: 'open',
          outputs: Object.fromEntries(probed),
          ...(task.note === undefined ? {} : { note: task.note }),
        };
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
    const reply = await answer(JSON.parse(line) as Request).catch(
      (error: Error): Reply => ({
        is: 'error',
        message: error.message.split('\n')[0] ?? '',
        unsupported: error instanceof Unsupported,
      }),
    );
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  process.exit(); // Some libraries keep workers that would not let the program end.
}
