/** Times one case: everyone in turn, for several rounds, so that what disturbs the machine disturbs all alike. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { difference, LOSS_TOLERANCE, type Outputs, TOLERANCE } from './agreement.js';
import { type Entrant, takesPart } from './contenders.js';
import { writeInputs } from './inputFiles.js';
import { type Digits, type Inputs, makeInputs } from './inputs.js';
import { plainOutputs, probePositions } from './plain.js';
import { type Quartiles, quartiles } from './statistics.js';
import { type Case, CHECKED_STEPS, type InputFiles, type Work } from './work.js';

export interface Effort {
  readonly rounds: number;
  /** Time of one contender in one round. */
  readonly roundMs: number;
  /** Time before the first round, in which engines compile what is hot. */
  readonly warmUpMs: number;
}

export interface Result {
  readonly entrant: Entrant;
  readonly times: Quartiles;
}

export interface Measured {
  readonly results: readonly Result[];
  /** Speed of the ceiling in the same rounds: FLOP or bytes per millisecond; null where the machine has none. */
  readonly ceiling: number | null;
  readonly fmaCeiling: number | null;
  /** What went wrong or could not be done, with whose name. */
  readonly notes: readonly string[];
  /** Whether lanewise gave what it should on every number of threads. */
  readonly correct: boolean;
}

const OPEN_PATIENCE = 120_000;
/** A contender whose single run takes longer (ms) is timed in two rounds only. */
const SLOW = 2_000;

interface Racer {
  readonly label: string;
  readonly entrant: Entrant;
  readonly samples: number[];
}

export const labelOf = ({ who, threads, fast, wide }: Pick<Entrant, 'who' | 'threads' | 'fast' | 'wide'>) =>
  `${who}${fast ? ' (fast)' : ''}${wide ? ' (wide)' : ''}${threads === 1 ? '' : ` on ${threads} threads`}`;

export async function measure(
  { work, bytes, bound }: Case,
  entrants: readonly Entrant[],
  effort: Effort,
  digits: () => Promise<Digits>,
): Promise<Measured> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-bench-'));
  try {
    const arrays = await makeInputs(work, digits);
    const inputs = writeInputs(directory, arrays);
    const notes: string[] = [];
    const { racers, correct } = await openAll(
      work,
      arrays,
      inputs,
      entrants.filter(({ who }) => takesPart(who, work)),
      effort,
      notes,
    );
    const keeper = entrants.find(({ who }) => who === 'ceiling');
    const fast = entrants.some((entrant) => entrant.fast);
    const ceilings =
      keeper === undefined
        ? []
        : bound === 'copy'
          ? (['copy'] as const)
          : fast
            ? (['mulAdd', 'fma'] as const)
            : (['mulAdd'] as const);
    const speeds = new Map<string, number[]>(ceilings.map((ceiling) => [ceiling, []]));

    const active = new Set(racers);
    for (let round = 0; round < effort.rounds; round++) {
      for (const [ceiling, list] of speeds) {
        const speed = await ceilingSpeed(keeper!, ceiling as CeilingName, bytes, effort.roundMs / 4);
        if (speed !== null) list.push(speed);
      }
      // Another one begins in every round, so that none always runs after the same one.
      for (let i = 0; i < racers.length; i++) {
        const racer = racers[(i + round) % racers.length]!;
        if (!active.has(racer)) continue;
        try {
          const { samplesMs } = await racer.entrant.client.ask({ do: 'time', ms: effort.roundMs }, OPEN_PATIENCE);
          racer.samples.push(...samplesMs);
          if (samplesMs.length === 1 && samplesMs[0]! > SLOW && round === 1) active.delete(racer);
        } catch (error) {
          active.delete(racer);
          notes.push(`${racer.label}: ${(error as Error).message}`);
        }
      }
    }
    // One that does not answer any more was noted above.
    for (const { entrant } of racers) await entrant.client.ask({ do: 'close' }, OPEN_PATIENCE).catch(() => {});
    const median = (ceiling: CeilingName) => {
      const list = speeds.get(ceiling) ?? [];
      return list.length === 0 ? null : quartiles(list).median;
    };
    return {
      results: racers
        .filter(({ samples }) => samples.length > 0)
        .map(({ entrant, samples }) => ({ entrant, times: quartiles(samples) })),
      ceiling: median(bound === 'copy' ? 'copy' : 'mulAdd'),
      fmaCeiling: median('fma'),
      notes,
      correct,
    };
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Opens the case everywhere and compares what comes out: with the plain result, or else with PyTorch's (or another
 * peer's).
 */
async function openAll(
  work: Work,
  arrays: Inputs,
  inputs: InputFiles,
  entrants: readonly Entrant[],
  effort: Effort,
  notes: string[],
): Promise<{ racers: Racer[]; correct: boolean }> {
  const plain = plainOutputs(work, arrays);
  const positions: Readonly<Record<string, readonly number[]>> =
    plain === null
      ? { losses: Array.from({ length: CHECKED_STEPS }, (_, i) => i) }
      : Object.fromEntries(Object.entries(plain).map(([name, { size }]) => [name, probePositions(size)]));
  const opened: { racer: Racer; outputs: Outputs }[] = [];
  let correct = true;
  for (const entrant of entrants) {
    const label = labelOf(entrant);
    try {
      const { outputs, note } = await entrant.client.ask(
        { do: 'open', work, inputs, probe: positions, warmUpMs: effort.warmUpMs },
        OPEN_PATIENCE,
      );
      if (note !== undefined) notes.push(`${label}: ${note}`);
      opened.push({ racer: { label, entrant, samples: [] }, outputs });
    } catch (error) {
      notes.push(`${label}: ${(error as Error).message}`);
      if (entrant.who === 'lanewise') correct = false;
    }
  }
  for (const fast of [false, true]) {
    const [first, ...others] = opened.filter(
      ({ racer: { entrant } }) => entrant.who === 'lanewise' && entrant.fast === fast,
    );
    for (const { racer, outputs } of others) {
      const other = difference(outputs, first!.outputs, 0);
      if (other === null) continue;
      notes.push(`${racer.label} gives other bits than ${first!.racer.label}: ${other}`);
      correct = false;
    }
  }
  const want: Outputs | undefined =
    plain === null
      ? opened.find(({ racer }) => racer.entrant.who !== 'lanewise')?.outputs
      : Object.fromEntries(Object.entries(plain).map(([name, { at }]) => [name, positions[name]!.map(at)]));
  if (want === undefined) notes.push('not compared with anything: no peer ran it');
  const racers = opened.filter(({ racer, outputs }) => {
    const wrong = want === undefined ? null : difference(outputs, want, plain === null ? LOSS_TOLERANCE : TOLERANCE);
    if (wrong === null) return true;
    notes.push(`${racer.label} is wrong and was not timed: ${wrong}`);
    if (racer.entrant.who === 'lanewise') correct = false;
    return false;
  });
  return { racers: racers.map(({ racer }) => racer), correct };
}

export type CeilingName = 'mulAdd' | 'fma' | 'copy';

/** FLOP or bytes (read and written) per millisecond, the median of `ms` milliseconds; null where the engine cannot. */
export async function ceilingSpeed(
  { client }: Entrant,
  ceiling: CeilingName,
  bytes: number,
  ms: number,
): Promise<number | null> {
  try {
    const work: Work = { kind: 'ceiling', ceiling, bytes };
    const { outputs } = await client.ask(
      { do: 'open', work, inputs: {}, probe: { perRun: [0] }, warmUpMs: ms / 4 },
      OPEN_PATIENCE,
    );
    const { samplesMs } = await client.ask({ do: 'time', ms }, OPEN_PATIENCE);
    return outputs.perRun![0]! / quartiles(samplesMs).median;
  } catch {
    return null;
  }
}
