// Draws the curves of a run as an SVG picture: node scripts/plot-run.mjs runs/NAME picture.svg
import fs from 'node:fs';
import path from 'node:path';
import * as echarts from 'echarts';

const [run, picture] = process.argv.slice(2);
if (run === undefined || picture === undefined) {
  console.error('usage: node scripts/plot-run.mjs RUN-DIRECTORY PICTURE.svg');
  process.exit(2);
}

const config = JSON.parse(fs.readFileSync(path.join(run, 'config.json'), 'utf8'));
const epochs = fs
  .readFileSync(path.join(run, 'metrics.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
  .filter(({ testLoss }) => testLoss !== undefined);

const KINDS = [
  { key: 'train', name: 'training images', color: '#94a3b8' },
  { key: 'test', name: 'test images', color: '#2563eb' },
];
const CHARTS = [
  { key: 'Loss', title: 'cross-entropy', value: (x) => x, format: (x) => x.toFixed(3), range: { min: 0 } },
  { key: 'Accuracy', title: 'accuracy, %', value: (x) => 100 * x, format: (x) => x.toFixed(2), range: { scale: true } },
];

const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 860, height: 320 });
chart.setOption({
  animation: false,
  backgroundColor: '#ffffff',
  title: [
    { text: `${config.model} on ${config.dataset}`, left: 'center', top: 4, textStyle: { fontSize: 14 } },
    ...CHARTS.map(({ title }, i) => ({
      text: title,
      left: `${5 + 50 * i}%`,
      top: 30,
      textStyle: { fontSize: 12, fontWeight: 'normal' },
    })),
  ],
  legend: { bottom: 0, data: KINDS.map(({ name }) => name) },
  grid: CHARTS.map((_, i) => ({ left: `${6 + 50 * i}%`, width: '37%', top: 60, bottom: 60 })),
  xAxis: CHARTS.map((_, i) => ({
    gridIndex: i,
    type: 'category',
    name: 'epoch',
    nameLocation: 'middle',
    nameGap: 26,
    data: epochs.map(({ epoch }) => epoch),
  })),
  yAxis: CHARTS.map(({ range }, i) => ({ gridIndex: i, type: 'value', ...range })),
  series: CHARTS.flatMap((about, i) =>
    KINDS.map(({ key, name, color }) => ({
      name,
      type: 'line',
      xAxisIndex: i,
      yAxisIndex: i,
      symbol: 'circle',
      symbolSize: 6,
      color,
      data: epochs.map((row) => about.value(row[key + about.key])),
      endLabel: { show: true, formatter: ({ value }) => about.format(value), color },
    })),
  ),
});
fs.writeFileSync(picture, `${chart.renderToSVGString()}\n`);
chart.dispose();
console.log(`${picture}: ${epochs.length} epochs of ${run}`);
