/** The report of one run. */
import { decode } from 'fast-png';
import { beforeAll, describe, expect, test } from 'vitest';
import { DataLoader, init, nn, softmax, type Tensor, TensorDataset, tensor } from '../../src/index.js';
import type { HeatChart, LineChart } from '../../src/report/chart.js';
import { confusionBlocks } from '../../src/report/confusion.js';
import type { Block } from '../../src/report/document.js';
import { htmlOf } from '../../src/report/html.js';
import { judgeClassifier } from '../../src/report/judge.js';
import { judgeNumbers, residualBlocks } from '../../src/report/residuals.js';
import { blocksOf, type FinishedRun } from '../../src/report/run.js';
import { StepCurve } from '../../src/report/stepCurve.js';

beforeAll(async () => {
  await init();
});

const chartsIn = (blocks: readonly Block[]) => blocks.flatMap((block) => (block.kind === 'chart' ? [block.chart] : []));
const epoch = (number: number, testAccuracy: number | null) => ({
  epoch: number,
  trainLoss: 1 / number,
  trainAccuracy: testAccuracy,
  testLoss: 2 / number,
  testAccuracy,
  seconds: 1.5,
  imagesPerSecond: 100,
});
const judgement = { counts: [[8, 2], [0, 5]], worst: [] }; // biome-ignore format: a matrix
const run = (change: Partial<FinishedRun> = {}): FinishedRun => ({
  settings: { model: 'lenet5', hidden: [4, 5], lr: 0.5, seed: 0, normalize: true, dropLast: false, init: null },
  defaults: { model: 'mlp-bn', hidden: [4, 5], lr: 0.1, seed: 0, normalize: false, dropLast: false, init: null },
  model: 'lenet5',
  dataset: 'mnist',
  notes: ['there are <few> of them'],
  classes: ['cat', 'dog'],
  samples: { train: 1200, test: 15 },
  parameters: 61706,
  history: [epoch(1, 0.5), epoch(2, 0.9), epoch(3, 0.8)],
  losses: new StepCurve(),
  steps: 30,
  seconds: 12,
  ended: 'epochs',
  digest: 'ab12',
  runtime: 'Node 20, 1 thread, kernels: simd',
  judgement,
  ...change,
});

describe('StepCurve', () => {
  test('has a point for each step, or the means of bins', () => {
    const curve = new StepCurve();
    expect([curve.first, curve.points()]).toEqual([0, []]);
    for (let step = 1; step <= 3; step++) curve.add(step, step);
    expect([curve.every, curve.points()]).toEqual([1, [[1, 1], [2, 2], [3, 3]]]); // biome-ignore format: points
    const long = new StepCurve();
    for (let step = 11; step <= 511; step++) long.add(step, step);
    expect([long.first, long.every]).toEqual([11, 3]);
    expect(long.points()[0]).toEqual([13, 12]);
    expect(long.points().at(-1)).toEqual([511, 510]);
  });
});

describe('the report of a run', () => {
  test('sums up, and has curves of the epochs', () => {
    const blocks = blocksOf(run());
    const texts = blocks.flatMap((block) => (block.kind === 'text' ? [block.text] : []));
    expect(texts[0]).toBe(
      'Trained for 3 epochs (30 steps) in 12.0 s. 80.00 % of 15 test samples are right, at best 90.00 % (epoch 2).',
    );
    const [loss, accuracy] = chartsIn(blocks) as LineChart[];
    expect(loss!.curves.map(({ name, points }) => [name, points])).toEqual([
      ['training', [[1, 1], [2, 0.5], [3, 0.333333]]],
      ['test', [[1, 2], [2, 1], [3, 0.666667]]],
    ]); // biome-ignore format: points
    expect(accuracy!.y).toEqual({ name: 'accuracy', percent: true });
    expect(blocks.some((block) => block.kind === 'notice' && block.text.includes('<few>'))).toBe(true);
  });

  test('of one epoch has the steps alone; of none, no curve', () => {
    const losses = new StepCurve();
    for (let step = 5; step < 9; step++) losses.add(step, 1);
    const [chart, ...more] = chartsIn(blocksOf(run({ losses, history: [epoch(1, 0.5)], judgement: null })));
    expect(more).toEqual([]);
    expect(chart).toMatchObject({ id: 'steps', caption: 'Each step. From step 5 on, where the run was resumed.' });
    const none = blocksOf(run({ history: [], judgement: null }));
    expect(chartsIn(none)).toEqual([]);
    expect(htmlOf({ title: 'x', blocks: none }, 'program', null)).not.toContain('<script');
  });

  test('lists the settings that are not the default first', () => {
    const table = blocksOf(run()).find((block) => block.kind === 'table' && block.caption === 'Settings');
    const rows = (table as unknown as { rows: { text: string; tone?: string }[][] }).rows;
    expect(rows.map(([name, value]) => [name!.text, value!.text, value!.tone])).toEqual([
      ['model', 'lenet5', undefined],
      ['lr', '0.5', undefined],
      ['normalize', 'yes', undefined],
      ['hidden', '4, 5', 'missing'],
      ['seed', '0', 'missing'],
      ['drop last', 'no', 'missing'],
      ['init', '–', 'missing'],
    ]);
  });

  test('is one page that escapes what it shows', () => {
    const html = htmlOf({ title: 'a <b>', blocks: blocksOf(run({ classes: ['<i>', '"dog"'] })) }, 'program', null);
    expect(html).toContain('<h1>a &#60;b&#62;</h1>');
    expect(html).not.toMatch(/<i>|"dog"|<few>|figures\//);
  });

  test('shows which classes are confused', () => {
    const blocks = confusionBlocks(judgement, ['cat', 'dog']);
    const [chart] = chartsIn(blocks) as HeatChart[];
    expect(chart!.cells.map(({ x, y, value, text }) => [y, x, value, text])).toEqual([
      [0, 0, null, '8'],
      [0, 1, 2, undefined],
      [1, 0, 0, undefined],
      [1, 1, null, '5'],
    ]);
    expect(chart).toMatchObject({ y: { labels: ['cat', 'dog'], down: true } });
    const { rows } = blocks[1] as unknown as { rows: { text: string }[][] };
    expect(rows.map((cells) => cells.map(({ text }) => text))).toEqual([
      ['cat', '10', '80.00 %', 'dog (2)'],
      ['dog', '5', '100.00 %', '–'],
    ]);
    const right = confusionBlocks({ counts: [[1, 0], [0, 1]], worst: [] }, ['a', 'b']); // biome-ignore format: a matrix
    expect(right).toEqual([{ kind: 'text', text: 'All test samples are classified correctly.' }]);
  });
});

describe('a regression', () => {
  test('has R², errors, residuals and the worst samples', async () => {
    const model = new nn.Linear(1, 1);
    model.loadStateDict({ weight: tensor([[2]]), bias: tensor([1]) });
    const dataset = new TensorDataset(tensor([[0], [1], [2], [3]]), tensor([[1], [3], [5], [3]]));
    const loader = new DataLoader(dataset, { batchSize: 3 });
    const judged = await judgeNumbers(model, loader, { name: 'price', mean: 100, std: 10 });
    expect(judged).toEqual({ name: 'price', right: [110, 130, 150, 130], predicted: [110, 130, 150, 170] });
    const blocks = residualBlocks(judged);
    expect(blocks[0]).toEqual({
      kind: 'facts',
      facts: [['R²', '-1.0000'], ['Mean absolute error', '10'], ['Root mean square error', '20']],
    }); // biome-ignore format: facts
    const [chart] = chartsIn(blocks) as LineChart[];
    const points = [[110, 0], [130, 0], [150, 0], [170, 40]]; // biome-ignore format: points
    expect(chart!.curves[0]).toMatchObject({ dots: true, points });
    const { rows } = blocks[2] as unknown as { rows: { text: string }[][] };
    expect(rows[0]!.map(({ text }) => text)).toEqual(['3', '130', '170', '40']);
    expect(blocksOf(run({ judgement: judged, classes: [] }))).toContainEqual(blocks[2]);
    dataset.dispose();
  });
});

describe('judgeClassifier', () => {
  /** Scores that the first pixels of an image are. */
  class First extends nn.Module {
    forward(x: Tensor): Tensor {
      return new nn.Flatten().forward(x).slice(0, 3, { axis: 1 }).mul(9);
    }
  }

  test('counts, and finds the worst samples with their pictures', async () => {
    const images = [[255, 0, 0, 9], [0, 200, 0, 9], [0, 0, 90, 9], [0, 255, 128, 9]]; // biome-ignore format: images
    const labels = [0, 2, 2, 0];
    const x = tensor(images, { shape: [4, 1, 2, 2], dtype: 'uint8' });
    const dataset = new TensorDataset(x, tensor(labels, { dtype: 'int32' }));
    const { counts, worst } = await judgeClassifier(new First(), new DataLoader(dataset, { batchSize: 3 }), 3);
    expect(counts).toEqual([[1, 1, 0], [0, 0, 0], [0, 1, 1]]); // biome-ignore format: a matrix
    expect(worst.map(({ index, right, predicted }) => [index, right, predicted])).toEqual([
      [3, 0, 1],
      [1, 2, 1],
    ]);
    const shares = softmax(tensor([[0, 9, (9 * 128) / 255]]), 1).data();
    expect(worst[0]!.rightShare).toBeCloseTo(shares[0]!, 7);
    expect(worst[0]!.predictedShare).toBeCloseTo(shares[1]!, 6);
    const [, base64] = worst[0]!.picture!.split(',');
    const picture = decode(Buffer.from(base64!, 'base64'));
    expect([picture.width, picture.height, picture.channels, Array.from(picture.data)]).toEqual([2, 2, 1, images[3]]);
    dataset.dispose();
  });

  test('samples that are no images have no picture', async () => {
    const dataset = new TensorDataset(tensor([[1, 2, 3]]), tensor([0], { dtype: 'int32' }));
    const { worst } = await judgeClassifier(new First(), new DataLoader(dataset, { batchSize: 1 }), 3);
    expect(worst).toMatchObject([{ right: 0, predicted: 2, picture: null }]);
    dataset.dispose();
  });
});
