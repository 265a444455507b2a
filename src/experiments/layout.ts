/**
 * Where a study lies on disk:
 *
 *     study.json          the study, its rows, seeds, the machine and the command (`Manifest`)
 *     lock                the process that runs it, while one does
 *     runs/ID/            a run each, as `lanewise train` leaves it (config.json, metrics.jsonl, *.safetensors), and
 *     runs/ID/curve.f32   of every step so far its loss and the images told right in its epoch so far, as pairs of float32
 *     runs/ID/result.json what it came to (`RunResult`), once it is at its end
 *     report.html report.md report.json results.csv metrics.jsonl figures/*.svg    what `writeReport` makes of them
 */
import fs from 'node:fs';
import path from 'node:path';
import type { RunResult } from './result.js';
import type { Group, PlannedRow, Study } from './study.js';

/** A study as it is written down: groups without the rows, which stand in a list of their own. */
export type StudyRecord = Omit<Study, 'groups'> & { readonly groups: readonly Pick<Group, 'id' | 'title'>[] };

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** In bytes. */
  readonly memory: number;
  /** `Linux 6.1.0 x64` */
  readonly system: string;
  /** `Node 20.20.2` */
  readonly engine: string;
}

/** `study.json` */
export interface Manifest {
  readonly version: 1;
  readonly study: StudyRecord;
  readonly quick: boolean;
  /** The rows known so far: those of a group that follows from others are added when these are done. */
  readonly rows: readonly PlannedRow[];
  /** How many seeds were asked for; null: as many as the study says. Those of each row stand with it. */
  readonly seeds: number | null;
  /** Runs at a time, and threads of each. */
  readonly jobs: number;
  readonly threads: number;
  readonly machine: Machine;
  /** What was typed. */
  readonly command: string;
  /** Of lanewise. */
  readonly lanewise: string;
  /** As in ISO 8601; `ended` is null until all runs are at their end. */
  readonly began: string;
  readonly ended: string | null;
}

export const manifestFile = (directory: string): string => path.join(directory, 'study.json');
export const lockFile = (directory: string): string => path.join(directory, 'lock');
export const runDirectory = (directory: string, id: string): string => path.join(directory, 'runs', id);
export const resultFile = (directory: string, id: string): string => path.join(runDirectory(directory, id), 'result.json');

/** The name of a run. */
export const runId = (row: string, seed: number): string => `${row}-s${seed}`;

/** The manifest of a study on disk; null where there is none. */
export function readManifest(directory: string): Manifest | null {
  return readJson<Manifest>(manifestFile(directory));
}

/** What a run came to; null where it is not at its end. */
export function readResult(directory: string, id: string): RunResult | null {
  return readJson<RunResult>(resultFile(directory, id));
}

/** What all runs of the manifest that are at their end came to, in the order of rows and seeds. */
export function readResults(directory: string, { rows }: Pick<Manifest, 'rows'>): RunResult[] {
  return rows.flatMap(({ id, seeds }) => seeds.map((seed) => readResult(directory, runId(id, seed)))).filter((result) => result !== null);
}

function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
