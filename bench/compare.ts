/** Compares two runs of the bench. */
import { type Report, type Row, table } from './report.js';

export interface Change {
  readonly kind: 'slower' | 'faster';
  readonly name: string;
  readonly beforeMs: number;
  readonly afterMs: number;
}

export interface Comparison {
  readonly changes: readonly Change[];
  /** Rows that both runs have. */
  readonly compared: number;
  /** Rows that only one of them has. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Multiply-and-add ceiling after ÷ before: far from 1, the machine itself changed. */
  readonly machineRatio: number | null;
}

const keyOf = ({ name, threads, fast, wide }: Row) =>
  `${name}, ${threads} ${threads === 1 ? 'thread' : 'threads'}${fast ? ', fast' : ''}${wide ? ', wide' : ''}`;

/**
 * A row changed when the middle halves of its times (quartile to quartile) do not touch and its median moved by more
 * than `threshold`, a share.
 */
export function compareReports(before: Report, after: Report, threshold: number): Comparison {
  const [old, fresh] = [before, after].map(({ rows }) => new Map(rows.map((row) => [keyOf(row), row]))) as [
    Map<string, Row>,
    Map<string, Row>,
  ];
  const changes: Change[] = [];
  for (const [name, now] of fresh) {
    const then = old.get(name);
    if (then === undefined) continue;
    const change = { name, beforeMs: then.medianMs, afterMs: now.medianMs };
    if (now.p25 > then.p75 && now.medianMs > then.medianMs * (1 + threshold))
      changes.push({ kind: 'slower', ...change });
    if (now.p75 < then.p25 && now.medianMs < then.medianMs / (1 + threshold))
      changes.push({ kind: 'faster', ...change });
  }
  const [was, is] = [before.ceilings.mulAddGflops, after.ceilings.mulAddGflops];
  return {
    changes,
    compared: [...fresh.keys()].filter((key) => old.has(key)).length,
    added: [...fresh.keys()].filter((key) => !old.has(key)),
    removed: [...old.keys()].filter((key) => !fresh.has(key)),
    machineRatio: was === null || is === null ? null : is / was,
  };
}

/** Ceilings further apart than this share are worth a word: then the machine, not the code, may be what changed. */
const SAME_MACHINE = 0.05;

export function historyText({ changes, compared, added, removed, machineRatio }: Comparison): string {
  const parts = [
    `${compared} rows compared, ` + `${changes.length === 0 ? 'none' : changes.length} changed by more than the noise.`,
  ];
  if (machineRatio !== null && Math.abs(machineRatio - 1) > SAME_MACHINE) {
    parts.push(
      `The ceiling of the machine itself is ${machineRatio.toFixed(2)} × what it was: ` +
        'the runs may not have had the same conditions.',
    );
  }
  if (changes.length > 0) {
    parts.push(
      table(
        ['', 'before, ms', 'after, ms', 'speed'],
        changes.map(({ kind, name, beforeMs, afterMs }) => [
          `${kind}: ${name}`,
          String(beforeMs),
          String(afterMs),
          `${(beforeMs / afterMs).toFixed(2)} ×`,
        ]),
      ),
    );
  }
  if (added.length > 0) parts.push(`Only in the second: ${added.join('; ')}.`);
  if (removed.length > 0) parts.push(`Only in the first: ${removed.join('; ')}.`);
  return parts.join('\n\n');
}
