/** The figures that a study asks for, drawn from the results of its runs. */
import { isShare, measure } from '../experiments/measure.js';
import type { RunResult } from '../experiments/result.js';
import { spread } from '../experiments/statistics.js';
import type { CurveFigure, Figure, PlannedRow, SearchAxis, SearchFigure } from '../experiments/study.js';
import { plural, setting } from '../text/numbers.js';
import type { Axis, Chart, Curve, HeatChart, LineChart } from './chart.js';
import { countRange, type Results, trouble } from './outcome.js';
import { settingOf } from './publishedTables.js';

/** A chart; null while there is nothing to draw. */
export function drawFigure(figure: Figure, results: Results): Chart | null {
  return figure.kind === 'curves' ? drawCurves(figure, results) : drawSearch(figure, results);
}

/** Of the palette in page/theme.ts. */
const COLORS = 6;

const X_NAMES = { step: 'step', epoch: 'epoch', seconds: 'seconds of training' } as const;
const Y_NAMES = {
  stepLoss: 'training loss',
  stepAccuracy: 'training accuracy',
  trainLoss: 'training loss',
  trainAccuracy: 'training accuracy',
  testLoss: 'test loss',
  testAccuracy: 'test accuracy',
} as const;

function drawCurves(figure: CurveFigure, results: Results): LineChart | null {
  const rows = figure.rows.flatMap((id) => results.manifest.rows.find((row) => row.id === id) ?? []);
  const strokes = strokesOf(rows);
  const curves = rows.flatMap((row, i) => {
    const runs = results.of(row.id);
    const curve = meanCurve(runs.map((run) => pointsOf(run, figure)));
    const note = noteOf(runs, results.missing(row.id));
    return curve.points.length === 0 && note === undefined
      ? []
      : [{ name: row.label, ...strokes[i]!, ...curve, ...(note === undefined ? {} : { note }) }];
  });
  if (curves.every(({ points }) => points.length === 0)) return null;
  const validated = rows.some(({ validation }) => validation > 0);
  const max = figure.yScale === 'log' || !/Loss$/.test(figure.y) ? undefined : ceiling(curves);
  return {
    kind: 'lines',
    id: figure.id,
    title: figure.title,
    caption: caption(figure, rows, results, max),
    x: { name: X_NAMES[figure.x], ...(figure.x === 'epoch' ? { whole: true } : { min: 0 }) },
    y: {
      name: validated ? Y_NAMES[figure.y].replace('test', 'validation') : Y_NAMES[figure.y],
      scale: figure.yScale ?? 'linear',
      percent: /Accuracy$/.test(figure.y),
      ...(max === undefined ? {} : { max }),
    },
    curves: distinctNames(curves),
  };
}

function caption(
  { x, y }: CurveFigure,
  rows: readonly PlannedRow[],
  results: Results,
  max: number | undefined,
): string {
  const runs = rows.map(({ id }) => results.of(id));
  const seeds = runs.map(({ length }) => length).filter((length) => length > 0);
  const bins = [...new Set(runs.flat().map(({ curve }) => curve.every))].sort((a, b) => a - b);
  return [
    Math.max(...seeds) > 1
      ? `Mean of ${countRange(seeds, 'seed')}; the band goes from the lowest to the highest.`
      : 'One seed.',
    y === 'stepLoss' || y === 'stepAccuracy' ? binning(bins) : '',
    x === 'seconds' ? 'Time is that of training, without evaluation.' : '',
    max === undefined ? '' : `Losses above ${setting(max)} lie off the chart.`,
  ]
    .filter(Boolean)
    .join(' ');
}

function binning(lengths: readonly number[]): string {
  const [shortest, longest] = [lengths[0], lengths.at(-1)];
  if (longest === undefined || longest === 1) return '';
  return (
    `Each point is the mean of the ${shortest === longest ? longest : `${shortest} to ${longest}`} ` +
    'steps before it.'
  );
}

/** What the legend adds to the name of a row. */
function noteOf(runs: readonly RunResult[], missing: number): string | undefined {
  const about = trouble(runs, missing);
  const ends = runs.flatMap(({ divergence }) => (divergence?.kind === 'nonFinite' ? [divergence.step] : []));
  if (about === '') return undefined;
  return ends.length === 0 ? about : `${about}, NaN or ∞ after ${plural(Math.min(...ends), 'step')}`;
}

/** A point of one run: `at` is the step or epoch, the same for all seeds; where it lies on the axis may differ. */
interface Point {
  readonly at: number;
  readonly x: number;
  readonly y: number;
}

/** The values of one run; where one is not finite there is no point. */
function pointsOf({ history, curve, steps }: RunResult, { x, y }: CurveFigure): Point[] {
  if (y === 'stepLoss' || y === 'stepAccuracy') {
    const values = y === 'stepLoss' ? curve.loss : curve.accuracy;
    return values.flatMap((value, i) => {
      const at = Math.min((i + 1) * curve.every, steps);
      return isNumber(value) ? [{ at, x: at, y: value }] : [];
    });
  }
  return history.flatMap((epoch) => {
    const value = epoch[y];
    return isNumber(value)
      ? [{ at: epoch.epoch, x: { step: epoch.steps, epoch: epoch.epoch, seconds: epoch.trainSeconds }[x], y: value }]
      : [];
  });
}

const isNumber = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value);

/** The mean of some runs, point by point, over those that have it, and the band between the lowest and the highest. */
export function meanCurve(runs: readonly (readonly Point[])[]): Pick<Curve, 'points' | 'band'> {
  const byPlace = new Map<number, Point[]>();
  for (const point of runs.flat()) byPlace.set(point.at, [...(byPlace.get(point.at) ?? []), point]);
  const means = [...byPlace]
    .sort(([a], [b]) => a - b)
    .map(([, points]) => ({
      x: significant(spread(points.map(({ x }) => x))!.mean),
      y: spread(points.map(({ y }) => y))!,
    }));
  return {
    points: means.map(({ x, y }) => [x, significant(y.mean)]),
    band: runs.length < 2 ? [] : means.map(({ x, y }) => [x, significant(y.low), significant(y.high)]),
  };
}

/** Six digits are more than a chart shows, and half as many characters. */
const significant = (value: number): number => Number(value.toPrecision(6));

/** Above the loss of guessing among ten classes, ln 10 ≈ 2.303. */
const GUESSING = 3;

/**
 * Where a linear axis of losses ends, so that one that explodes does not flatten all others: at four times what the
 * calmest curve keeps below in nine tenths of its points, but not below 3; undefined where no value is above that.
 */
export function ceiling(curves: readonly Pick<Curve, 'points'>[]): number | undefined {
  const sorted = curves
    .map(({ points }) => points.map(([, y]) => y).sort((a, b) => a - b))
    .filter(({ length }) => length > 0);
  const usual = Math.min(...sorted.map((values) => values[Math.ceil(0.9 * values.length) - 1]!));
  const end = Math.max(GUESSING, Number((4 * usual).toPrecision(2)));
  return sorted.some((values) => values.at(-1)! > end) ? end : undefined;
}

/**
 * Colours and dashes. Where rows come in pairs, the same settings with and without batch normalisation, a pair has one
 * colour, and the line without is dashed; a single pair has two colours. Otherwise a colour each, then dashes.
 */
export function strokesOf(rows: readonly Pick<PlannedRow, 'settings'>[]): Pick<Curve, 'color' | 'dash'>[] {
  const normalised = rows.map(({ settings }) => /-bn$/.test(settings.model ?? ''));
  const keys = rows.map(({ settings }) =>
    JSON.stringify(Object.entries({ ...settings, model: settings.model?.replace(/-bn$/, '') }).sort()),
  );
  const kinds = [...new Set(keys)];
  const paired = kinds.length < rows.length && kinds.length <= COLORS;
  const hasTwin = (i: number): boolean => keys.some((key, j) => key === keys[i] && normalised[j]!);
  return rows.map((_, i) =>
    paired
      ? {
          color: kinds.length === 1 ? i % COLORS : kinds.indexOf(keys[i]!),
          dash: !normalised[i]! && hasTwin(i) ? 'dashed' : 'solid',
        }
      : { color: i % COLORS, dash: (['solid', 'dashed', 'dotted'] as const)[Math.floor(i / COLORS) % 3]! },
  );
}

/** The chart library tells curves apart by their names. */
function distinctNames(curves: readonly Curve[]): Curve[] {
  const seen = new Map<string, number>();
  return curves.map((curve) => {
    const times = (seen.get(curve.name) ?? 0) + 1;
    seen.set(curve.name, times);
    return times === 1 ? curve : { ...curve, name: `${curve.name} (${times})` };
  });
}

function drawSearch(figure: SearchFigure, results: Results): Chart | null {
  const rows = results.manifest.rows.filter((row) => row.group === figure.group);
  const value: Axis = { name: measureName(figure, rows), percent: isShare(figure.measure) };
  const all = rows.flatMap((row) => {
    const x = settingOf(row.settings, figure.x);
    const y = figure.y === undefined ? null : settingOf(row.settings, figure.y);
    if (x === null || (figure.y !== undefined && y === null)) return [];
    const runs = results.of(row.id);
    return [
      {
        row,
        x,
        y,
        ours: spread(runs.map((run) => measure(run, figure.measure)).filter(isNumber)),
        about: trouble(runs, results.missing(row.id)),
      },
    ];
  });
  if (all.every(({ ours }) => ours === null)) return null;
  const seeds = rows.map(({ id }) => results.of(id).length).filter((length) => length > 0);
  const told = Math.max(...seeds) > 1 ? `Mean of ${countRange(seeds, 'seed')}.` : 'One seed.';
  if (figure.y === undefined) return searchLine(figure, figure.x, value, all, told);
  const [xs, ys] = [all.map(({ x }) => x), all.map(({ y }) => y!)].map((values) =>
    [...new Set(values)].sort((a, b) => a - b),
  ) as [number[], number[]];
  return {
    kind: 'heat',
    id: figure.id,
    title: figure.title,
    caption:
      `${told} The colour tells the ${value.name}; × in a grey cell: no figure, as ` +
      'the run diverged, failed or is not at its end.',
    x: { name: figure.x.label, values: xs },
    y: { name: figure.y.label, values: ys },
    value,
    cells: all.map(({ x, y, ours, about }) => ({
      x: xs.indexOf(x),
      y: ys.indexOf(y!),
      value: ours === null ? null : significant(ours.mean),
      ...(about === '' ? {} : { note: about }),
    })),
  } satisfies HeatChart;
}

type Found = {
  readonly row: PlannedRow;
  readonly x: number;
  readonly ours: ReturnType<typeof spread>;
  readonly about: string;
};

function searchLine(figure: SearchFigure, x: SearchAxis, y: Axis, all: readonly Found[], told: string): LineChart {
  const found = all
    .flatMap((each) => (each.ours === null ? [] : [{ x: each.x, ours: each.ours }]))
    .sort((a, b) => a.x - b.x);
  const without = all.filter(({ ours }) => ours === null);
  const several = found.some(({ ours }) => ours.count > 1);
  return {
    kind: 'lines',
    id: figure.id,
    title: figure.title,
    markers: true,
    caption: [
      told,
      without.length === 0
        ? ''
        : `No figure: ${without.map((each) => `${each.row.label} (${each.about || 'none'})`).join(', ')}.`,
    ]
      .filter(Boolean)
      .join(' '),
    x: { name: x.label, scale: 'log' },
    y,
    curves: [
      {
        name: y.name,
        color: 0,
        dash: 'solid',
        points: found.map((each) => [significant(each.x), significant(each.ours.mean)]),
        band: several
          ? found.map((each) => [significant(each.x), significant(each.ours.low), significant(each.ours.high)])
          : [],
      },
    ],
  };
}

function measureName({ measure: wanted }: SearchFigure, rows: readonly PlannedRow[]): string {
  switch (wanted.of) {
    case 'testAccuracy':
      return rows.some(({ validation }) => validation > 0) ? 'validation accuracy' : 'test accuracy';
    case 'trainAccuracy':
      return 'training accuracy';
    case 'epochsTo':
      return `epochs to ${Number((100 * wanted.accuracy).toFixed(2))} %`;
    case 'epochsToLoss':
      return `epochs to a loss of ${wanted.loss}`;
    case 'secondsPerEpoch':
      return 'seconds per epoch';
    case 'stepsTo90':
      return 'steps to 90 % training accuracy';
    case 'parameters':
      return 'parameters';
  }
}
