/** How far the numbers that a model predicts are off. */
import { type DataLoader, evaluate, mseLoss, type nn } from '../index.js';
import { setting } from '../text/numbers.js';
import type { LineChart } from './chart.js';
import { type Block, cell, columns } from './document.js';

/** What the numbers of the target mean: y = (value − mean) / std. */
export interface TargetScale {
  readonly name: string;
  readonly mean: number;
  readonly std: number;
}

/** Right and predicted values of all samples, in the units of the target. */
export interface NumberJudgement {
  readonly name: string;
  readonly right: readonly number[];
  readonly predicted: readonly number[];
}

/** Points in the chart. */
const MOST_POINTS = 2000;
/** Rows in the table of the largest residuals. */
const MOST_ROWS = 20;

/** Evaluates a regression once more, sample by sample. */
export async function judgeNumbers(
  model: nn.Module,
  loader: DataLoader,
  { name, mean, std }: TargetScale = { name: 'target', mean: 0, std: 1 },
): Promise<NumberJudgement> {
  const [right, predicted]: [number[], number[]] = [[], []];
  await evaluate(model, loader, {
    lossFn: mseLoss,
    onBatch: ({ output, target }) => {
      for (const value of target.view()) right.push(mean + std * value);
      for (const value of output.view()) predicted.push(mean + std * value);
    },
  });
  return { name, right, predicted };
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const short = (value: number): number => Number(value.toPrecision(6));

export function residualBlocks({ name, right, predicted }: NumberJudgement): Block[] {
  const residuals = right.map((value, i) => predicted[i]! - value);
  if (residuals.length === 0) return [{ kind: 'text', text: 'There are no test samples.' }];
  const middle = average(right);
  const squares = average(residuals.map((value) => value * value));
  const spread = average(right.map((value) => (value - middle) ** 2));
  const facts: [string, string][] = [
    ['R²', spread === 0 ? '–' : (1 - squares / spread).toFixed(4)],
    ['Mean absolute error', setting(short(average(residuals.map(Math.abs))))],
    ['Root mean square error', setting(short(Math.sqrt(squares)))],
  ];
  const order = residuals.map((_, i) => i).sort((a, b) => Math.abs(residuals[b]!) - Math.abs(residuals[a]!) || a - b);
  return [
    { kind: 'facts', facts },
    { kind: 'chart', chart: residualChart(name, predicted, residuals) },
    {
      kind: 'table',
      caption: 'The largest residuals',
      columns: columns('#test sample', `#${name}`, '#predicted', '#residual'),
      rows: order
        .slice(0, MOST_ROWS)
        .map((i) => [cell(String(i)), ...[right, predicted, residuals].map((of) => cell(setting(short(of[i]!))))]),
    },
  ];
}

function residualChart(name: string, predicted: readonly number[], residuals: readonly number[]): LineChart {
  const every = Math.ceil(predicted.length / MOST_POINTS);
  const points = predicted
    .flatMap((value, i) => (i % every === 0 ? [[short(value), short(residuals[i]!)] as const] : []))
    .sort(([a], [b]) => a - b);
  const ends = [points[0]!, points.at(-1)!].map(([x]) => [x, 0] as const);
  return {
    kind: 'lines',
    id: 'residuals',
    title: 'Residuals',
    caption: `Predicted minus right value of ${every === 1 ? 'each' : `every ${every}th`} test sample.`,
    x: { name: `predicted ${name}` },
    y: { name: 'residual' },
    curves: [
      { name: 'test samples', color: 0, dash: 'solid', points, band: [], dots: true },
      { name: 'no error', color: 3, dash: 'dashed', points: ends, band: [] },
    ],
  };
}
