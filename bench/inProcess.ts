/**
 * Measures rows of the bench one after the other, in the process that asks for it: the same cases, inputs and checks as
 * `npm run bench`, without peers. For the page of benchmarks and `lanewise bench`.
 */
import type * as Lanewise from '../src/index.js';
import { difference, type Outputs, TOLERANCE } from './agreement.js';
import { Builder } from './builder.js';
import { cases } from './cases.js';
import { type CeilingFile, ceilingTask } from './ceilingTask.js';
import { type Digits, makeInputs } from './inputs.js';
import { plainOutputs, probePositions } from './plain.js';
import { type Ceilings, type Row, rowsOf } from './report.js';
import { quartiles } from './statistics.js';
import { sample, type Task } from './timing.js';
import type { Case } from './work.js';

const ROUNDS = 5;
const ROUND_MS = 60;
const WARM_UP_MS = 80;
/** Browsers round their clock: runs are timed together until they take so long (ms). */
const LEAST_SAMPLE_MS = 2;
/** Of the copy whose speed is told as the machine's. */
const COPY_BYTES = 4_000_000;

export interface Measuring {
  /** The library, with its kernels loaded. */
  readonly lanewise: typeof Lanewise;
  readonly threads: number;
  readonly wide?: boolean;
  /** The bytes that were built from bench/ceilings/. */
  readonly files: Readonly<Record<CeilingFile, Uint8Array<ArrayBuffer>>>;
  /** MNIST, for the rows that train on it. */
  readonly digits: () => Promise<Digits>;
  /** Called once, before the rows. */
  readonly onCeilings: (ceilings: Ceilings) => void | Promise<void>;
  /** Called before each row. */
  readonly onBegin: (name: string) => void | Promise<void>;
  /** `checked`: the result was computed plainly too, and agrees; null: there is no plain twin of this case. */
  readonly onRow: (row: Row, checked: true | null) => void | Promise<void>;
  /** Called in place of `onRow`, where there is no time to tell. `wrong`: the result is not what it should be. */
  readonly onNote: (name: string, note: string, wrong: boolean) => void | Promise<void>;
}

type Ceiling = (which: 'mulAdd' | 'fma' | 'copy', bytes: number) => Promise<number | null>;

export async function measureInProcess(names: readonly string[], measuring: Measuring): Promise<void> {
  const { files, digits: load } = measuring;
  const fastest = new Map<string, number>();
  const ceiling: Ceiling = async (which, bytes) => {
    try {
      const task = ceilingTask({ kind: 'ceiling', ceiling: which, bytes }, (name) => files[name]);
      const { perRun } = await task.outputs();
      const speed = perRun![0]! / quartiles(await timed(task, ROUND_MS / 4)).median;
      // A ceiling is what the machine can do: the most that was seen, whatever else it had to do meanwhile.
      const key = `${which} ${which === 'copy' ? bytes : ''}`;
      fastest.set(key, Math.max(speed, fastest.get(key) ?? 0));
      return fastest.get(key)!;
    } catch {
      return null; // This engine has not what it takes.
    }
  };
  const inGiga = (speed: number | null): number | null =>
    speed === null ? null : Number((speed / 1e6).toPrecision(4));
  await measuring.onCeilings({
    mulAddGflops: inGiga(await ceiling('mulAdd', 0)),
    fmaGflops: inGiga(await ceiling('fma', 0)),
    copyGBps: inGiga(await ceiling('copy', COPY_BYTES)),
  });
  let loaded: Promise<Digits> | undefined;
  const digits = (): Promise<Digits> => {
    loaded ??= load();
    return loaded;
  };
  for (const name of names) {
    const one = cases.find((row) => row.name === name);
    if (one === undefined) throw new Error(`there is no row ${name}`);
    await measuring.onBegin(name);
    await measureCase(one, { ...measuring, digits }, ceiling);
  }
}

/** Checks the result of a case, then times it and its ceiling in turn. */
async function measureCase(one: Case, measuring: Measuring, ceiling: Ceiling): Promise<void> {
  const { lanewise, threads, wide = false, digits, onRow, onNote } = measuring;
  const { name, work, bytes, bound } = one;
  let task: Task | undefined;
  try {
    const inputs = await makeInputs(work, digits);
    task = await new Builder(lanewise, inputs, () =>
      Promise.reject(new Error('no case of these reads the data set itself')),
    ).build(work);
    const plain = plainOutputs(work, inputs);
    const got = await task.outputs();
    if (plain !== null) {
      const positions = Object.fromEntries(
        Object.entries(plain).map(([output, { size }]) => [output, probePositions(size)]),
      );
      const probe = (at: (output: string) => (position: number) => number): Outputs =>
        Object.fromEntries(Object.entries(positions).map(([output, list]) => [output, list.map(at(output))]));
      const wrong = difference(
        probe((output) => (position) => Number(got[output]?.[position])),
        probe((output) => plain[output]!.at),
        TOLERANCE,
      );
      if (wrong !== null) {
        await onNote(name, `wrong, and not timed: ${wrong}`, true);
        return;
      }
    }
    await timed(task, WARM_UP_MS);
    const samples: number[] = [];
    let limit: number | null = null;
    for (let round = 0; round < ROUNDS; round++) {
      limit = await ceiling(bound === 'copy' ? 'copy' : 'mulAdd', bytes);
      samples.push(...(await timed(task, ROUND_MS)));
    }
    const results = [{ entrant: { who: 'lanewise', threads, fast: false, wide }, times: quartiles(samples) }] as const;
    const [row] = rowsOf(one, { results, ceiling: limit, fmaCeiling: null });
    await onRow(row!, plain === null ? null : true);
  } catch (error) {
    await onNote(name, (error as Error).message, false);
  } finally {
    task?.close();
  }
}

/** Times of single runs, where the clock is too coarse as means of some of them. */
async function timed(task: Task, ms: number): Promise<number[]> {
  task.reset?.();
  let runs = 0;
  const start = performance.now();
  let passed = 0;
  do {
    void task.run();
    runs++;
    passed = performance.now() - start;
  } while (passed < LEAST_SAMPLE_MS);
  return sample(task, ms, runs);
}
