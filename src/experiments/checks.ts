/** The checks of `study.json` and `result.json`: the types `Manifest` and `RunResult`, field by field. */
import { ArgumentError, DATASETS, type DatasetName, type EpochMetrics } from '../index.js';
import { type RunSettings, resolveTrainSettings, type TrainSettings } from '../recipes/index.js';
import {
  type Check,
  fields,
  fileName,
  flag,
  listOf,
  mismatch,
  moment,
  nullable,
  number,
  object,
  oneOf,
  optional,
  printable,
  share,
  text,
  whole,
} from './json.js';
import type { Machine } from './machine.js';
import type { Measure } from './measure.js';
import {
  CURVE_POINTS,
  type Curve,
  type Divergence,
  type EpochResult,
  type Milestone,
  type RunResult,
} from './result.js';
import type {
  Cell,
  CurveFigure,
  Figure,
  Manifest,
  PlannedRow,
  PublishedTable,
  Ranking,
  SearchAxis,
  SearchFigure,
  StudyRecord,
} from './study.js';

const notNegative = number(0);

/** Some settings of training, each of which is allowed. */
export const trainSettings: Check<Partial<TrainSettings>> = (value, place) => {
  const given = object(value, place);
  try {
    resolveTrainSettings(given);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    mismatch(place, `cannot be trained with: ${printable(error.summary)}`);
  }
  return given;
};

export const machine = fields<Machine>({ cpu: text, cores: whole(1), memory: notNegative, system: text, engine: text });

// ---- Results ----

const EPOCH = {
  epoch: whole(1),
  trainLoss: number(),
  trainAccuracy: nullable(share),
  testLoss: nullable(number()),
  testAccuracy: nullable(share),
  testMetrics: optional(object) as unknown as Check<EpochMetrics['testMetrics']>,
  seconds: notNegative,
  imagesPerSecond: notNegative,
} as const;

/** The epochs of a run, in their order. */
export function epochs<T extends EpochMetrics>(check: Check<T>): Check<readonly T[]> {
  return (value, place) => {
    const list = listOf(check)(value, place);
    list.forEach(({ epoch }, i) => {
      if (epoch !== i + 1) mismatch(`${place}[${i}].epoch`, `is ${epoch}, expected ${i + 1}`);
    });
    return list;
  };
}

/** `history`, as checkpoints have it. */
export const history = epochs(fields<EpochMetrics>(EPOCH));

const points = listOf(nullable(number()), { most: CURVE_POINTS });

const resultFields = fields<RunResult>({
  id: fileName,
  row: fileName,
  group: text,
  label: text,
  seed: whole(),
  settings: trainSettings as Check<RunSettings>,
  validation: share,
  status: oneOf('done', 'diverged', 'failed'),
  divergence: nullable(
    fields<Divergence>({ kind: oneOf('nonFinite', 'exploded', 'collapsed'), reason: text, step: whole() }),
  ),
  error: nullable(text),
  atChance: flag,
  parameters: nullable(whole()),
  notes: listOf(text),
  history: epochs(fields<EpochResult>({ ...EPOCH, steps: whole(), trainSeconds: notNegative })),
  curve: fields<Curve>({ every: whole(1), loss: points, accuracy: points }),
  finalTrainAccuracy: nullable(share),
  finalTestAccuracy: nullable(share),
  bestTestAccuracy: nullable(share),
  secondsPerEpoch: nullable(notNegative),
  milestones: listOf(fields<Milestone>({ accuracy: share, epoch: nullable(whole(1)), seconds: nullable(notNegative) })),
  stepsTo90: nullable(whole(1)),
  digest: nullable(text),
  steps: whole(),
  seconds: notNegative,
  runtime: nullable(object) as unknown as Check<RunResult['runtime']>,
  attempts: whole(1),
  ended: moment,
});

/** A result of which the parts fit together. */
export const runResult: Check<RunResult> = (value, place) => {
  const result = resultFields(value, place);
  const { status, divergence, error, steps, curve } = result;
  if ((divergence !== null) !== (status === 'diverged')) mismatch('divergence', `does not fit the status ${status}`);
  if ((error !== null) !== (status === 'failed')) mismatch('error', `does not fit the status ${status}`);
  if (result.finalTestAccuracy !== null && result.bestTestAccuracy === null) mismatch('bestTestAccuracy', 'is missing');
  if (status === 'failed') return result;
  const trained = result.history.at(-1)?.steps ?? 0;
  if (steps < trained) mismatch('steps', `is ${steps}, expected the ${trained} of its epochs or more`);
  const wanted = Math.ceil(steps / curve.every);
  if (curve.loss.length !== wanted)
    mismatch('curve.loss', `has ${curve.loss.length} points, expected ${wanted} for ${steps} steps`);
  return result;
};

// ---- Studies ----

const plannedRow = fields<PlannedRow>({
  id: fileName,
  group: text,
  label: text,
  extra: optional(flag),
  seeds: listOf(whole()),
  settings: trainSettings,
  validation: share,
});

const measure = fields<{ of: string; at: unknown; within: unknown; accuracy: unknown; loss: unknown }>({
  of: oneOf('testAccuracy', 'trainAccuracy', 'epochsTo', 'epochsToLoss', 'secondsPerEpoch', 'stepsTo90', 'parameters'),
  at: optional((value, place) => (typeof value === 'number' ? whole(1) : oneOf('last', 'best'))(value, place)),
  within: optional(whole(1)),
  accuracy: optional(share),
  loss: optional(number()),
}) as Check<unknown> as Check<Measure>;

const tableCell = fields<Cell>({
  published: nullable(number()),
  row: text,
  measure,
  note: optional(text),
  diverges: optional(flag),
});

const tableFields = fields<PublishedTable>({
  id: text,
  caption: text,
  columns: listOf(text),
  rows: listOf(fields<PublishedTable['rows'][number]>({ label: text, cells: listOf(nullable(tableCell)) })),
});

const table: Check<PublishedTable> = (value, place) => {
  const found = tableFields(value, place);
  found.rows.forEach(({ cells }, i) => {
    if (cells.length !== found.columns.length)
      mismatch(
        `${place}.rows[${i}].cells`,
        `has ${cells.length} entries, expected ${found.columns.length}, one for each column`,
      );
  });
  return found;
};

const axis = fields<SearchAxis>({ setting: oneOf('lr', 'weightDecay'), label: text, per: optional(number()) });

const ranking = fields<Ranking>({
  id: text,
  caption: text,
  group: text,
  top: whole(),
  measure,
  settings: listOf(axis),
  published: listOf(fields<Ranking['published'][number]>({ settings: listOf(nullable(number())), value: number() })),
});

const curveFigure = fields<CurveFigure>({
  kind: oneOf('curves'),
  id: fileName,
  title: text,
  x: oneOf('step', 'epoch', 'seconds'),
  y: oneOf('stepLoss', 'stepAccuracy', 'trainLoss', 'trainAccuracy', 'testLoss', 'testAccuracy'),
  rows: listOf(text),
  yScale: optional(oneOf('linear', 'log')),
});

const searchFigure = fields<SearchFigure>({
  kind: oneOf('search'),
  id: fileName,
  title: text,
  group: text,
  x: axis,
  y: optional(axis),
  measure,
});

const figure: Check<Figure> = (value, place) =>
  (object(value, place).kind === 'search' ? searchFigure : curveFigure)(value, place);

const study = fields<StudyRecord>({
  name: fileName,
  title: text,
  question: listOf(text),
  dataset: oneOf(...(Object.keys(DATASETS) as DatasetName[])),
  groups: listOf(fields<StudyRecord['groups'][number]>({ id: text, title: text })),
  tables: listOf(table),
  rankings: listOf(ranking),
  figures: listOf(figure),
  choices: listOf(text),
  remarks: listOf(text),
  quick: trainSettings,
});

export const manifest = fields<Manifest>({
  version: oneOf(1),
  study,
  quick: flag,
  rows: listOf(plannedRow),
  seeds: nullable(whole(1, 100)),
  jobs: nullable(whole(1)),
  threads: whole(1, 64),
  machine,
  notes: optional(listOf(text)),
  command: text,
  lanewise: text,
  began: moment,
  ended: nullable(moment),
});
