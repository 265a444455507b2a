/** What the seeds of a row came to, counted and in words. */

import type { RunResult } from '../experiments/result.js';
import { median } from '../experiments/statistics.js';
import type { Manifest } from '../experiments/study.js';
import { plural } from '../text/numbers.js';

/** The results of a study by row. */
export class Results {
  readonly #byRow = new Map<string, RunResult[]>();

  constructor(
    readonly manifest: Manifest,
    readonly all: readonly RunResult[],
  ) {
    for (const result of all) this.#byRow.set(result.row, [...(this.#byRow.get(result.row) ?? []), result]);
  }

  of(row: string): readonly RunResult[] {
    return this.#byRow.get(row) ?? [];
  }

  /**
   * Those of a row whose accuracies are averaged: without the diverged ones, unless all diverged. A mean of both would
   * be that of none.
   */
  averaged(row: string): readonly RunResult[] {
    const [all, well] = [this.of(row), this.of(row).filter(({ status }) => status !== 'diverged')];
    return well.length > 0 ? well : all;
  }

  /** How many runs of a row are not at their end; of a row that is not known yet, one. */
  missing(row: string): number {
    const planned = this.manifest.rows.find(({ id }) => id === row)?.seeds.length ?? 1;
    return Math.max(0, planned - this.of(row).length);
  }

  /** Of all rows. */
  get planned(): number {
    return this.manifest.rows.reduce((sum, { seeds }) => sum + seeds.length, 0);
  }
}

/** How many of something several rows have: `3 seeds`, `1 to 3 seeds`. */
export function countRange(numbers: readonly number[], one: string): string {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return low === high ? plural(high, one) : `${low} to ${plural(high, one)}`;
}

/** What has to be known of a row beside its numbers: `2 of 3 diverged, 1 failed`; empty where all is well. */
export function trouble(results: readonly RunResult[], missing: number): string {
  const total = results.length + missing;
  const of = (number: number, word: string): string[] =>
    number === 0
      ? []
      : [number === total && total > 1 ? `all ${total} ${word}` : total === 1 ? word : `${number} of ${total} ${word}`];
  const status = (wanted: RunResult['status']): number => results.filter((result) => result.status === wanted).length;
  const atChance = results.filter((result) => result.status === 'done' && result.atChance).length;
  return [
    ...of(status('diverged'), 'diverged'),
    ...of(atChance, 'at chance'),
    ...of(status('failed'), 'failed'),
    ...of(missing, missing === total ? 'not run yet' : missing === 1 ? 'not at its end' : 'not at their end'),
  ].join(', ');
}

/** How far seeds came towards a test accuracy: medians over those that got there; null where none did. */
export function goalOf(
  runs: readonly RunResult[],
  goal: number,
): { readonly seconds: number; readonly epoch: number; readonly reached: number } | null {
  const there = runs.flatMap(({ milestones }) =>
    milestones.filter(({ accuracy, epoch }) => accuracy === goal && epoch !== null),
  );
  const [seconds, epoch] = [
    median(there.map((milestone) => milestone.seconds ?? 0)),
    median(there.map((milestone) => milestone.epoch!)),
  ];
  return seconds === null || epoch === null ? null : { seconds, epoch, reached: there.length };
}

/** The accuracies that the runs of some rows count the time to, ascending. */
export function goalsOf(runs: readonly RunResult[]): number[] {
  return [...new Set(runs.flatMap(({ milestones }) => milestones.map(({ accuracy }) => accuracy)))].sort(
    (a, b) => a - b,
  );
}

/** How a run went, in a word or two. */
export function outcome(result: RunResult): string {
  return result.status === 'done' && result.atChance ? 'done, at chance' : result.status;
}
