/** How something was run, for the end of its report. */
import type { Machine } from '../experiments/machine.js';
import { grouped, plural } from '../text/numbers.js';

export interface HowRun {
  readonly command: string;
  readonly machine: Machine;
  readonly lanewise: string;
  /** Runs at a time; null: as many as the workers of a queue took. */
  readonly jobs: number | null;
  readonly threads: number;
  readonly began: string;
  readonly ended: string | null;
}

type Fact = [name: string, value: string];

/** @param more between how many runs there were at a time and when */
export function factsOf(
  { command, machine, lanewise, jobs, threads, began, ended }: HowRun,
  more: Fact[] = [],
): Fact[] {
  const runs = jobs === null ? 'as many runs as the workers of the queue took' : plural(jobs, 'run');
  return [
    ['Command', `\`${command}\``],
    [
      'Machine',
      `${machine.cpu}, ${plural(machine.cores, 'core')}, ${grouped(machine.memory / 2 ** 30)} GB, ${machine.system}`,
    ],
    ['Engine', `${machine.engine}, lanewise ${lanewise}`],
    ['At a time', `${runs}, ${plural(threads, 'thread')} each`],
    ...more,
    ['Begun', moment(began)],
    ['Ended', ended === null ? 'not yet' : moment(ended)],
  ];
}

/** `2026-11-25 21:25:06 UTC` */
const moment = (iso: string): string => iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
