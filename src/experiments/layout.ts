/**
 * Where a study lies on disk:
 *
 *     study.json          the study, its rows, seeds, the machine and the command (`Manifest`)
 *     lock                the process that runs it, while one does
 *     runs/ID/            a run each, as `lanewise train` leaves it (config.json, metrics.jsonl, *.safetensors), and
 *     runs/ID/curve.f32   of every step so far its loss and the images classified correctly in its epoch so far, as
 *                         pairs of float32
 *     runs/ID/result.json the result (`RunResult`), once it is at its end
 *     report.html report.md report.json results.csv metrics.jsonl figures/*.svg    what `writeReport` makes of them
 */
import path from 'node:path';
import { CheckpointError } from '../index.js';
import { makeDirectory, writeFileAtomic } from '../node/index.js';
import { manifest, runResult } from './checks.js';
import { readJson } from './json.js';
import { failedResult, type RunResult } from './result.js';
import type { Manifest, PlannedRow } from './study.js';

export const manifestFile = (directory: string): string => path.join(directory, 'study.json');
export const runDirectory = (directory: string, id: string): string => path.join(directory, 'runs', id);
export const resultFile = (directory: string, id: string): string =>
  path.join(runDirectory(directory, id), 'result.json');

/** The name of a run. */
export const runId = (row: string, seed: number): string => `${row}-s${seed}`;

const MEND = 'restore it, or delete it: the same command writes it again and keeps the runs that are done';

/**
 * The manifest of a study on disk; null where there is none.
 *
 * @throws {CheckpointError} when it cannot be read, or is not one
 */
export function readManifest(directory: string): Manifest | null {
  return readJson(manifestFile(directory), manifest, MEND);
}

/**
 * The result of a run; null where it has none yet.
 *
 * @throws {CheckpointError} when its result cannot be read, or is that of another run
 */
export function readResult(directory: string, id: string): RunResult | null {
  const file = resultFile(directory, id);
  const hint = 'the same command runs it again';
  const result = readJson(file, runResult, hint);
  if (result !== null && result.id !== id) {
    throw new CheckpointError(`is the result of ${result.id}, expected that of ${id}`, { where: file, hint });
  }
  return result;
}

/** Writes the result of a run. @throws {FileWriteError} when it cannot be written */
export function writeResult(run: string, result: RunResult): void {
  makeDirectory(run);
  writeFileAtomic(path.join(run, 'result.json'), `${JSON.stringify(result)}\n`);
}

/**
 * The results of all runs of the manifest that have one, in the order of rows and seeds. A run whose result cannot be
 * read counts as failed.
 *
 * @param known results by id, which are used instead of those on disk
 */
export function readResults(
  directory: string,
  { rows }: Pick<Manifest, 'rows'>,
  known: ReadonlyMap<string, RunResult> = new Map(),
): RunResult[] {
  return rows.flatMap((row) =>
    row.seeds.flatMap((seed) => {
      const id = runId(row.id, seed);
      return known.get(id) ?? resultOrFailure(directory, id, row, seed) ?? [];
    }),
  );
}

function resultOrFailure(directory: string, id: string, row: PlannedRow, seed: number): RunResult | null {
  try {
    return readResult(directory, id);
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    return failedResult({ ...row, id, row: row.id, settings: { ...row.settings, seed }, attempt: 1 }, error);
  }
}
