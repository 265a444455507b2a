/** What the seeds of a row came to, counted and in words. */
import type { Manifest } from '../layout.js';
import type { RunResult } from '../result.js';

/** The results of a study by row. */
export class Results {
  readonly #byRow = new Map<string, RunResult[]>();

  constructor(readonly manifest: Manifest, readonly all: readonly RunResult[]) {
    for (const result of all) this.#byRow.set(result.row, [...this.#byRow.get(result.row) ?? [], result]);
  }

  of(row: string): readonly RunResult[] {
    return this.#byRow.get(row) ?? [];
  }

  /** How many runs of a row are not at their end. */
  missing(row: string): number {
    return Math.max(0, this.manifest.seeds.length - this.of(row).length);
  }
}

/** `3 runs`, `1 run` */
export const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`;

/** What has to be known of a row beside its numbers: `2 of 3 diverged, 1 failed`; empty where all is well. */
export function trouble(results: readonly RunResult[], missing: number): string {
  const total = results.length + missing;
  const of = (number: number, word: string): string[] => (number === 0 ? [] : [number === total && total > 1 ? `all ${total} ${word}` : total === 1 ? word : `${number} of ${total} ${word}`]);
  const status = (wanted: RunResult['status']): number => results.filter((result) => result.status === wanted).length;
  const atChance = results.filter((result) => result.status === 'done' && result.atChance).length;
  return [...of(status('diverged'), 'diverged'), ...of(atChance, 'at chance'), ...of(status('failed'), 'failed'), ...of(missing, missing === total ? 'not run yet' : missing === 1 ? 'not at its end' : 'not at their end')].join(', ');
}

/** How a run went, in a word or two. */
export function outcome(result: RunResult): string {
  return result.status === 'done' && result.atChance ? 'done, at chance' : result.status;
}
