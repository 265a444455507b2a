/** The tables of the published report, with ours in the same cells. */

import { isShare, type Measure, measure } from '../experiments/measure.js';
import type { RunResult } from '../experiments/result.js';
import { type Spread, spread } from '../experiments/statistics.js';
import type { Cell, PublishedTable, Ranking, SearchAxis } from '../experiments/study.js';
import type { TrainSettings } from '../recipes/index.js';
import { grouped, plainSeconds, setting } from '../text/numbers.js';
import { cell, columns, type Table, type TableCell, toneOf } from './document.js';
import { type Results, trouble } from './outcome.js';

/** Ours beside one published figure. */
export interface Comparison {
  readonly row: string;
  readonly label: string;
  readonly column: string;
  readonly published: number | null;
  readonly note: string | null;
  readonly measure: Measure;
  /** Over the seeds that have the figure; diverged ones count only where all are. */
  readonly ours: Spread | null;
  /** Runs of the row that are at their end. */
  readonly runs: number;
  /** Of a figure that is a goal: `never` where runs were done and none got there. */
  readonly reached: 'never' | null;
  /** What has to be known of the row: some seeds diverged (and where these ended), failed, are not run yet. */
  readonly trouble: string;
  /**
   * Whether ours is off by more than the seeds are apart, or a goal was never reached; null where that cannot be told,
   * as of one seed.
   */
  readonly differs: boolean | null;
}

/** A published table with ours; null where its cell is empty. */
export interface ComparedTable {
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly label: string; readonly cells: readonly (Comparison | null)[] }[];
}

export function compareTable({ id, caption, columns, rows }: PublishedTable, results: Results): ComparedTable {
  return {
    id,
    caption,
    columns,
    rows: rows.map(({ label, cells }) => ({
      label,
      cells: cells.map((wanted, i) => (wanted === null ? null : compare(wanted, label, columns[i] ?? '', results))),
    })),
  };
}

function compare(
  { published, row, measure: wanted, note, diverges = false }: Cell,
  label: string,
  column: string,
  results: Results,
): Comparison {
  const runs = results.of(row);
  const valuesOf = (some: readonly RunResult[]): number[] =>
    some.map((run) => measure(run, wanted)).filter((value) => value !== null);
  const averaged = results.averaged(row);
  const ours = spread(valuesOf(averaged));
  const left = isShare(wanted) ? valuesOf(runs.filter((run) => !averaged.includes(run))) : [];
  const about = [trouble(runs, results.missing(row)), ...left.map((value) => shownFigure(wanted, value))]
    .filter(Boolean)
    .join(', ');
  const never =
    ours === null &&
    ['epochsTo', 'epochsToLoss', 'stepsTo90'].includes(wanted.of) &&
    runs.some(({ status }) => status === 'done');
  // Counts are exact, and times are of their machine.
  const tellable =
    published !== null && wanted.of !== 'parameters' && wanted.of !== 'secondsPerEpoch' && !results.manifest.quick;
  const asPublished = diverges && runs.length > 1 && runs.every(({ status }) => status === 'diverged');
  const differs = !tellable
    ? null
    : asPublished
      ? false
      : never
        ? true
        : ours === null || ours.count < 2
          ? null
          : Math.abs(ours.mean - published) > ours.high - ours.low;
  return {
    row,
    label,
    column,
    published,
    note: [note, diverges ? 'diverges' : ''].filter(Boolean).join(', ') || null,
    measure: wanted,
    ours,
    runs: runs.length,
    reached: never ? 'never' : null,
    trouble: about,
    differs,
  };
}

/** The table as it is shown: ours, and below it what was published. */
export function shownTable({ caption, columns: names, rows }: ComparedTable): Table {
  return {
    kind: 'table',
    caption,
    columns: columns('', ...names.map((name) => `#${name}`)),
    rows: rows.map(({ label, cells }) => [cell(label), ...cells.map(shownCell)]),
  };
}

/** `96.41 ± 0.08 %`; where there is no figure, why. */
export function oursText({ ours, runs, reached, measure: wanted, trouble: about }: Comparison): string {
  if (ours === null) return reached === 'never' ? 'not reached' : about || '–';
  return figure(wanted, ours) + (ours.count < runs && about === '' ? ` (${ours.count} of ${runs} seeds)` : '');
}

/** `11.36 %, diverges`; empty where nothing was published. */
export function publishedText({ published, note, measure: wanted }: Comparison): string {
  return [published === null ? '' : shownFigure(wanted, published), note ?? ''].filter(Boolean).join(', ');
}

function shownCell(compared: Comparison | null): TableCell {
  if (compared === null) return cell('');
  const { ours, differs, trouble: about } = compared;
  const text = oursText(compared);
  const under = [publishedText(compared) === '' ? 'none published' : `published ${publishedText(compared)}`];
  const tone = toneOf(about) ?? (ours === null ? 'missing' : undefined);
  return {
    text,
    under,
    differs: differs === true,
    ...(text === about || about === '' ? {} : { about }),
    ...(tone === undefined ? {} : { tone }),
  };
}

/** A figure as it was published, with its unit. */
export function shownFigure(wanted: Measure, value: number): string {
  if (isShare(wanted)) return `${Number((100 * value).toFixed(3))}\u00a0%`;
  if (wanted.of === 'secondsPerEpoch') return `${plainSeconds(value)} s`;
  return Number.isInteger(value) || value >= 100 ? grouped(value) : value.toFixed(1);
}

/** Mean ± standard deviation, `96.41 ± 0.08 %`; the mean alone of one seed. */
export function figure(wanted: Measure, { mean, deviation }: Spread): string {
  if (isShare(wanted))
    return `${(100 * mean).toFixed(2)}${deviation === null ? '' : ` ± ${(100 * deviation).toFixed(2)}`}\u00a0%`;
  if (deviation === null || deviation === 0) return shownFigure(wanted, mean);
  return `${shownFigure(wanted, mean).replace(' s', '')} ± ${shownFigure(wanted, deviation)}`;
}

/** Each figure that is off by more than its seeds are apart, in a sentence. */
export function differences(tables: readonly ComparedTable[]): string[] {
  return tables.flatMap(({ caption, rows }) =>
    rows.flatMap(({ cells }) =>
      cells.flatMap((compared) => {
        if (compared === null || compared.differs !== true) return [];
        const { label, column, measure: wanted, ours, published } = compared;
        const place = `${caption}: ${[label, column].filter(Boolean).join(', ')}`;
        if (ours === null) return [`${place}: not reached beside ${shownFigure(wanted, published!)}`];
        const off = ours.mean - published!;
        const unit = isShare(wanted) ? ' points' : '';
        const apart = isShare(wanted) ? (100 * Math.abs(off)).toFixed(2) : shownFigure(wanted, Math.abs(off));
        return [
          `${place}: ${figure(wanted, ours)} beside ${shownFigure(wanted, published!)}, ` +
            `${apart}${unit} ${off > 0 ? 'above' : 'below'}`,
        ];
      }),
    ),
  );
}

/** The best rows of a group beside the published ones. */
export function shownRanking(
  { caption, group, top, measure: wanted, settings, published }: Ranking,
  results: Results,
): Table {
  const ours = results.manifest.rows
    .filter((row) => row.group === group)
    .map((row) => ({
      row,
      figure: spread(
        results
          .of(row.id)
          .map((run) => measure(run, wanted))
          .filter((value) => value !== null),
      ),
    }))
    .filter((each): each is { row: typeof each.row; figure: Spread } => each.figure !== null)
    .sort((a, b) => b.figure.mean - a.figure.mean)
    .slice(0, top);
  const names = settings.map(({ label }) => label);
  const text = (value: number | null | undefined): string =>
    value === null || value === undefined ? '' : setting(value);
  return {
    kind: 'table',
    caption,
    columns: columns(
      '',
      ...names.map((name) => `#ours: ${name}`),
      '#ours',
      ...(published.length === 0 ? [] : [...names.map((name) => `#published: ${name}`), '#published']),
    ),
    rows: Array.from({ length: Math.max(ours.length, Math.min(top, published.length)) }, (_, i) => {
      const [mine, theirs] = [ours[i], published[i]];
      return [
        cell(`${i + 1}.`),
        ...settings.map((axis) => cell(mine === undefined ? '' : text(settingOf(mine.row.settings, axis)))),
        mine === undefined ? cell('not run yet', { tone: 'missing' }) : cell(figure(wanted, mine.figure)),
        ...(published.length === 0
          ? []
          : [
              ...settings.map((_axis, j) => cell(text(theirs?.settings[j]))),
              cell(theirs === undefined ? '' : shownFigure(wanted, theirs.value)),
            ]),
      ];
    }),
  };
}

/** The value of a setting on an axis; null where the row leaves it to its default. */
export function settingOf(settings: Partial<TrainSettings>, { setting: name, per = 1 }: SearchAxis): number | null {
  const value = settings[name];
  return typeof value === 'number' ? value / per : null;
}
