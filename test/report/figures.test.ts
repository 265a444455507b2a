/** The charts of a study, before they are drawn. */
import { describe, expect, test } from 'vitest';
import type { HeatChart, LineChart } from '../../src/report/chart.js';
import { ceiling, drawFigure, meanCurve, strokesOf } from '../../src/report/drawFigures.js';
import { Results } from '../../src/report/outcome.js';
import { logTicks } from '../../src/report/page/axis.js';
import { MANIFEST, RESULTS } from './study.js';

const results = new Results(MANIFEST, RESULTS);
const draw = (id: string) => drawFigure(MANIFEST.study.figures.find((figure) => figure.id === id)!, results);

describe('curves', () => {
  const loss = draw('loss') as LineChart;
  const curve = (name: string) => loss.curves.find((each) => each.name === name)!;

  test('are means over the seeds, at the last step of each bin, in a band from the lowest to the highest', () => {
    expect(curve('plain').points).toEqual([
      [5, 2.02],
      [10, 1.02],
      [15, 0.52],
      [20, 0.27],
    ]);
    expect(curve('plain').band).toEqual([
      [5, 2.01, 2.03],
      [10, 1.01, 1.03],
      [15, 0.51, 0.53],
      [20, 0.26, 0.28],
    ]);
  });

  test('say which seeds diverged, and go on with the others', () => {
    const { points, note } = curve('with <b>BN</b> & "more"');
    expect(note).toBe('1 of 3 diverged, NaN or ∞ after 6 steps');
    expect(points.at(-1)).toEqual([20, expect.closeTo(0.265, 9)]);
    expect(curve('wild').note).toBe('all 3 diverged');
  });

  test('that explode do not flatten the others', () => {
    // The calmest curve keeps below 2.02 in nine tenths of its points: four times that, to two digits.
    expect(loss.y.max).toBe(8.1);
    expect(loss.caption).toContain('Losses above 8.1 lie off the chart.');
    expect(loss.caption).toContain('Each point is the mean of the 5 steps before it.');
  });

  test('against time take the mean of the seeds on both axes', () => {
    const { curves } = draw('accuracy') as LineChart;
    expect(curves[0]!.points).toEqual([
      [2.2, expect.closeTo((0.94 + 0.955 + 0.97) / 3, 6)],
      [4.4, expect.closeTo(0.963333, 6)],
    ]);
    expect(curves[2]!).toMatchObject({
      name: 'late',
      note: '1 of 3 failed, 2 of 3 not at their end',
      points: [[2.1, 0.5]],
      band: [],
    });
  });

  test('without a value make no chart', () => expect(draw('nothing')).toBeNull());
});

test('seeds that stop early leave the later points to the others', () => {
  const at = (place: number, y: number) => ({ at: place, x: place, y });
  expect(meanCurve([[at(1, 1), at(2, 2), at(3, 3)], [at(1, 3)], [at(2, 4), at(3, 5)]])).toEqual({
    points: [
      [1, 2],
      [2, 3],
      [3, 4],
    ],
    band: [
      [1, 1, 3],
      [2, 2, 4],
      [3, 3, 5],
    ],
  });
});

describe('where an axis of losses ends', () => {
  const line = (values: readonly number[]) => ({ points: values.map((y, x) => [x, y] as const) });
  test('nowhere, while none explodes', () =>
    expect(ceiling([line([2.3, 1, 0.5]), line([2.31, 2.3, 2.3])])).toBeUndefined());
  test('a curve that stays at the loss of guessing is in sight beside one that falls at once', () => {
    expect(ceiling([line([0.1, 0.01, 0.01]), line([2.303, 2.303, 1e9])])).toBe(3);
  });
});

describe('strokes', () => {
  const row = (model: 'mlp' | 'mlp-bn' | 'cnn' | 'cnn-bn' | 'lenet5', lr = 0.1) => ({ settings: { model, lr } });
  test('one pair: two colours, without dashed', () => {
    expect(strokesOf([row('mlp'), row('mlp-bn')])).toEqual([
      { color: 0, dash: 'dashed' },
      { color: 1, dash: 'solid' },
    ]);
  });
  test('pairs share a colour; a row without a twin is solid', () => {
    expect(strokesOf([row('mlp'), row('mlp-bn'), row('cnn'), row('cnn-bn'), row('lenet5')])).toEqual([
      { color: 0, dash: 'dashed' },
      { color: 0, dash: 'solid' },
      { color: 1, dash: 'dashed' },
      { color: 1, dash: 'solid' },
      { color: 2, dash: 'solid' },
    ]);
  });
  test('no pairs: colours, then dashes; eighteen without a repeat', () => {
    const strokes = strokesOf(Array.from({ length: 18 }, (_, i) => row('mlp', i)));
    expect(new Set(strokes.map(({ color, dash }) => `${color} ${dash}`)).size).toBe(18);
  });
});

test('a search over two settings is a heat map, low values at the lower left', () => {
  const heat = draw('coarse') as HeatChart;
  expect([heat.x.values, heat.y.values]).toEqual([
    [0.01, 0.1],
    [1e-8, 1e-6],
  ]);
  expect(heat.value).toEqual({ name: 'validation accuracy', percent: true });
  expect(heat.cells).toEqual([
    { x: 0, y: 0, value: 0.42 },
    { x: 0, y: 1, value: 0.25, note: '2 of 3 not at their end' },
    { x: 1, y: 0, value: 0.3 },
    { x: 1, y: 1, value: null, note: 'all 3 not run yet' },
  ]);
});

test('a search over one setting is a line in the order of its values', () => {
  const { x, curves, caption } = draw('rates') as LineChart;
  expect(x.scale).toBe('log');
  expect(curves[0]!.points.map(([lr]) => lr)).toEqual([0.1, 0.1, 1, 50]);
  expect(caption).not.toContain('No figure');
});

describe('ticks of a logarithmic axis', () => {
  test.each([
    [0.02, 3, [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]],
    [1e-6, 2, [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1]],
    [1.9, 7, [2, 3, 4, 5, 6, 7]],
    [2.21, 2.6, [2.3, 2.4, 2.5, 2.6]],
  ])('from %d to %d', (low, high, ticks) => expect(logTicks(low, high)).toEqual(ticks));
});
