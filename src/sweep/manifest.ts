/** `sweep.json`: what a sweep consists of, how it is run, and the test of its best trial. */
import path from 'node:path';
import { machine, trainSettings } from '../experiments/checks.js';
import {
  type Check,
  fields,
  listOf,
  mismatch,
  moment,
  nullable,
  number,
  object,
  oneOf,
  optional,
  readJson,
  share,
  text,
  whole,
} from '../experiments/json.js';
import type { Machine } from '../experiments/machine.js';
import type { TrainSettings } from '../recipes/index.js';
import type { TrialValues } from './params.js';
import type { Rung } from './rungs.js';

/** What a sweep consists of. */
export interface SweepPlan {
  readonly strategy: 'grid' | 'random' | 'halving';
  /** What all trials have in common. */
  readonly base: Partial<TrainSettings>;
  readonly trials: readonly TrialValues[];
  /** At least one. */
  readonly rungs: readonly Rung[];
  /** The share of the training images that trials are judged by. */
  readonly validation: number;
  /** What stands in for data that were not installed when it began, a line each. */
  readonly notes?: readonly string[] | undefined;
}

/** The settings of the best trial, on the test images: the only time that they are looked at. */
export interface TestResult {
  readonly id: string;
  readonly loss: number;
  readonly accuracy: number;
}

export interface SweepManifest extends SweepPlan {
  readonly version: 1;
  /** Trials at a time; null: as many as the workers of a queue take. */
  readonly jobs: number | null;
  readonly threads: number;
  readonly machine: Machine;
  readonly command: string;
  readonly lanewise: string;
  readonly began: string;
  /** As in ISO 8601; null until the winner was tested. */
  readonly ended: string | null;
  readonly test: TestResult | null;
}

export const SWEEP_FILE = 'sweep.json';

/** The id of a trial, counted from 0. */
export const idOf = (i: number): string => `t${String(i + 1).padStart(4, '0')}`;

const sweepFields = fields<SweepManifest>({
  version: oneOf(1),
  strategy: oneOf('grid', 'random', 'halving'),
  base: trainSettings,
  trials: listOf(object, { least: 1 }),
  rungs: listOf(fields<Rung>({ epochs: whole(), trials: whole(1) }), { least: 1 }),
  validation: number(0, 0.9),
  notes: optional(listOf(text)),
  jobs: nullable(whole(1)),
  threads: whole(1),
  machine,
  command: text,
  lanewise: text,
  began: moment,
  ended: nullable(moment),
  test: nullable(fields<TestResult>({ id: text, loss: number(), accuracy: share })),
});

const sweepManifest: Check<SweepManifest> = (value, place) => {
  const sweep = sweepFields(value, place);
  const { base, trials, rungs, test } = sweep;
  trials.forEach((values, i) => trainSettings({ ...base, ...values }, `trials[${i}]`));
  rungs.forEach(({ trials: count, epochs }, i) => {
    const before = rungs[i - 1];
    if (count > (before?.trials ?? trials.length)) mismatch(`rungs[${i}].trials`, `is ${count}, more than there are`);
    if (before !== undefined && epochs < before.epochs)
      mismatch(`rungs[${i}].epochs`, `is ${epochs}, expected ${before.epochs} or more`);
  });
  if (test !== null && !trials.some((_, i) => idOf(i) === test.id)) mismatch('test.id', 'is not a trial');
  return sweep;
};

/**
 * The plan of a sweep on disk and what was recorded with it; null where there is none.
 *
 * @throws {CheckpointError} when it cannot be read, or is not one
 */
export function readSweep(directory: string): SweepManifest | null {
  return readJson(
    path.join(directory, SWEEP_FILE),
    sweepManifest,
    'restore it, or delete it and give the command that began the sweep again: trials that are done are kept',
  );
}
