/** Kills at every moment at which a program changes files, and what is to be the same after them. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { vi } from 'vitest';
import type { Executor } from '../../src/experiments/executor.js';
import type { RunRequest } from '../../src/experiments/request.js';
import type { RunResult } from '../../src/experiments/result.js';
import { executeRun } from '../../src/experiments/run.js';
import type { Group, Study } from '../../src/experiments/study.js';

/** A study of one group, with one seed. */
export const smallStudy = (
  settings: Group['settings'],
  rows: Group['rows'],
  figures: Study['figures'] = [],
): Study => ({
  name: 'small',
  title: 'Small',
  question: [],
  dataset: 'mnist',
  tables: [],
  rankings: [],
  choices: [],
  remarks: [],
  quick: {},
  figures,
  groups: [{ id: 'g', title: 'G', settings, seeds: 1, rows }],
});

/** What changes files; the rest of `writeFileAtomic` happens to a temporary file, which is whole before the rename. */
const CHANGES = ['writeFileSync', 'renameSync', 'rmSync', 'mkdirSync'] as const;

/**
 * Runs `work`, which writes below `directory`, and copies the directory before each change: what a kill at that moment
 * would leave. The processes that hold its locks are gone in the copies.
 *
 * @returns the copies, each with the change that it was made before
 */
export async function killedCopies(
  directory: string,
  work: () => Promise<unknown>,
): Promise<{ readonly before: string; readonly copy: string }[]> {
  const copies: { before: string; copy: string }[] = [];
  const home = `${directory}-killed`;
  let copying = false;
  const keep = (before: string): void => {
    if (copying || !fs.existsSync(directory)) return;
    copying = true;
    const copy = path.join(home, String(copies.length), path.basename(directory));
    fs.cpSync(directory, copy, { recursive: true });
    abandonLocks(copy);
    copies.push({ before, copy });
    copying = false;
  };
  const spies = CHANGES.map((name) => {
    const real = fs[name] as (...args: unknown[]) => unknown;
    return vi.spyOn(fs, name as 'rmSync').mockImplementation(((...args: unknown[]) => {
      if (String(args[0]).startsWith(directory))
        keep(`${copies.length}: ${name} ${path.relative(directory, String(args[0]))}`);
      return real.apply(fs, args);
    }) as typeof fs.rmSync);
  });
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return copies;
}

let gone: number | undefined;

/** Gives the locks to a process that has ended. */
export function abandonLocks(directory: string): void {
  gone ??= spawnSync(process.execPath, ['-e', '']).pid;
  for (const name of fs.readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(directory, name);
    if (path.basename(name) !== 'lock') continue;
    // An empty one is respected for some seconds.
    if (fs.statSync(file).size === 0) fs.utimesSync(file, new Date(0), new Date(0));
    else fs.writeFileSync(file, JSON.stringify({ pid: gone, host: os.hostname(), began: null }));
  }
}

/** Executes runs in this process, one after the other. */
export class InProcess implements Executor {
  readonly jobs = 1;
  readonly asked: string[] = [];

  execute(request: RunRequest, options = {}): Promise<RunResult | null> {
    this.asked.push(request.id);
    return executeRun(request, options);
  }

  async close(): Promise<void> {}
}

/** A result without the times, which differ from run to run. */
export function untimed(result: RunResult | null): unknown {
  if (result === null) return null;
  const {
    seconds: _seconds,
    secondsPerEpoch,
    ended: _ended,
    attempts: _attempts,
    history,
    milestones,
    ...rest
  } = result;
  return {
    ...rest,
    timed: secondsPerEpoch !== null,
    milestones: milestones.map((each) => ({ ...each, seconds: each.seconds !== null })),
    history: history.map(({ seconds: _s, imagesPerSecond: _i, trainSeconds: _t, ...epoch }) => epoch),
  };
}

/** The names of all files below a directory. */
export function filesIn(directory: string): string[] {
  return fs
    .readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => !fs.statSync(path.join(directory, name)).isDirectory())
    .sort();
}
