/** What was run, and the results: a table of rows for each group, and one of all runs. */

import type { RunResult } from '../experiments/result.js';
import { spread } from '../experiments/statistics.js';
import type { Manifest, PlannedRow } from '../experiments/study.js';
import type { TrainSettings } from '../recipes/index.js';
import { duration, grouped, percent, plainSeconds, plural, setting } from '../text/numbers.js';
import { cell, columns, type Table, type TableCell, toneOf } from './document.js';
import { goalOf, goalsOf, outcome, type Results, trouble } from './outcome.js';

/** Longer tables are folded. */
const LONG = 40;

type Setting = readonly [name: string, value: unknown];

const settingsOf = (row: PlannedRow): Setting[] =>
  Object.entries(row.settings).filter(([, value]) => value !== null && value !== undefined);
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const valueText = (value: unknown): string =>
  Array.isArray(value) ? value.join('-') : typeof value === 'number' ? setting(value) : String(value);
const settingText = ([name, value]: Setting): string =>
  `${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${valueText(value)}`;

/** The settings that all rows of a group have, as text: `model mlp-bn, epochs 5`. */
function commonSettings(rows: readonly PlannedRow[]): string {
  return settingsOf(rows[0]!)
    .filter(([name, value]) => rows.every((row) => same(row.settings[name as keyof TrainSettings], value)))
    .map(settingText)
    .join(', ');
}

function judgedBy({ validation }: PlannedRow): string {
  return validation > 0
    ? ` Judged by the ${Number((100 * validation).toFixed(1))} % of the training images ` +
        'that were set aside, not by the test images.'
    : '';
}

function ownSettings(row: PlannedRow, rows: readonly PlannedRow[]): string {
  return settingsOf(row)
    .filter(([name, value]) => !rows.every((other) => same(other.settings[name as keyof TrainSettings], value)))
    .map(settingText)
    .join(', ');
}

/** A row for each setting of a group: accuracies, times, what went wrong. */
export function groupTable({ id, title }: Manifest['study']['groups'][number], results: Results): Table | null {
  const rows = results.manifest.rows.filter((row) => row.group === id);
  if (rows.length === 0) return null;
  const judged = rows[0]!.validation > 0 ? 'validation' : 'test';
  const goals = goalsOf(rows.flatMap((row) => results.of(row.id)));
  return {
    kind: 'table',
    caption: title,
    note: `All with ${commonSettings(rows) || 'the defaults of `lanewise train`'}.${judgedBy(rows[0]!)}`,
    folded: rows.length > LONG,
    columns: columns(
      '',
      `#${judged} accuracy,\u00a0%`,
      '#best,\u00a0%',
      '#training,\u00a0%',
      '#seconds per epoch',
      ...goals.map((goal) => `#to ${Number((100 * goal).toFixed(2))} %`),
      'runs',
    ),
    rows: rows.map((row) => {
      const runs = results.of(row.id);
      const about = trouble(runs, results.missing(row.id));
      const tone = toneOf(about);
      return [
        cell(row.label, {
          under: [...(row.extra === true ? ['not in the published report'] : []), ownSettings(row, rows)].filter(
            Boolean,
          ),
        }),
        ...(['finalTestAccuracy', 'bestTestAccuracy', 'finalTrainAccuracy'] as const).map((name) =>
          share(results.averaged(row.id).map((run) => run[name])),
        ),
        cell(secondsText(runs)),
        ...goals.map((goal) => goalCell(runs, goal)),
        cell(about === '' ? plural(runs.length, 'seed') : about, tone === undefined ? {} : { tone }),
      ];
    }),
  };
}

function share(values: readonly (number | null)[]): TableCell {
  const ours = spread(values.filter((value) => value !== null));
  if (ours === null) return cell('–');
  const text = (100 * ours.mean).toFixed(2);
  return cell(
    ours.deviation === null ? text : `${text} ± ${(100 * ours.deviation).toFixed(2)}`,
    ours.count < 2 ? {} : { title: `${percent(ours.low)} to ${percent(ours.high)}` },
  );
}

function secondsText(runs: readonly RunResult[]): string {
  const ours = spread(runs.map((run) => run.secondsPerEpoch).filter((value) => value !== null));
  if (ours === null) return '–';
  return ours.deviation === null
    ? plainSeconds(ours.mean)
    : `${plainSeconds(ours.mean)} ± ${plainSeconds(ours.deviation)}`;
}

/** Seconds of training and the epoch, medians of the seeds that got there. */
function goalCell(runs: readonly RunResult[], goal: number): TableCell {
  if (runs.length === 0) return cell('–');
  const there = goalOf(runs, goal);
  if (there === null) return cell('not reached');
  return cell(duration(there.seconds), {
    under: [
      `epoch ${there.epoch}`,
      ...(there.reached < runs.length ? [`${there.reached} of ${runs.length} seeds`] : []),
    ],
  });
}

/** All runs, with the digests of their weights. */
export function runsTable(results: Results): Table {
  return {
    kind: 'table',
    caption: `All ${plural(results.all.length, 'run')} at their end`,
    folded: results.all.length > 12,
    columns: columns('run', 'outcome', '#steps', '#time', '#accuracy,\u00a0%', '#attempts', 'digest of the weights'),
    rows: results.all.map((run) => [
      cell(run.id),
      cell(outcome(run), run.status === 'done' ? {} : { tone: run.status }),
      cell(grouped(run.steps)),
      cell(duration(run.seconds)),
      cell(run.finalTestAccuracy === null ? '–' : (100 * run.finalTestAccuracy).toFixed(2)),
      cell(String(run.attempts)),
      run.digest === null ? cell('–') : cell(`\`${run.digest.slice(0, 16)}\``, { title: run.digest }),
    ]),
  };
}

/** Each run that diverged or failed, with the reason. */
export function troubles(results: Results): string[] {
  return results.all.flatMap((run) => {
    if (run.status === 'failed') {
      const reason = run.error ?? 'no reason is known';
      return [`\`${run.id}\` failed after ${plural(run.attempts, 'attempt')}: ${reason}`];
    }
    return run.divergence === null
      ? []
      : [`\`${run.id}\` diverged, after ${plural(run.divergence.step, 'step')}: ${run.divergence.reason}`];
  });
}
