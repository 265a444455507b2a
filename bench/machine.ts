/** The machine that the bench runs on, and who took part. */
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { type Entrant, type Field, root } from './contenders.js';
import { labelOf } from './measure.js';
import type { Machine } from './report.js';

/** The commit that is checked out, where this is a clone of the repository. */
function commit(): string {
  try {
    const describe = ['describe', '--always', '--dirty', '--exclude', '*'];
    return ` (${execFileSync('git', describe, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim()})`;
  } catch {
    return '';
  }
}

export function machineOf({ entrants, absent }: Field): Machine {
  return {
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    date: new Date().toISOString(),
    versions: Object.fromEntries(
      entrants
        .filter(({ who }) => who !== 'ceiling')
        .map(({ who, version }) => [who, who === 'lanewise' ? `${version}${commit()}` : version]),
    ),
    absent,
  };
}

export const describe = (entrants: readonly Entrant[]) => entrants.map(labelOf).join(', ');
