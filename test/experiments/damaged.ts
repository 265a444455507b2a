/** A study and a sweep of three small runs, done, to be copied and damaged. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { vi } from 'vitest';
import { readResult, resultFile } from '../../src/experiments/layout.js';
import type { RunResult } from '../../src/experiments/result.js';
import { runStudy } from '../../src/studies/runStudy.js';
import { runSweep, type SweepPlan } from '../../src/sweep/runSweep.js';
import { makeData, workspace } from '../cli/lanewise.js';
import { InProcess, smallStudy } from './kills.js';

const SMALL = { model: 'mlp-bn', hidden: [8], batchSize: 50, epochs: 2 } as const;

const STUDY = smallStudy(
  SMALL,
  [0.1, 0.2, 0.3].map((lr, i) => ({ id: 'abc'[i]!, label: `lr ${lr}`, settings: { lr } })),
);

let data: string;
let plan: SweepPlan;
/** Directories of a study and of a sweep that are done. */
export let study: string;
export let sweep: string;
/** The results of their runs. */
export let wanted: RunResult[];
export let trials: (RunResult | null)[];

export interface Told {
  readonly notes: string[];
  readonly asked: string[];
  readonly results: RunResult[];
}

export async function studyIn(directory: string): Promise<Told> {
  const [notes, executor] = [[] as string[], new InProcess()];
  const results = await runStudy(STUDY, executor, {
    directory,
    seeds: null,
    threads: 1,
    quick: false,
    data,
    command: 'test',
    version: '0',
    onNote: (text) => notes.push(text),
  });
  return { notes, asked: executor.asked, results };
}

export async function sweepIn(directory: string) {
  const [notes, executor] = [[] as string[], new InProcess()];
  const outcome = await runSweep(plan, executor, {
    directory,
    threads: 1,
    command: 'test',
    version: '0',
    onNote: (text) => notes.push(text),
  });
  return { notes, asked: executor.asked, ...outcome };
}

export const trialResults = (directory: string) => plan.trials.map((_, i) => readResult(directory, `t000${i + 1}`));

/** Makes them. */
export async function makeBoth(): Promise<void> {
  data = makeData();
  vi.spyOn(fs, 'fsyncSync').mockImplementation(() => {});
  plan = {
    strategy: 'grid',
    base: { ...SMALL, data },
    trials: [{ lr: 0.01 }, { lr: 0.3 }, { lr: 0.1 }],
    rungs: [{ epochs: 2, trials: 3 }],
    validation: 0.25,
  };
  [study, sweep] = [path.join(workspace(), 'study'), path.join(workspace(), 'sweep')];
  wanted = (await studyIn(study)).results;
  await sweepIn(sweep);
  trials = trialResults(sweep);
}

let copies = 0;
export function copyOf(directory: string): string {
  const copy = path.join(workspace(), `copy${copies++}`);
  fs.cpSync(directory, copy, { recursive: true });
  return copy;
}

/** What can have happened to a file. */
const DAMAGES: Readonly<Record<string, (file: string) => void>> = {
  'cut off': (file) => fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2)),
  empty: (file) => fs.truncateSync(file, 0),
  'of zeros': (file) => fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size)),
  'a directory': (file) => {
    fs.rmSync(file);
    fs.mkdirSync(file);
  },
  'a FIFO': (file) => {
    fs.rmSync(file);
    if (spawnSync('mkfifo', [file]).status !== 0) throw new Error('mkfifo failed');
  },
  'a link to itself': (file) => {
    fs.rmSync(file);
    fs.symlinkSync(file, file);
  },
};
export const damages = Object.keys(DAMAGES);
export const JSON_DAMAGES = ['null', '[]', '{}', '{"version":2}', '"\u001b[2J"', '{'];

export function damage(file: string, how: string): void {
  if (how in DAMAGES) DAMAGES[how]!(file);
  else fs.writeFileSync(file, how);
}

/** Trial 2 of a copy of the sweep, as if its process had been killed before it wrote its result. */
export function withoutResult(): { copy: string; file: (name: string) => string } {
  const copy = copyOf(sweep);
  fs.rmSync(resultFile(copy, 't0002'));
  return { copy, file: (name) => path.join(copy, 'runs/t0002', name) };
}
