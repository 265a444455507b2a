/** What the runs came to, for other programs: results.csv, metrics.jsonl and report.json. */
import type { RunResult } from '../experiments/result.js';
import { type Spread, spread } from '../experiments/statistics.js';
import type { PlannedRow } from '../experiments/study.js';
import { csvField } from '../text/csv.js';
import { goalOf, goalsOf, type Results, trouble } from './outcome.js';
import { type ComparedTable, oursText, publishedText } from './publishedTables.js';

/**
 * A line for each run that is at its end: what it was, its results, its settings; where the data lay is of this machine
 * only.
 */
export function resultsCsv({ all }: Results): string {
  const goals = goalsOf(all);
  const settings = [...new Set(all.flatMap((run) => Object.keys(run.settings)))].filter(
    (name) => name !== 'seed' && name !== 'data',
  );
  const columns: [name: string, of: (run: RunResult) => string | number | null | undefined][] = [
    ...(['id', 'group', 'row', 'label', 'seed', 'status'] as const).map((name): (typeof columns)[number] => [
      name,
      (run) => run[name],
    ]),
    ['diverged', ({ divergence }) => divergence?.kind],
    ['divergedAfter', ({ divergence }) => divergence?.step],
    ['atChance', ({ atChance }) => String(atChance)],
    ['error', ({ error }) => error],
    ['epochs', ({ history }) => history.length],
    ...(
      [
        'steps',
        'parameters',
        'finalTrainAccuracy',
        'finalTestAccuracy',
        'bestTestAccuracy',
        'secondsPerEpoch',
        'seconds',
        'stepsTo90',
      ] as const
    ).map((name): (typeof columns)[number] => [name, (run) => run[name]]),
    ...goals.flatMap((goal): typeof columns => {
      const of = ({ milestones }: RunResult) => milestones.find(({ accuracy }) => accuracy === goal);
      const name = `to${Number((100 * goal).toFixed(2))}`;
      return [
        [`${name}.epoch`, (run) => of(run)?.epoch],
        [`${name}.seconds`, (run) => of(run)?.seconds],
      ];
    }),
    ['validation', ({ validation }) => validation],
    ['attempts', ({ attempts }) => attempts],
    ['ended', ({ ended }) => ended],
    ['digest', ({ digest }) => digest],
    ...settings.map((name): (typeof columns)[number] => [
      `settings.${name}`,
      (run) => plain((run.settings as Readonly<Record<string, unknown>>)[name]),
    ]),
  ];
  const line = (fields: readonly (string | number | null | undefined)[]): string =>
    `${fields.map(csvField).join(',')}\r\n`;
  return line(columns.map(([name]) => name)) + all.map((run) => line(columns.map(([, of]) => of(run)))).join('');
}

function plain(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'number' ? value : Array.isArray(value) ? value.join(' ') : String(value);
}

/** A line of JSON for each epoch of each run. */
export function metricsJsonl({ all }: Results): string {
  return all
    .flatMap(({ id, group, row, seed, history }) =>
      history.map((epoch) => `${JSON.stringify({ run: id, group, row, seed, ...epoch })}\n`),
    )
    .join('');
}

/** What docs/studies is made from: the comparisons in numbers. */
export interface ReportRecord {
  readonly version: 1;
  readonly name: string;
  readonly title: string;
  readonly quick: boolean;
  readonly complete: boolean;
  readonly settings: number;
  readonly runs: {
    readonly done: number;
    readonly diverged: number;
    readonly failed: number;
    readonly missing: number;
  };
  /** Of all runs together. */
  readonly seconds: number;
  readonly machine: string;
  readonly lanewise: string;
  readonly began: string;
  readonly ended: string | null;
  readonly rows: readonly RowRecord[];
  readonly tables: readonly ReturnType<typeof withText>[];
  /** Why ours differ, as far as it is known; of the full version. */
  readonly remarks: readonly string[];
}

export interface RowRecord {
  readonly id: string;
  readonly group: string;
  readonly label: string;
  readonly extra: boolean;
  readonly seeds: readonly number[];
  /** How many of them are at their end. */
  readonly runs: number;
  readonly trouble: string;
  readonly testAccuracy: Spread | null;
  readonly secondsPerEpoch: Spread | null;
  /** Medians over the seeds that got there; `seconds` and `epoch` are null where none did. */
  readonly goals: readonly {
    readonly accuracy: number;
    readonly seconds: number | null;
    readonly epoch: number | null;
    readonly reached: number;
  }[];
}

function rowRecord({ id, group, label, seeds, extra = false }: PlannedRow, results: Results): RowRecord {
  const runs = results.of(id);
  const over = (values: readonly (number | null)[]): Spread | null => spread(values.filter((value) => value !== null));
  return {
    id,
    group,
    label,
    extra,
    seeds,
    runs: runs.length,
    trouble: trouble(runs, results.missing(id)),
    testAccuracy: over(results.averaged(id).map((run) => run.finalTestAccuracy)),
    secondsPerEpoch: over(runs.map((run) => run.secondsPerEpoch)),
    goals: goalsOf(runs).map((accuracy) => ({
      accuracy,
      ...(goalOf(runs, accuracy) ?? { seconds: null, epoch: null, reached: 0 }),
    })),
  };
}

/** A table whose cells also have their text, for pages that only show it. */
function withText({ rows, ...table }: ComparedTable) {
  return {
    ...table,
    rows: rows.map(({ label, cells }) => ({
      label,
      cells: cells.map((each) =>
        each === null ? null : { ...each, text: { ours: oursText(each), published: publishedText(each) } },
      ),
    })),
  };
}

export function reportRecord(results: Results, tables: readonly ComparedTable[]): ReportRecord {
  const { manifest, all, planned } = results;
  const { study, machine, rows } = manifest;
  const of = (status: RunResult['status']): number => all.filter((run) => run.status === status).length;
  const missing = Math.max(0, planned - all.length);
  return {
    version: 1,
    name: study.name,
    title: study.title,
    quick: manifest.quick,
    complete: missing === 0 && manifest.ended !== null,
    settings: rows.length,
    runs: { done: of('done'), diverged: of('diverged'), failed: of('failed'), missing },
    seconds: all.reduce((sum, run) => sum + run.seconds, 0),
    machine: `${machine.cpu}, ${machine.cores} cores, ${machine.engine}`,
    lanewise: manifest.lanewise,
    began: manifest.began,
    ended: manifest.ended,
    rows: rows.map((row) => rowRecord(row, results)),
    tables: tables.map(withText),
    remarks: manifest.quick ? [] : study.remarks,
  };
}
