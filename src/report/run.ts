/** The report of one run: `report.html` in its directory. */
import type { EpochMetrics } from '../index.js';
import { writeFileAtomic } from '../node/index.js';
import { duration, grouped, percent, plainSeconds, plural } from '../text/numbers.js';
import type { Axis, Chart, Curve } from './chart.js';
import { confusionBlocks } from './confusion.js';
import { type Block, cell, columns, type Table } from './document.js';
import { htmlOf } from './html.js';
import type { Judgement } from './judge.js';
import { reportProgramText } from './program.js';
import { type NumberJudgement, residualBlocks } from './residuals.js';
import type { StepCurve } from './stepCurve.js';

/** What is known of a run at its end. */
export interface FinishedRun {
  /** All settings, with the defaults of those that were not given. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly model: string;
  readonly dataset: string;
  readonly notes: readonly string[];
  readonly classes: readonly string[];
  readonly samples: { readonly train: number; readonly test: number };
  readonly parameters: number;
  readonly history: readonly EpochMetrics[];
  /** Of this process: the steps before a resume are not in it. */
  readonly losses: StepCurve;
  readonly steps: number;
  readonly seconds: number;
  readonly ended: string;
  readonly digest: string;
  readonly runtime: string;
  /** Of a classifier, or of a regression. */
  readonly judgement: Judgement | NumberJudgement | null;
}

/** @throws {FileWriteError} when it cannot be written */
export function writeRunReport(file: string, run: FinishedRun): void {
  const title = `${run.model} on ${run.dataset}`;
  writeFileAtomic(file, htmlOf({ title, blocks: blocksOf(run) }, reportProgramText(), null));
}

/** From top to bottom. */
export function blocksOf(run: FinishedRun): Block[] {
  const heading = (text: string): Block => ({ kind: 'heading', text });
  const charts = chartsOf(run).map((chart): Block => ({ kind: 'chart', chart }));
  return [
    ...run.notes.map((text): Block => ({ kind: 'notice', text: `Of the data: ${text}.` })),
    { kind: 'text', text: summaryOf(run) },
    ...(charts.length === 0 ? [] : [heading('Curves'), ...charts]),
    ...(run.judgement === null ? [] : [heading('Errors'), ...errorsOf(run.judgement, run.classes)]),
    heading('Settings'),
    settingsTable(run),
    heading('How it was run'),
    { kind: 'facts', facts: factsOf(run) },
    ...(run.history.length === 0 ? [] : [epochsTable(run)]),
  ];
}

const errorsOf = (judgement: Judgement | NumberJudgement, classes: readonly string[]): Block[] =>
  'counts' in judgement ? confusionBlocks(judgement, classes) : residualBlocks(judgement);

const END: Readonly<Record<string, string>> = {
  early: ', where no epoch had been better for as long as `earlyStopping` says',
};

function summaryOf({ history, samples, steps, seconds, ended }: FinishedRun): string {
  const last = history.at(-1);
  const length = `${plural(history.length, 'epoch')} (${grouped(steps)} steps)`;
  const trained = `Trained for ${length} in ${duration(seconds)}${END[ended] ?? ''}.`;
  if (last === undefined || last.testLoss === null) return trained;
  if (last.testAccuracy === null) return `${trained} Test loss ${last.testLoss.toFixed(4)}.`;
  const best = history.reduce((a, b) => (b.testAccuracy! > a.testAccuracy! ? b : a));
  const more = best === last ? '' : `, at best ${percent(best.testAccuracy!)} (epoch ${best.epoch})`;
  return `${trained} ${percent(last.testAccuracy)} of ${grouped(samples.test)} test samples are right${more}.`;
}

function chartsOf({ history, losses }: FinishedRun): Chart[] {
  const epochs = { name: 'epoch', whole: true };
  const several = history.length > 1;
  const curve = (name: string, color: number, of: (epoch: EpochMetrics) => number | null): Curve => ({
    name,
    color,
    dash: 'solid',
    points: history.flatMap((epoch) => {
      const value = of(epoch);
      return value === null ? [] : [[epoch.epoch, Number(value.toPrecision(6))] as const];
    }),
    band: [],
  });
  const chart = (id: string, title: string, caption: string, y: Axis, curves: Curve[]): Chart[] =>
    several && curves.some(({ points }) => points.length > 0)
      ? [
          {
            kind: 'lines',
            id,
            title,
            caption,
            x: epochs,
            y,
            curves: curves.filter(({ points }) => points.length > 0),
            markers: history.length < 30,
          },
        ]
      : [];
  const points = losses.points();
  const since = losses.first > 1 ? ` From step ${losses.first} on, where the run was resumed.` : '';
  const mean = losses.every > 1 ? `Each point is the mean of ${losses.every} steps.` : 'Each step.';
  return [
    ...chart(
      'loss',
      'Loss',
      'Training: mean over the epoch, as its batches saw it. Test: at the end of the epoch.',
      { name: 'loss' },
      [curve('training', 0, ({ trainLoss }) => trainLoss), curve('test', 1, ({ testLoss }) => testLoss)],
    ),
    ...chart('accuracy', 'Accuracy', 'Of the same samples.', { name: 'accuracy', percent: true }, [
      curve('training', 0, ({ trainAccuracy }) => trainAccuracy),
      curve('test', 1, ({ testAccuracy }) => testAccuracy),
    ]),
    ...(points.length < 2
      ? []
      : [
          {
            kind: 'lines',
            id: 'steps',
            title: 'Training loss, step by step',
            caption: `${mean}${since}`,
            x: { name: 'step' },
            y: { name: 'loss' },
            curves: [{ name: 'training', color: 0, dash: 'solid', points, band: [] }],
          } satisfies Chart,
        ]),
  ];
}

const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const valueText = (value: unknown): string =>
  value === null
    ? '–'
    : Array.isArray(value)
      ? value.join(', ')
      : typeof value === 'boolean'
        ? value
          ? 'yes'
          : 'no'
        : String(value);

/** Those that differ from the defaults first. */
function settingsTable({ settings, defaults }: FinishedRun): Table {
  const entries = Object.entries(settings);
  const isDefault = ([name, value]: [string, unknown]): boolean =>
    JSON.stringify(value) === JSON.stringify(defaults[name]);
  return {
    kind: 'table',
    caption: 'Settings',
    note: 'Those that are not the default first.',
    columns: columns('setting', 'value'),
    rows: [...entries.filter((entry) => !isDefault(entry)), ...entries.filter(isDefault)].map((entry) => [
      cell(words(entry[0])),
      cell(valueText(entry[1]), isDefault(entry) ? { tone: 'missing' } : {}),
    ]),
  };
}

function factsOf(run: FinishedRun): [string, string][] {
  const { samples, classes, parameters, runtime, seconds, digest } = run;
  return [
    ['Samples', `${grouped(samples.train)} to train on, ${grouped(samples.test)} to test on`],
    ...(classes.length === 0 ? [] : [['Classes', classes.join(', ')] as [string, string]]),
    ['Parameters', grouped(parameters)],
    ['Time', `${duration(seconds)}, evaluation included`],
    ['Computed by', runtime],
    ['Digest', `\`${digest}\``],
  ];
}

function epochsTable({ history }: FinishedRun): Table {
  const shown = (value: number | null, text: (value: number) => string) => cell(value === null ? '–' : text(value));
  const loss = (value: number | null) => shown(value, (given) => given.toFixed(4));
  const share = (value: number | null) => shown(value, percent);
  return {
    kind: 'table',
    caption: 'Epochs',
    folded: history.length > 12,
    columns: columns('epoch', '#training loss', '#test loss', '#training accuracy', '#test accuracy', '#seconds'),
    rows: history.map((epoch) => [
      cell(String(epoch.epoch)),
      loss(epoch.trainLoss),
      loss(epoch.testLoss),
      share(epoch.trainAccuracy),
      share(epoch.testAccuracy),
      cell(plainSeconds(epoch.seconds)),
    ]),
  };
}
