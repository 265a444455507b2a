/** `report.html` of a sweep: the trials, how the parameters matter, and what to try next. */
import path from 'node:path';
import { removeUnfinished } from '../experiments/files.js';
import type { RunResult } from '../experiments/result.js';
import { makeDirectory, writeFileAtomic } from '../node/index.js';
import type { Chart, Curve, HeatChart, LineChart, ParallelChart } from '../report/chart.js';
import { type Block, cell, columns, type Table } from '../report/document.js';
import { factsOf } from '../report/facts.js';
import { htmlOf } from '../report/html.js';
import { loadReportProgram } from '../report/program.js';
import { duration, percent, plural, setting } from '../text/numbers.js';
import { adviceOf, numericParams } from './advice.js';
import type { SweepManifest } from './manifest.js';
import { describeTrial } from './params.js';
import type { RankedTrial } from './ranking.js';

export const SWEEP_REPORT = 'report.html';

/** Of the palette, times the kinds of dashes. */
const MOST_CURVES = 18;
/** Longer tables are folded. */
const LONG = 40;

/**
 * Writes `report.html` and `figures/ID.svg` into the directory of a sweep.
 *
 * @param ranking the best first
 * @throws {FileWriteError} when it cannot be written to
 */
export async function writeSweepReport(
  directory: string,
  manifest: SweepManifest,
  ranking: readonly RankedTrial[],
  results: ReadonlyMap<string, RunResult>,
): Promise<void> {
  const charts = chartsOf(manifest, ranking, results);
  const program = await loadReportProgram();
  const figures = path.join(directory, 'figures');
  makeDirectory(figures);
  removeUnfinished(
    figures,
    charts.map(({ id }) => `${id}.svg`),
  );
  for (const chart of charts) writeFileAtomic(path.join(figures, `${chart.id}.svg`), `${program.pictureOf(chart)}\n`);
  const names = Object.keys(manifest.trials[0]!);
  const blocks = blocksOf(manifest, ranking, results, charts);
  writeFileAtomic(
    path.join(directory, SWEEP_REPORT),
    htmlOf({ title: `Sweep over ${names.join(', ')}`, blocks }, program.text),
  );
}

function blocksOf(
  manifest: SweepManifest,
  ranking: readonly RankedTrial[],
  results: ReadonlyMap<string, RunResult>,
  charts: readonly Chart[],
): Block[] {
  const heading = (text: string): Block => ({ kind: 'heading', text });
  const notes = [...new Set([...(manifest.notes ?? []), ...[...results.values()].flatMap(({ notes }) => notes)])];
  const troubles = [...results.values()].flatMap(({ id, status, error, divergence }) =>
    status === 'failed'
      ? [`\`${id}\` failed: ${error ?? 'no reason is known'}`]
      : divergence === null
        ? []
        : [`\`${id}\` diverged: ${divergence.reason}`],
  );
  return [
    ...(manifest.ended === null ? [{ kind: 'notice', text: 'Not complete: the same command goes on.' } as const] : []),
    ...notes.map((text): Block => ({ kind: 'notice', text: `Of the data: ${text}.` })),
    { kind: 'text', text: summaryOf(manifest, ranking, results) },
    heading('What to try next'),
    { kind: 'list', items: adviceOf(manifest, ranking, imagesOf(manifest, results)) },
    ...(charts.length === 0 ? [] : [heading('Figures'), ...charts.map((chart): Block => ({ kind: 'chart', chart }))]),
    heading('The trials'),
    trialsTable(ranking, results),
    ...(troubles.length === 0 ? [] : [heading('Diverged and failed'), { kind: 'list', items: troubles } as const]),
    heading('How it was run'),
    { kind: 'facts', facts: factsOf(manifest) },
  ];
}

function summaryOf(
  { test, validation, rungs, strategy }: SweepManifest,
  ranking: readonly RankedTrial[],
  results: ReadonlyMap<string, RunResult>,
): string {
  const seconds = [...results.values()].reduce((sum, result) => sum + result.seconds, 0);
  const rounds = rungs.map(({ trials, epochs }) => `${plural(trials, 'trial')} for ${plural(epochs, 'epoch')}`);
  const winner = ranking.find(({ id }) => id === test?.id);
  return [
    `${strategy === 'grid' ? 'A grid' : strategy === 'random' ? 'Random draws' : 'Successive halving'}: ` +
      `${rounds.join(', then ')}. ${duration(seconds)} of training and evaluation in all.`,
    `Trials are ranked by their best epoch on ${percent(validation, 0)} of the training images.`,
    ...(winner === undefined
      ? []
      : [
          `The best one, \`${describeTrial(winner.values)}\`, has a test accuracy of ${percent(test!.accuracy)} ` +
            'with the weights of that epoch; the test images were used for this alone.',
        ]),
  ].join(' ');
}

/** How many images trials are judged by, about: from the steps of an epoch. */
function imagesOf({ validation }: SweepManifest, results: ReadonlyMap<string, RunResult>): number | null {
  const [result] = [...results.values()].filter(({ history }) => history.length > 0);
  if (result === undefined || validation === 0) return null;
  const trained = result.history[0]!.steps * result.settings.batchSize;
  return Math.round((trained * validation) / (1 - validation));
}

function trialsTable(ranking: readonly RankedTrial[], results: ReadonlyMap<string, RunResult>): Table {
  const names = Object.keys(ranking[0]?.values ?? {});
  return {
    kind: 'table',
    caption: 'All trials, the best first',
    folded: ranking.length > LONG,
    columns: columns(
      '',
      ...names.map((name) => `#${name}`),
      '#validation,\u00a0%',
      '#at epoch',
      '#epochs',
      '#training loss',
      '#time',
      '',
    ),
    rows: ranking.map(({ id, values, status, epochs, validationAccuracy, bestEpoch, trainLoss, seconds }) => [
      cell(id, results.get(id)?.digest == null ? {} : { title: `digest ${results.get(id)!.digest}` }),
      ...names.map((name) => cell(valueText(values[name]))),
      cell(validationAccuracy === null ? '–' : (100 * validationAccuracy).toFixed(2)),
      cell(bestEpoch === null ? '–' : String(bestEpoch)),
      cell(String(epochs)),
      cell(trainLoss === null ? '–' : trainLoss.toFixed(4)),
      cell(duration(seconds)),
      cell(status, status === 'done' ? {} : { tone: status }),
    ]),
  };
}

const valueText = (value: unknown): string =>
  typeof value === 'number' ? setting(value) : Array.isArray(value) ? value.join('-') : String(value);

// ---- Figures ----

const ACCURACY = { name: 'validation accuracy', percent: true } as const;

function chartsOf(
  manifest: SweepManifest,
  ranking: readonly RankedTrial[],
  results: ReadonlyMap<string, RunResult>,
): Chart[] {
  const found = ranking.filter(
    (trial): trial is RankedTrial & { validationAccuracy: number } => trial.validationAccuracy !== null,
  );
  if (found.length === 0) return [];
  return [parametersChart(manifest, found), ...curvesCharts(ranking, results)];
}

type Found = RankedTrial & { readonly validationAccuracy: number };

/** A line over one parameter, a map over two that form a grid, parallel coordinates otherwise. */
function parametersChart(manifest: SweepManifest, found: readonly Found[]): Chart {
  const names = Object.keys(manifest.trials[0]!);
  const numeric = numericParams(manifest.trials);
  if (names.length === 1 && numeric.length === 1) return lineOver(numeric[0]!, found);
  if (names.length === 2 && numeric.length === 2) {
    const [x, y] = numeric as [(typeof numeric)[0], (typeof numeric)[0]];
    if (x.values.length * y.values.length === manifest.trials.length) return mapOver(x, y, manifest, found);
  }
  return parallel(names, numeric, found);
}

type Numeric = ReturnType<typeof numericParams>[number];

function lineOver({ name, log }: Numeric, found: readonly Found[]): LineChart {
  const points = found
    .map(({ values, validationAccuracy }) => [values[name] as number, validationAccuracy] as const)
    .sort(([a], [b]) => a - b);
  return {
    kind: 'lines',
    id: 'parameters',
    title: `Accuracy over ${name}`,
    caption: 'The best epoch of each trial.',
    markers: true,
    x: { name, scale: log ? 'log' : 'linear' },
    y: ACCURACY,
    curves: [{ name: ACCURACY.name, color: 0, dash: 'solid', points, band: [] }],
  };
}

function mapOver(x: Numeric, y: Numeric, { trials }: SweepManifest, found: readonly Found[]): HeatChart {
  const ofTrial = new Map(found.map((trial) => [JSON.stringify(trial.values), trial.validationAccuracy]));
  return {
    kind: 'heat',
    id: 'parameters',
    title: `Accuracy over ${x.name} and ${y.name}`,
    caption: 'The best epoch of each trial. × in a grey cell: no figure, as the trial failed or is not at its end.',
    x: { name: x.name, values: x.values },
    y: { name: y.name, values: y.values },
    value: ACCURACY,
    cells: trials.map((values) => ({
      x: x.values.indexOf(values[x.name] as number),
      y: y.values.indexOf(values[y.name] as number),
      value: ofTrial.get(JSON.stringify(values)) ?? null,
    })),
  };
}

function parallel(names: readonly string[], numeric: readonly Numeric[], found: readonly Found[]): ParallelChart {
  const axes = names.map((name): { axis: ParallelChart['axes'][number]; at: (value: unknown) => number } => {
    const param = numeric.find((each) => each.name === name);
    if (param !== undefined)
      return { axis: { name, scale: param.log ? 'log' : 'linear' }, at: (value) => value as number };
    const values = [...new Set(found.map((trial) => valueText(trial.values[name])))];
    return { axis: { name, values }, at: (value) => values.indexOf(valueText(value)) };
  });
  return {
    kind: 'parallel',
    id: 'parameters',
    title: 'The parameters of each trial',
    caption: 'A line for each trial; its colour, and where it ends, tell the accuracy of its best epoch.',
    axes: axes.map(({ axis }) => axis),
    value: ACCURACY,
    lines: found.map(({ id, values, validationAccuracy }) => ({
      name: `${id}: ${describeTrial(values)}`,
      at: axes.map(({ at }, i) => at(values[names[i]!])),
      value: validationAccuracy,
    })),
  };
}

function curvesCharts(ranking: readonly RankedTrial[], results: ReadonlyMap<string, RunResult>): LineChart[] {
  const shown = ranking.slice(0, MOST_CURVES);
  const curve = (of: 'testAccuracy' | 'trainLoss'): Curve[] =>
    shown.map(({ id, values }, i) => ({
      name: `${id}: ${describeTrial(values)}`,
      color: i % 6,
      dash: (['solid', 'dashed', 'dotted'] as const)[Math.floor(i / 6)]!,
      band: [],
      points: (results.get(id)?.history ?? []).flatMap((epoch) => {
        const value = epoch[of];
        return value === null || !Number.isFinite(value) ? [] : [[epoch.epoch, value] as const];
      }),
    }));
  const part =
    ranking.length > shown.length ? `The ${shown.length} best of ${plural(ranking.length, 'trial')}.` : 'All trials.';
  const chart = (id: string, title: string, of: 'testAccuracy' | 'trainLoss', y: LineChart['y']): LineChart[] => {
    const curves = curve(of);
    if (curves.every(({ points }) => points.length === 0)) return [];
    return [{ kind: 'lines', id, title, caption: part, x: { name: 'epoch', whole: true }, y, curves }];
  };
  return [
    ...chart('accuracy', 'Accuracy by epoch', 'testAccuracy', ACCURACY),
    ...chart('loss', 'Training loss by epoch', 'trainLoss', { name: 'training loss' }),
  ];
}
