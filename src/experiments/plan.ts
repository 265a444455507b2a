/** From a study to the runs that it consists of. */
import path from 'node:path';
import { ArgumentError } from '../index.js';
import { resolveTrainSettings, type TrainSettings } from '../recipes/index.js';
import { runDirectory, runId } from './layout.js';
import type { RunRequest } from './request.js';
import type { RunResult } from './result.js';
import type { Group, PlannedRow, Study } from './study.js';
import { type Substitute, withSubstitute } from './wholeData.js';

/** Groups whose rows are known at the same time, in the order in which they are run. */
export function stagesOf({ groups }: Study): Group[][] {
  const stages: Group[][] = [];
  for (const group of groups) {
    if (typeof group.rows === 'function' || stages.length === 0) stages.push([group]);
    else stages.at(-1)!.push(group);
  }
  return stages;
}

/** Seeds of each row where neither the study nor its user says how many. */
const SEEDS = 3;

export interface PlanOptions {
  readonly quick: boolean;
  /** How many seeds each row is run with; null: as many as its group says, or one in the small version. */
  readonly seeds: number | null;
  /** What stands in for a data set that is not installed. Default: nothing. */
  readonly substitute?: Substitute | null;
}

/**
 * The rows of a group with all that is said of them elsewhere.
 *
 * @param before the results of the groups before
 * @throws {ArgumentError} when an id or a setting is not allowed
 */
export function planRows(
  study: Study,
  group: Group,
  before: readonly RunResult[],
  { quick, seeds, substitute = null }: PlanOptions,
): PlannedRow[] {
  const rows = typeof group.rows === 'function' ? group.rows(before) : group.rows;
  const kept = quick && group.quickRows !== undefined ? rows.filter(({ id }) => group.quickRows!.includes(id)) : rows;
  const count = seeds ?? (quick ? 1 : (group.seeds ?? SEEDS));
  return kept.map((row) => {
    if (!/^[\w.-]+$/.test(row.id))
      throw new ArgumentError(`${JSON.stringify(row.id)} cannot name a directory`, { where: study.name });
    const full = withSubstitute({ dataset: study.dataset, ...group.settings, ...row.settings }, substitute);
    const settings = quick ? shrink(full, study.quick) : full;
    resolveTrainSettings(settings);
    return {
      ...row,
      group: group.id,
      seeds: Array.from({ length: count }, (_, i) => i + 1),
      settings,
      validation: group.validation ?? 0,
    };
  });
}

function shrink(settings: Partial<TrainSettings>, quick: Partial<TrainSettings>): Partial<TrainSettings> {
  const epochs = Math.min(settings.epochs ?? Infinity, quick.epochs ?? Infinity);
  return { ...settings, ...quick, ...(Number.isFinite(epochs) && { epochs }) };
}

export interface RequestOptions {
  /** Of the study. */
  readonly directory: string;
  readonly threads: number;
  /** Where the files of the data set are; null: where they usually are. */
  readonly data: string | null;
}

/**
 * All runs of some rows: each row with the first seed, then with the next one, so that what is there early tells most.
 */
export function requestsOf(rows: readonly PlannedRow[], { directory, threads, data }: RequestOptions): RunRequest[] {
  const seeds = [...new Set(rows.flatMap((row) => row.seeds))].sort((a, b) => a - b);
  return seeds.flatMap((seed) =>
    rows
      .filter((row) => row.seeds.includes(seed))
      .map(({ id, group, label, settings, validation }) => ({
        id: runId(id, seed),
        row: id,
        group,
        label,
        directory: runDirectory(directory, runId(id, seed)),
        settings: { ...settings, seed, ...(data !== null && { data: path.resolve(data) }) },
        validation,
        until: null,
        threads,
        prune: true,
        attempt: 1,
      })),
  );
}
