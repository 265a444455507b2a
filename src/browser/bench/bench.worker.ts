/** Measures rows of the bench one after the other: the same cases, inputs and checks as `npm run bench`. */
import { difference, type Outputs, TOLERANCE } from '../../../bench/agreement.js';
import { Builder } from '../../../bench/builder.js';
import { cases } from '../../../bench/cases.js';
import { type CeilingFile, ceilingTask } from '../../../bench/ceilingTask.js';
import { type Digits, makeInputs } from '../../../bench/inputs.js';
import { plainOutputs, probePositions } from '../../../bench/plain.js';
import { type Ceilings, rowsOf } from '../../../bench/report.js';
import { quartiles } from '../../../bench/statistics.js';
import { sample, type Task } from '../../../bench/timing.js';
import type { Case } from '../../../bench/work.js';
import relaxedCeilingsUrl from '../../../build/bench/ceilings.relaxed.wasm?url';
import ceilingsUrl from '../../../build/bench/ceilings.wasm?url';
import * as lanewise from '../../index.js';
import type { BenchReply, BenchRequest } from './protocol.js';

const ROUNDS = 5;
const ROUND_MS = 60;
const WARM_UP_MS = 80;
/** Browsers round their clock: runs are timed together until they take so long (ms). */
const LEAST_SAMPLE_MS = 2;
/** Of the copy whose speed is told as the machine's. */
const COPY_BYTES = 4_000_000;

const post = (reply: BenchReply): void => postMessage(reply);

onmessage = async ({ data }: MessageEvent<BenchRequest>) => {
  try {
    await measureAll(data);
  } catch (error) {
    post({ is: 'error', message: error instanceof Error ? error.message : String(error) });
  }
};

async function measureAll({ names, threads: wanted, digits: base }: BenchRequest): Promise<void> {
  const { threads, threadsReason } = await lanewise.init({ threads: wanted });
  const files = await ceilingFiles();
  const fastest = new Map<string, number>();
  const ceiling = async (which: 'mulAdd' | 'fma' | 'copy', bytes: number): Promise<number | null> => {
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
  const ceilings: Ceilings = {
    mulAddGflops: inGiga(await ceiling('mulAdd', 0)),
    fmaGflops: inGiga(await ceiling('fma', 0)),
    copyGBps: inGiga(await ceiling('copy', COPY_BYTES)),
  };
  post({ is: 'ready', threads, ...(threadsReason !== undefined && { threadsReason }), ceilings });
  let digits: Promise<Digits> | undefined;
  for (const name of names) {
    const one = cases.find((row) => row.name === name);
    if (one === undefined) throw new Error(`there is no row ${name}`);
    post({ is: 'measuring', name });
    await measureCase(
      one,
      threads,
      () => (digits ??= fetchDigits(base)),
      (bytes) => ceiling(one.bound === 'copy' ? 'copy' : 'mulAdd', bytes),
    );
  }
  post({ is: 'done' });
}

/** Checks the result of a case, then times it and its ceiling in turn. */
async function measureCase(
  one: Case,
  threads: number,
  digits: () => Promise<Digits>,
  ceiling: (bytes: number) => Promise<number | null>,
): Promise<void> {
  const { name, work, bytes } = one;
  let task: Task | undefined;
  try {
    const inputs = await makeInputs(work, digits);
    task = await new Builder(lanewise, inputs, () =>
      Promise.reject(new Error('no case of the page reads the data set itself')),
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
        post({ is: 'note', name, note: `wrong, and not timed: ${wrong}` });
        return;
      }
    }
    await timed(task, WARM_UP_MS);
    const samples: number[] = [];
    let limit: number | null = null;
    for (let round = 0; round < ROUNDS; round++) {
      limit = await ceiling(bytes);
      samples.push(...(await timed(task, ROUND_MS)));
    }
    const results = [{ entrant: { who: 'lanewise', threads, fast: false }, times: quartiles(samples) }] as const;
    const [row] = rowsOf(one, { results, ceiling: limit, fmaCeiling: null });
    post({ is: 'row', row: row!, checked: plain === null ? null : true });
  } catch (error) {
    post({ is: 'note', name, note: (error as Error).message });
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

async function ceilingFiles(): Promise<Record<CeilingFile, Uint8Array<ArrayBuffer>>> {
  const [baseline, relaxed] = await Promise.all(
    [ceilingsUrl, relaxedCeilingsUrl].map(async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer())),
  );
  return { 'ceilings.wasm': baseline!, 'ceilings.relaxed.wasm': relaxed! };
}

async function fetchDigits(base: string): Promise<Digits> {
  const { train, test } = await lanewise.fetchMnist(base);
  const images = Float32Array.from(train.x.data(), (value) => value / 255);
  const classes = Int32Array.from(train.y.data());
  train.dispose();
  test.dispose();
  return { images, classes };
}
