/** Runs a study in a directory, or goes on with it. */
import fs from 'node:fs';
import path from 'node:path';
import type { Executor } from '../experiments/executor.js';
import { claimDirectory } from '../experiments/files.js';
import { finishedRun } from '../experiments/finished.js';
import { manifestFile, readManifest, readResults } from '../experiments/layout.js';
import { describeMachine } from '../experiments/machine.js';
import { planRows, requestsOf, stagesOf } from '../experiments/plan.js';
import type { RunResult } from '../experiments/result.js';
import { tidy } from '../experiments/runFiles.js';
import { type RunnerOptions, runAll } from '../experiments/runner.js';
import type { Manifest, PlannedRow, Study } from '../experiments/study.js';
import { type Substitute, substituteInUse } from '../experiments/wholeData.js';
import { CheckpointError } from '../index.js';
import { writeFileAtomic } from '../node/index.js';
import { REPORT_FILES, writeReport } from '../report/index.js';

export interface StudyOptions extends RunnerOptions {
  readonly directory: string;
  /** How many seeds each row is run with: 1, 2, …; null: as many as the study says. */
  readonly seeds: number | null;
  /** Threads of each run. */
  readonly threads: number;
  readonly quick: boolean;
  /** Where the files of the data set are; null: where they usually are. */
  readonly data: string | null;
  /** What the small version begins on where its data set is not installed. Default: nothing. */
  readonly substitute?: Substitute | null;
  /** What was typed, for the report. */
  readonly command: string;
  /** The version of lanewise, for the report. */
  readonly version: string;
  /** Rows are known: those done earlier, and those to run now. */
  readonly onPlan?: (plan: { readonly runs: readonly PlannedRun[]; readonly done: readonly RunResult[] }) => void;
}

export interface PlannedRun {
  readonly id: string;
  readonly row: string;
  readonly epochs: number;
}

/**
 * Executes all runs of a study that have no result, that failed, or whose result cannot be read, and writes the report,
 * also when `signal` ends it before.
 *
 * @returns all results
 * @throws {CheckpointError} when another process works in the directory, or it holds something else, or its
 *   `study.json` cannot be read
 * @throws {FileWriteError} when the directory cannot be made or written to
 */
export async function runStudy(study: Study, executor: Executor, options: StudyOptions): Promise<RunResult[]> {
  const { directory, seeds, threads, quick, signal } = options;
  const release = claimDirectory(directory, [path.basename(manifestFile(directory)), ...REPORT_FILES]);
  try {
    const before = readManifest(directory);
    if (before === null && fs.existsSync(path.join(directory, 'config.json'))) {
      throw new CheckpointError('this directory holds a run of `lanewise train`', {
        where: directory,
        hint: 'choose another directory',
        options: ['out'],
      });
    }
    const { groups, ...said } = study;
    const replaceable = quick && options.data === null && study.dataset === options.substitute?.dataset;
    const substitute = replaceable ? substituteInUse(options.substitute, before) : null;
    const notes = substitute === null ? [] : [substitute.note];
    for (const note of notes) options.onNote?.(note);
    let manifest: Manifest = {
      version: 1,
      study: { ...said, groups: groups.map(({ id, title }) => ({ id, title })) },
      quick,
      rows: [],
      seeds,
      jobs: executor.jobs,
      threads,
      machine: describeMachine(),
      notes,
      command: options.command,
      lanewise: options.version,
      began: before?.began ?? new Date().toISOString(),
      ended: null,
    };
    const write = (change: Partial<Manifest>): void => {
      manifest = { ...manifest, ...change };
      writeFileAtomic(manifestFile(directory), `${JSON.stringify(manifest, null, 1)}\n`);
    };
    const executed = new Map<string, RunResult>();
    for (const stage of stagesOf(study)) {
      const results = readResults(directory, manifest, executed);
      const rows = stage.flatMap((group) => planRows(study, group, results, { quick, seeds, substitute }));
      if (before !== null) refuseOther(before, { name: study.name, quick, rows }, directory);
      const requests = requestsOf(rows, options);
      const finished = requests.map((request) => finishedRun(directory, request, options.onNote));
      write({ rows: [...manifest.rows, ...rows] });
      requests.filter((_, i) => finished[i] !== null).forEach(tidy);
      const done = finished.filter((result) => result !== null);
      const open = requests.filter((_, i) => finished[i] === null);
      options.onPlan?.({
        done,
        runs: open.map(({ id, row, settings }) => ({ id, row, epochs: settings.epochs ?? 1 })),
      });
      for (const result of await runAll(open, executor, options)) executed.set(result.id, result);
      if (signal?.aborted) break;
    }
    const results = readResults(directory, manifest, executed);
    // That of the last run: a call that finds nothing to do only makes the report anew.
    if (!signal?.aborted)
      write({
        ended:
          results
            .map(({ ended }) => ended)
            .sort()
            .at(-1) ?? new Date().toISOString(),
      });
    await writeReport(directory, executed);
    return results;
  } finally {
    release();
  }
}

/** @throws {CheckpointError} when the study on disk is not this one */
function refuseOther(
  before: Manifest,
  now: { readonly name: string; readonly quick: boolean; readonly rows: readonly PlannedRow[] },
  directory: string,
): void {
  const refuse = (what: string): never => {
    throw new CheckpointError(`this directory holds ${what}`, {
      where: directory,
      hint: 'choose another directory, or delete it',
      options: ['out'],
    });
  };
  const { name } = before.study;
  if (name !== now.name) refuse(`the study ${/^[\w-]+$/.test(name) ? name : JSON.stringify(name)}`);
  if (before.quick !== now.quick)
    refuse(before.quick ? 'the small version of the study' : 'the full version of the study, not the small one');
  const known = new Map(before.rows.map((row) => [row.id, row]));
  for (const row of now.rows) {
    const old = known.get(row.id);
    if (
      old !== undefined &&
      JSON.stringify([old.settings, old.validation]) !== JSON.stringify([row.settings, row.validation])
    )
      refuse(`row ${row.id} of the study with other settings`);
  }
}
