/** Sweeps and workers at a queue, as processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { RunResult } from '../../src/experiments/result.js';
import { CLI } from '../cli/lanewise.js';
import { untimed } from '../experiments/kills.js';

/** A command of lanewise that runs until it is killed or done. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  /** What it printed so far. */
  text(): string;
}

export function start(...args: string[]): Running {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  return { child, ended: new Promise((resolve) => child.on('close', resolve)), text: () => printed };
}

/** What a sweep left, without times and machines. */
export function outcome(directory: string): unknown {
  const runs = fs.readdirSync(path.join(directory, 'runs')).sort();
  const read = (...names: string[]): Buffer => fs.readFileSync(path.join(directory, ...names));
  const { test } = JSON.parse(String(read('sweep.json'))) as { test: unknown };
  const csv = String(read('results.csv'))
    .split('\n')
    .map((line) => line.replace(/,[^,]*$/, ''));
  const results = runs.map((run) => {
    const result = JSON.parse(String(read('runs', run, 'result.json'))) as RunResult;
    return { ...(untimed({ ...result, settings: { ...result.settings, data: null } }) as object), runtime: null };
  });
  const weights = runs.map((run) => read('runs', run, 'last.safetensors').toString('hex'));
  return { test, csv, results, weights };
}
