/**
 * The roofline of each kernel: how many operations it has for each byte, what that lets it reach, and what it reaches.
 */
import fs from 'node:fs';
import { type Report, type Row, table } from './report.js';
import type { Case } from './work.js';

export interface RooflinePoint {
  readonly name: string;
  /** FLOP for each byte that must be read or written when nothing stays in a cache. */
  readonly intensity: number;
  /** What ends it: the multiplier and adder, or a copy that moves as many bytes. */
  readonly bound: Case['bound'];
  /** GFLOP/s. */
  readonly reached: number;
  readonly limit: number;
}

/** The kernels' rows on one thread, with the portable kernels. */
export function rooflineOf({ rows }: Pick<Report, 'rows'>, cases: readonly Case[]): RooflinePoint[] {
  return rows.flatMap((row: Row) => {
    const { work, flops, bytes, bound } = cases.find(({ name }) => name === row.name) ?? {};
    if (
      work === undefined ||
      ['train', 'infer', 'epoch'].includes(work.kind) ||
      row.threads !== 1 ||
      row.fast ||
      row.wide ||
      row.percentOfCeiling === null
    )
      return [];
    return [
      {
        name: row.name,
        intensity: flops! / bytes!,
        bound: bound!,
        reached: row.gflops,
        limit: (100 * row.gflops) / row.percentOfCeiling,
      },
    ];
  });
}

export function rooflineTable(points: readonly RooflinePoint[]): string {
  return table(
    ['kernel', 'FLOP per byte', 'limited by', 'limit, GFLOP/s', 'reached', 'of the limit'],
    points.map(({ name, intensity, bound, reached, limit }) => [
      name,
      String(Number(intensity.toPrecision(2))),
      bound === 'copy' ? 'copy' : 'multiply and add',
      limit.toPrecision(3),
      reached.toPrecision(3),
      `${((100 * reached) / limit).toFixed(0)} %`,
    ]),
  );
}

/** A colour for each family of kernels, easy to tell apart. */
const PALETTE = [
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#111827',
  '#bcbd22',
  '#17becf',
  '#a3a3a3',
  '#7c3aed',
  '#65a30d',
  '#fb7185',
];

/** Draws the points below the roof: the copy's slope up to the multiplier's level. */
export async function drawRoofline(
  file: string,
  points: readonly RooflinePoint[],
  { ceilings, machine }: Report,
): Promise<void> {
  const echarts = await import('echarts');
  const { mulAddGflops, copyGBps } = ceilings;
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 860, height: 460 });
  const ridge = mulAddGflops! / copyGBps!;
  const [left, right] = [0.05, 500];
  const families = [...new Set(points.map(({ name }) => name.split('/')[0]!))];
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    color: PALETTE,
    title: {
      text: `One thread of ${machine.cpu}, Node ${machine.node}`,
      left: 'center',
      top: 4,
      textStyle: { fontSize: 14 },
    },
    legend: { type: 'plain', bottom: 0, data: families },
    grid: { left: 60, right: 30, top: 40, bottom: 110 },
    xAxis: { type: 'log', name: 'FLOP per byte', nameLocation: 'middle', nameGap: 26, min: left, max: right },
    yAxis: { type: 'log', name: 'GFLOP/s', min: 1, max: 300 },
    series: [
      {
        type: 'line',
        symbol: 'none',
        silent: true,
        color: '#94a3b8',
        data: [
          [left, left * copyGBps!],
          [ridge, mulAddGflops!],
          [right, mulAddGflops!],
        ],
        lineStyle: { width: 2 },
      },
      ...families.map((family) => ({
        name: family,
        type: 'scatter',
        symbolSize: 8,
        data: points
          .filter(({ name }) => name.startsWith(`${family}/`))
          .map(({ intensity, reached }) => [intensity, reached]),
      })),
    ],
  });
  fs.writeFileSync(file, `${chart.renderToSVGString()}\n`);
  chart.dispose();
}
